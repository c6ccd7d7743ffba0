"""The user's AWS account. boto3 is asked for where it is needed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from zego_cli.errors import NO_KEY, UNREACHABLE, CommandError

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

_NEEDED = "this needs boto3: pip install 'zego-token[aws]', or pip install '.[aws]' in a clone"
BAD_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


class Account:
    """The account of a profile, by default of the environment, in a region."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        """Raises :class:`CommandError` where there is no such profile, or no region."""
        try:
            import boto3
        except ModuleNotFoundError:
            raise CommandError(_NEEDED, NO_KEY) from None
        with aws_errors():
            self._session = boto3.Session(profile_name=profile, region_name=region)
        if not self._session.region_name:
            raise CommandError("no AWS region: use --region, or set AWS_REGION", NO_KEY)
        self.region: str = self._session.region_name

    def client(self, service: str) -> Any:
        """A client that gives up in seconds."""
        from botocore.config import Config

        retries: Any = {"total_max_attempts": 2, "mode": "standard"}
        config = Config(connect_timeout=5, read_timeout=20, retries=retries)
        make: Any = self._session.client
        with aws_errors():
            return make(service, config=config)

    def credentials(self) -> "ReadOnlyCredentials":
        """The keys to sign with. Raises :class:`CommandError` where there are none."""
        with aws_errors():
            found = self._session.get_credentials()
            if found is None:
                raise CommandError(_NO_CREDENTIALS, NO_KEY)
            return found.get_frozen_credentials()

    def secret_text(self, secret_id: str) -> str:
        """The text of a secret in Secrets Manager."""
        with aws_errors():
            answer: Mapping[str, Any] = self.client("secretsmanager").get_secret_value(SecretId=secret_id)
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise CommandError(f"the secret {secret_id} is binary; store it as text", NO_KEY)
        return text

    def put_secret(self, secret_id: str, text: str) -> None:
        """Store a new version of a secret that exists."""
        with aws_errors():
            self.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=text)

    def stack(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """A stack's outputs and parameters."""
        with aws_errors():
            (found,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])}
        return outputs, parameters


_NO_CREDENTIALS = "no AWS credentials: set AWS_PROFILE, or run `aws configure` or `aws sso login`"


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turn boto3's errors into one line."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:
        failure = failure_of(error)
        raise CommandError(_MESSAGES[failure.kind].format(failure.detail), _STATUSES[failure.kind]) from None


Kind = Literal["no credentials", "bad credentials", "no profile", "unreachable", "refused", "unusable"]


class Failure(NamedTuple):
    """Why a call to AWS failed: the kind, and boto3's message in one line."""

    kind: Kind
    detail: str


def failure_of(error: Exception) -> Failure:
    """What kind of failure an error of boto3 is; also for `make deploy`."""
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
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        kind = "no credentials"
    elif isinstance(error, ProfileNotFound):
        kind = "no profile"
    elif isinstance(error, EndpointConnectionError | ConnectTimeoutError | ReadTimeoutError):
        kind = "unreachable"
    elif isinstance(error, ClientError):
        is_bad = error.response["Error"].get("Code") in BAD_CREDENTIALS
        kind = "bad credentials" if is_bad else "refused"
    return Failure(kind, one_line(error))


_MESSAGES: dict[Kind, str] = {
    "no credentials": _NO_CREDENTIALS,
    "bad credentials": "AWS does not accept the credentials: {}",
    "no profile": "{}",
    "unreachable": "AWS cannot be reached: {}",
    "refused": "AWS refused: {}",
    "unusable": "AWS cannot be used: {}",
}
_STATUSES: dict[Kind, int] = {
    "no credentials": NO_KEY,
    "bad credentials": NO_KEY,
    "no profile": NO_KEY,
    "unreachable": UNREACHABLE,
    "refused": UNREACHABLE,
    "unusable": UNREACHABLE,
}


def one_line(error: Exception) -> str:
    """An error's message without line breaks and without a full stop."""
    return " ".join(str(error).split()).removesuffix(".")
