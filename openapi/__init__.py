"""The description of the API, as code."""
