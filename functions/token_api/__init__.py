"""The Lambda function that issues tokens over HTTP."""
