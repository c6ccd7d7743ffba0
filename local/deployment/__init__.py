"""The parts of `make deploy`."""
