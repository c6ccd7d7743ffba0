"""The Lambda function that issues tokens over HTTP."""

from zego_service.powertools import load_lazily

load_lazily()
