"""Runs the service on one machine: no Docker, no AWS account."""
