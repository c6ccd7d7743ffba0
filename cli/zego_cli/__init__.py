"""`zego-token`, the command line: makes, inspects and checks ZEGO tokens, secrets and deployments."""
