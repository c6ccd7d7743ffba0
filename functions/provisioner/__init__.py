"""The Lambda function that turns events and rosters into grants and tokens."""

from zego_service.powertools import load_lazily

load_lazily()
