"""The account and its stacks, as make's commands have them: errors in the words of make."""

from typing import TYPE_CHECKING

from local.deployment.parameters import APP_ID, DeployError
from zego_cli import aws
from zego_cli.aws import Failure, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

_DEPLOYABLE = {
    *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"),
    *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
}
_MUST_BE_DELETED = {
    *("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "IMPORT_ROLLBACK_FAILED"),
}


class Account(aws.Account):
    """The account and region of the credentials. Its methods raise :class:`DeployError`."""

    def __init__(self, region: str) -> None:
        """Check the credentials. An empty region is that of the profile."""
        super().__init__(region=region or None)
        self.number = self.caller()["Account"]

    def failed(self, failure: Failure) -> Exception:
        region, detail = self.region, failure.detail
        return DeployError(
            {
                "no region": "No region: name one with REGION=eu-central-1, or set AWS_REGION.",
                "no credentials": f"No AWS credentials ({detail}). "
                "Set AWS_PROFILE, or run `aws configure` or `aws sso login`.",
                "bad credentials": f"AWS does not accept the credentials in {region} ({failure.code}). "
                "Check AWS_PROFILE or the keys, and that the region is enabled in the account.",
                "no profile": f"AWS_PROFILE: {detail}.",
                "unreachable": f"AWS cannot be reached in {region}. "
                "Check that the region (REGION=...) exists, and the network.",
                "refused": f"AWS refused in {region}: {detail}",
                "unusable": f"AWS cannot be used in {region or 'any region'}: {detail}",
            }[failure.kind]
        )

    @property
    def cloudformation(self) -> "CloudFormationClient":
        client: CloudFormationClient = self.client("cloudformation")
        return client

    @property
    def secrets(self) -> "SecretsManagerClient":
        client: SecretsManagerClient = self.client("secretsmanager")
        return client

    @property
    def buckets(self) -> "S3Client":
        client: S3Client = self.client("s3")
        return client

    def stack(self, name: str) -> Stack | None:
        """The existing stack, which can be deployed to. None if it is to be created."""
        found = self.found_stack(name)
        if found is None or found.status == "REVIEW_IN_PROGRESS":  # a first change set was never executed
            return None
        self._require_deployable(name, found.status)
        if APP_ID not in found.parameters:
            raise DeployError(f"The stack {name} is not one of this service. Name another with STACK=...")
        return found

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
