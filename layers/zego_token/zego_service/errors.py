"""Why the service cannot do what it was asked. ``detail`` is for the caller, and holds nothing secret."""

RETRY_SECONDS = 5  # how soon it makes sense to ask again after an outage


class ServiceError(Exception):
    """Base of the service's errors.

    ``reason`` is the stable name of the cause. ``field`` is the part of the request at fault, if
    there is one. ``retry_after`` is the number of seconds after which trying again makes sense, if it
    does. ``rule`` is the rule of the policy that forbids the request, if one does.
    """

    reason = "failed"
    retry_after: int | None = None
    rule: str | None = None

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class InvalidRequestError(ServiceError):
    """The request contradicts itself or the limits of its product."""

    reason = "invalid_request"


class NotEntitledError(ServiceError):
    """The request is well-formed, but goes beyond what the caller or the deployment may have."""

    reason = "not_entitled"

    def __init__(self, detail: str, field: str | None, rule: str, retry_after: int | None = None) -> None:
        super().__init__(detail, field)
        self.rule = rule
        self.retry_after = retry_after


class NotFoundError(ServiceError):
    """What was asked for does not exist, or not for this caller."""

    reason = "not_found"


class UnknownAppError(NotFoundError):
    """The app is not the deployment's own, and there is no secret for it that may be read."""

    reason = "unknown_app"

    def __init__(self) -> None:
        super().__init__("no app with this app_id is served here", "app_id")


class NotProvisionedError(NotFoundError):
    """There is no token for this request and user, or no longer."""

    reason = "not_provisioned"

    def __init__(self) -> None:
        super().__init__("no token is provisioned for this request and user", "request_id")


class UnavailableError(ServiceError):
    """Something that is needed cannot be used at the moment. Trying again makes sense."""

    reason = "unavailable"

    def __init__(self, retry_after: int = RETRY_SECONDS) -> None:
        super().__init__("the token service is temporarily unavailable")
        self.retry_after = retry_after


class OutOfTimeError(UnavailableError):
    """An item of a batch could not be looked at before the request had to be answered."""

    reason = "out_of_time"

    def __init__(self) -> None:
        super().__init__()
        self.detail = "there was no time left for this item; send it again"


class OutageError(UnavailableError):
    """A call to AWS failed. ``cause`` is AWS's error code, or the name of what went wrong on the way."""

    def __init__(self, cause: str) -> None:
        super().__init__()
        self.cause = cause


class SecretUnavailableError(UnavailableError):
    """The secret cannot be read."""

    reason = "secret_unavailable"


class SecretMissingError(UnavailableError):
    """The deployment's own app has no ServerSecret: none was put yet, or it was deleted."""

    reason = "secret_missing"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.detail = "this deployment has no ServerSecret for its app; its operator must put one"


class RevocationsUnavailableError(UnavailableError):
    """The revocations cannot be read or written."""

    reason = "revocations_unavailable"


class GrantsUnavailableError(UnavailableError):
    """Rooms, grants, tokens minted ahead or announcements cannot be read or written."""

    reason = "grants_unavailable"


class BucketUnavailableError(UnavailableError):
    """The bucket cannot be read or written."""

    reason = "bucket_unavailable"


class KeyUnavailableError(UnavailableError):
    """The KMS key cannot be used."""

    reason = "key_unavailable"


class AnnouncementFailedError(UnavailableError):
    """EventBridge did not accept an event."""

    reason = "announcement_failed"


class SecretMalformedError(ServiceError):
    """The stored secret is not a ServerSecret. ``fault`` tells the operator why, without showing it."""

    reason = "secret_malformed"

    def __init__(self, fault: str) -> None:
        super().__init__("the token service is misconfigured")
        self.fault = fault


class QuotaExceededError(ServiceError):
    """The caller has reached its limit for this minute."""

    reason = "quota_exceeded"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(f"you may get {limit} tokens a minute")
        self.retry_after = retry_after


class TooManyRevocationsError(ServiceError):
    """The app has reached its limit of active revocations."""

    reason = "too_many_revocations"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} revocations may be in force at a time")
