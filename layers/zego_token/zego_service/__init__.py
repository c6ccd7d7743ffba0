"""The AWS side of the token service: callers, secrets, issuing, telemetry."""
