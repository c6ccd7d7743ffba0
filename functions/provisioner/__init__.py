"""The Lambda function that turns events and rosters into grants and tokens."""
