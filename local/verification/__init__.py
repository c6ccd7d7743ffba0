"""The parts of `make verify-live`."""
