"""Tokens for callers: what may be asked for, who may get what, quotas, revocations, the audit log."""
