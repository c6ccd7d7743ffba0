"""The user's AWS account, also for make's commands. boto3 is asked for where it is needed."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from zego_cli.errors import NO_KEY, UNREACHABLE, CommandError

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

_NEEDED = "this needs boto3: pip install 'zego-token[aws]', or pip install '.[aws]' in a clone"
_BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
Kind = Literal[
    "no region", "no credentials", "bad credentials", "no profile", "unreachable", "refused", "unusable"
]
_MESSAGES: dict[Kind, str] = {
    "no region": "no AWS region: use --region, or set AWS_REGION",
    "no credentials": "no AWS credentials: set AWS_PROFILE, or run `aws configure` or `aws sso login`",
    "bad credentials": "AWS does not accept the credentials: {}",
    "no profile": "{}",
    "unreachable": "AWS cannot be reached: {}",
    "refused": "AWS refused: {}",
    "unusable": "AWS cannot be used: {}",
}
_UNREACHABLE: set[Kind] = {"unreachable", "refused", "unusable"}


class Failure(NamedTuple):
    """Why AWS cannot be used: the kind, boto3's message in one line, and AWS's code, if it answered."""

    kind: Kind
    detail: str = ""
    code: str = ""


@dataclass(frozen=True)
class Stack:
    """An existing stack."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    status: str = ""


class Account:
    """The account of a profile, by default of the environment, in a region.

    Its methods raise what :meth:`failed` makes of a failure.
    """

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        """Raises where there is no such profile, or no region."""
        try:
            import boto3
        except ModuleNotFoundError:
            raise CommandError(_NEEDED, NO_KEY) from None
        self.region = region or ""
        with self.errors():
            self._session = boto3.Session(profile_name=profile, region_name=region)
        self.region = self._session.region_name or ""
        if not self.region:
            raise self.failed(Failure("no region"))

    def failed(self, failure: Failure) -> Exception:
        """The error that ends the command."""
        status = UNREACHABLE if failure.kind in _UNREACHABLE else NO_KEY
        return CommandError(_MESSAGES[failure.kind].format(failure.detail), status)

    @contextmanager
    def errors(self, passing: Collection[str] = ()) -> Iterator[None]:
        """Turn boto3's errors into one line, except those of AWS with a code that is passed on."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as error:
            failure = failure_of(error)
            if failure.code in passing:
                raise
            raise self.failed(failure) from None

    def client(self, service: str) -> Any:
        """A client that gives up in seconds: the default timeouts take minutes."""
        from botocore.config import Config

        retries: Any = {"total_max_attempts": 3, "mode": "standard"}
        config = Config(connect_timeout=5, read_timeout=30, retries=retries)
        make: Any = self._session.client
        with self.errors():
            return make(service, config=config)

    def credentials(self) -> "ReadOnlyCredentials":
        """The keys to sign with."""
        with self.errors():
            found = self._session.get_credentials()
            if found is None:
                raise self.failed(Failure("no credentials"))
            return found.get_frozen_credentials()

    def caller(self) -> Mapping[str, str]:
        """Whose the credentials are: ``Account`` and ``Arn``. Raises where AWS does not accept them."""
        with self.errors():
            identity: Mapping[str, str] = self.client("sts").get_caller_identity()
        return identity

    def found_stack(self, name: str) -> Stack | None:
        """A stack; None where there is none of that name."""
        from botocore.exceptions import ClientError

        try:
            with self.errors(passing={"ValidationError"}):
                (found,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise self.failed(failure_of(error)) from None
        outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])}
        return Stack(name, parameters, outputs, found.get("StackStatus", ""))

    def existing_stack(self, name: str) -> Stack:
        """A stack that must exist."""
        found = self.found_stack(name)
        if found is None:
            raise self.failed(Failure("refused", f"the stack {name} does not exist in {self.region}"))
        return found

    def has_secret(self, secret_id: str) -> bool:
        """Whether a secret has a value; False where that cannot be seen."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            secret = self.client("secretsmanager").describe_secret(SecretId=secret_id)
        except (BotoCoreError, ClientError):  # the person who asks may lack access to the secret
            return False
        return bool(secret.get("VersionIdsToStages"))

    def secret_text(self, secret_id: str) -> str:
        """The text of a secret in Secrets Manager."""
        with self.errors():
            answer: Mapping[str, Any] = self.client("secretsmanager").get_secret_value(SecretId=secret_id)
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise CommandError(f"the secret {secret_id} is binary; store it as text", NO_KEY)
        return text

    def put_secret(self, secret_id: str, text: str) -> None:
        """Store a new version of a secret that exists."""
        with self.errors():
            self.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=text)


def failure_of(error: Exception) -> Failure:
    """What kind of failure an error of boto3 is."""
    from botocore.exceptions import (
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
        ReadTimeoutError,
    )

    kind: Kind = "unusable"  # the last resort, also where AWS_ENDPOINT_URL is no URL
    code = ""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        kind = "no credentials"
    elif isinstance(error, ProfileNotFound):
        kind = "no profile"
    elif isinstance(error, EndpointConnectionError | ConnectTimeoutError | ReadTimeoutError):
        kind = "unreachable"
    elif isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        kind = "bad credentials" if code in _BAD_CREDENTIALS else "refused"
    return Failure(kind, " ".join(str(error).split()).removesuffix("."), code)
