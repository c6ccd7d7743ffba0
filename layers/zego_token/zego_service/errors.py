"""Why a token is not issued. ``detail`` is for the caller, and holds nothing secret."""


class IssueError(Exception):
    """Base of this module's errors.

    ``reason`` is the stable name of the cause, ``field`` the part of the request at fault, if
    there is one, ``retry_after`` the seconds after which trying again makes sense, if it does, and
    ``rule`` the rule of the policy that forbids it, if one does.
    """

    reason: str
    retry_after: int | None = None
    rule: str | None = None

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class InvalidRequestError(IssueError):
    """The request contradicts itself or the limits of its product."""

    reason = "invalid_request"


class NotEntitledError(IssueError):
    """The request is well-formed, but goes beyond what the caller or the deployment may have."""

    reason = "not_entitled"

    def __init__(self, detail: str, field: str | None, rule: str, retry_after: int | None = None) -> None:
        super().__init__(detail, field)
        self.rule = rule
        self.retry_after = retry_after


class UnknownAppError(IssueError):
    """The app is not the deployment's own, and there is no secret for it that may be read."""

    reason = "unknown_app"

    def __init__(self) -> None:
        super().__init__("no app with this app_id is served here", "app_id")


class NotProvisionedError(IssueError):
    """There is no token for this request and user, or no longer."""

    reason = "not_provisioned"

    def __init__(self) -> None:
        super().__init__("no token is provisioned for this request and user", "request_id")


class UnavailableError(IssueError):
    """Something that is needed cannot be had at the moment."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the token service is temporarily unavailable")
        self.retry_after = retry_after


class SecretUnavailableError(UnavailableError):
    """The secret cannot be had."""

    reason = "secret_unavailable"


class SecretMissingError(UnavailableError):
    """The deployment's own app has no ServerSecret: none was put yet, or it was deleted."""

    reason = "secret_missing"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.detail = "this deployment has no ServerSecret for its app; its operator must put one"


class RevocationsUnavailableError(UnavailableError):
    """It cannot be known who has been revoked."""

    reason = "revocations_unavailable"


class GrantsUnavailableError(UnavailableError):
    """It cannot be read or written who may join which room."""

    reason = "grants_unavailable"


class BucketUnavailableError(UnavailableError):
    """The bucket cannot be read or written."""

    reason = "bucket_unavailable"


class KeyUnavailableError(UnavailableError):
    """The KMS key cannot be used."""

    reason = "key_unavailable"


class AnnouncementFailedError(UnavailableError):
    """EventBridge did not take an event."""

    reason = "announcement_failed"


class SecretMalformedError(IssueError):
    """The stored secret is no ServerSecret. ``fault`` tells the operator why, without showing it."""

    reason = "secret_malformed"

    def __init__(self, fault: str) -> None:
        super().__init__("the token service is misconfigured")
        self.fault = fault


class QuotaExceededError(IssueError):
    """The caller has had its tokens for this minute."""

    reason = "quota_exceeded"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(f"you may get {limit} tokens a minute")
        self.retry_after = retry_after


class TooManyRevocationsError(IssueError):
    """The app has as many revocations in force as there may be."""

    reason = "too_many_revocations"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} revocations may be in force at a time")
