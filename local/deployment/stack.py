"""The account and the existing stack: credentials, region, parameters."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.deployment.parameters import APP_ID, DeployError
from zego_cli.aws import BAD_CREDENTIALS, failure_of, one_line

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# An unknown host must be reported in seconds. The default timeouts take minutes.
CLIENT = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
_DEPLOYABLE = {
    *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"),
    *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
}
_MUST_BE_DELETED = {
    *("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_FAILED"),
}


@dataclass(frozen=True)
class Stack:
    """An existing stack."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


class Account:
    """The account and region of the credentials."""

    def __init__(self, region: str) -> None:
        """Check the credentials. Raises :class:`DeployError` if there are none that work."""
        with aws_errors(region):
            self._session = boto3.Session(region_name=region or None)
            self.region: str = self._session.region_name or ""
            if not self.region:
                raise DeployError("No region: name one with REGION=eu-central-1, or set AWS_REGION.")
        self.number = self._caller_account()

    def _caller_account(self) -> str:
        try:
            with aws_errors(self.region, passing=BAD_CREDENTIALS):
                return self._session.client("sts", config=CLIENT).get_caller_identity()["Account"]
        except ClientError as error:
            raise DeployError(
                f"AWS does not accept the credentials in {self.region} ({error.response['Error']['Code']}). "
                "Check AWS_PROFILE or the keys, and that the region is enabled in the account."
            ) from None

    @property
    def cloudformation(self) -> "CloudFormationClient":
        return self._session.client("cloudformation", config=CLIENT)

    @property
    def secrets(self) -> "SecretsManagerClient":
        return self._session.client("secretsmanager", config=CLIENT)

    @property
    def buckets(self) -> "S3Client":
        return self._session.client("s3", config=CLIENT)

    def has_secret(self, arn: str) -> bool:
        """Whether a secret has a value; False where that cannot be seen."""
        try:
            secret = self.secrets.describe_secret(SecretId=arn)
        except (BotoCoreError, ClientError):  # the person who deploys may lack access to the secret
            return False
        return bool(secret.get("VersionIdsToStages"))

    def secret_text(self, arn: str) -> str:
        """The text of a secret. Raises :class:`DeployError`."""
        with aws_errors(self.region):
            return self.secrets.get_secret_value(SecretId=arn)["SecretString"]

    def stack(self, name: str) -> Stack | None:
        """The existing stack. None if it is to be created."""
        try:
            with aws_errors(self.region, passing={"ValidationError"}):
                (found,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise DeployError(one_line(error)) from None
        if found["StackStatus"] == "REVIEW_IN_PROGRESS":  # an earlier first change set was never executed
            return None
        self._require_deployable(name, found["StackStatus"])
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])}
        if APP_ID not in parameters:
            raise DeployError(f"The stack {name} is not one of this service. Name another with STACK=...")
        outputs = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}
        return Stack(name, parameters, outputs)

    def _require_deployable(self, name: str, status: str) -> None:
        if status in _DEPLOYABLE:
            return
        begin = f"The stack {name} is in state {status}."
        where = f"--stack-name {name} --region {self.region}"
        if status in _MUST_BE_DELETED:
            raise DeployError(
                f"{begin} It cannot be updated. Delete it, then deploy again: "
                f"aws cloudformation delete-stack {where}"
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise DeployError(
                f"{begin} Finish the rollback, then deploy again: "
                f"aws cloudformation continue-update-rollback {where}"
            )
        raise DeployError(f"{begin} Wait until that has ended, then deploy again.")


@contextmanager
def aws_errors(region: str, passing: Collection[str] = ()) -> Iterator[None]:
    """Say in one line what is wrong with the credentials, the region or the call."""
    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:
        if isinstance(error, ClientError) and error.response["Error"].get("Code", "") in passing:
            raise
        kind, detail = failure_of(error)
        raise DeployError(
            {
                "no credentials": f"No AWS credentials ({detail}). "
                "Set AWS_PROFILE, or run `aws configure` or `aws sso login`.",
                "no profile": f"AWS_PROFILE: {detail}.",
                "unreachable": f"AWS cannot be reached in {region}. "
                "Check that the region (REGION=...) exists, and the network.",
                "bad credentials": f"AWS refused in {region}: {detail}",
                "refused": f"AWS refused in {region}: {detail}",
                "unusable": f"AWS cannot be used in {region or 'any region'}: {detail}",
            }[kind]
        ) from None
