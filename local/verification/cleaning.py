"""Deletes a stack that was deployed for a verification, and what CloudFormation leaves of it."""

from botocore.exceptions import ClientError

from local.deployment.parameters import DeployError
from local.deployment.stack import Account
from local.terminal import step
from zego_cli.aws import Stack

_RECOVERY_DAYS = 7


def clean_up(account: Account, stack: Stack) -> str:
    """Delete the stack, its secret and its bucket. Returns what happened, a line each."""
    with step(f"Deleting the stack {stack.name}"), account.errors():
        account.cloudformation.delete_stack(StackName=stack.name)
        account.cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack.name, WaiterConfig={"Delay": 5, "MaxAttempts": 240}
        )
    is_own_secret = not stack.parameters.get("ExistingSecretArn")
    secret = _without_secret(account, stack) if is_own_secret else "The secret is yours, and stays."
    return "\n".join((f"The stack {stack.name} is deleted.", secret, _without_bucket(account, stack)))


def _without_secret(account: Account, stack: Stack) -> str:
    try:
        with account.errors(passing={"ResourceNotFoundException"}):
            account.secrets.delete_secret(
                SecretId=stack.outputs["SecretArn"], RecoveryWindowInDays=_RECOVERY_DAYS
            )
    except ClientError:
        return "The secret is deleted."
    except DeployError as error:
        return f"The secret {stack.outputs['SecretArn']} is left: {error}"
    return f"The secret is deleted in {_RECOVERY_DAYS} days. Until then, AWS can restore it."


def _without_bucket(account: Account, stack: Stack) -> str:
    name = stack.outputs["BucketName"]
    try:
        with account.errors(passing={"NoSuchBucket"}):
            account.buckets.delete_bucket(Bucket=name)
    except ClientError:
        pass  # it was never made
    except DeployError as error:
        return f"The bucket {name} is left: {error}"
    return "The bucket is deleted."
