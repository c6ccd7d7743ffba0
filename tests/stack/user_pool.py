"""The user pool of examples/cognito, with one user, and its example."""

import base64
import json
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.factories import ROOT
from tests.stack.aws import ENVIRONMENT, REGION, Aws
from tests.stack.deployed import Stack

EXAMPLES = ROOT / "examples"
# As docs/clients.md has it.
DEPLOY = "aws cloudformation deploy --stack-name zego-users --template-file examples/cognito/user-pool.yaml"
USER, PASSWORD = "alice@example.com", "Passw0rd!"


class UserPool:
    """A user pool of its own stack."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        deploy = [str(ENVIRONMENT / "bin" / "python"), "-m", "awscli", *DEPLOY.split()[1:]]
        subprocess.run(deploy, cwd=ROOT, env=aws.environment, capture_output=True, check=True)
        (made,) = aws.client("cloudformation").describe_stacks(StackName="zego-users")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
        self.issuer, self.client_id = outputs["JwtIssuer"], outputs["JwtAudience"]
        self._named = {"UserPoolId": outputs["UserPoolId"], "Username": USER}
        self._cognito = aws.client("cognito-idp")
        self._cognito.admin_create_user(**self._named, MessageAction="SUPPRESS")
        self._cognito.admin_set_user_password(**self._named, Password=PASSWORD, Permanent=True)

    @cached_property
    def user_id(self) -> str:
        """The user's ``sub``, which is its id at ZEGO."""
        attributes = self._cognito.admin_get_user(**self._named)["UserAttributes"]
        return next(str(each["Value"]) for each in attributes if each["Name"] == "sub")

    def join(self, group: str) -> None:
        """Make the user a member of a group."""
        self._cognito.admin_add_user_to_group(**self._named, GroupName=group)

    def log_in(self) -> str:
        """The user's JWT."""
        answer = self._cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": USER, "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"]["AccessToken"])

    def run_example(self, stack: Stack, room: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        """Sign in and ask for a token with the example, from a copy in a folder."""
        identifier = stack.outputs["ApiUrl"].split("//")[1].split(".")[0]
        ignored = shutil.ignore_patterns("node_modules", "dist")
        examples = shutil.copytree(EXAMPLES, folder / "examples", ignore=ignored, dirs_exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "API_URL": f"{self._aws.url}/_aws/execute-api/{identifier}/$default",
            "COGNITO_URL": f"{self._aws.url}/",
            "AWS_REGION": REGION,
            "CLIENT_ID": self.client_id,
            "PASSWORD": PASSWORD,
        }
        node, program = Path(sys.executable).with_name("node"), examples / "cognito" / "get-token.mjs"
        command = [str(node), str(program), USER, room]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )


def claims_of(jwt: str) -> dict[str, Any]:
    """What a JWT says."""
    middle = jwt.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims
