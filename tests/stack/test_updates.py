"""Later deployments: parameters, callers with a JWT, code, a second stack, and the end."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import APP_ID, ROOT
from tests.stack.aws import Aws, await_that
from tests.stack.deployed import Stack, deploy, deployed
from tests.stack.user_pool import UserPool, claims_of

LAYERS_SOURCE = ROOT / "layers" / "zego_token" / "zego_service" / "__init__.py"
ORIGIN = "https://app.example.com"


def test_users_come_with_a_jwt_and_go_again(aws: Aws, stack: Stack, tmp_path: Path) -> None:
    # when: the stack is told of an issuer, without its AppID, which it knows
    pool = UserPool(aws)
    given = f"JwtIssuer={pool.issuer} JwtAudience={pool.client_id} CorsAllowOrigins={ORIGIN}"
    done = deploy(aws, STACK=stack.name, PARAMS=given)
    assert done.returncode == 0, done.stdout + done.stderr

    # then: a user gets tokens for itself alone, in rooms that grants or the deployment open; signatures count no more
    jwt = pool.log_in()
    claims = claims_of(jwt)
    assert (claims["client_id"], claims["scope"]) == (pool.client_id, "aws.cognito.signin.user.admin")
    assert "aud" not in claims
    body = {"room_id": "demo", "user_id": pool.user_id}
    assert stack.call("POST", "/v1/tokens", body, jwt=jwt).json["rule"] == "no-grant"
    assert "grant" in pool.run_example(stack, "demo", tmp_path).stderr

    # and: the example of examples/cognito gets the token of a grant
    now = int(time.time())
    booking = {
        "version": 1,
        "room_id": "seminar",
        "revision": 1,
        "starts_at": now - 60,
        "ends_at": now + 3600,
    }
    stack.announce("Zego Room Scheduled", {**booking, "participants": [{"user_id": pool.user_id}]})

    def entered() -> str:
        return pool.run_example(stack, "seminar", tmp_path).stdout

    issued = json.loads(await_that(entered, 60, "the example gets a token"))
    assert (issued["user_id"], issued["room_id"]) == (pool.user_id, "seminar")

    # and: a group is a scope, with a deployment that opens rooms
    done = deploy(aws, STACK=stack.name, PARAMS="UserRooms=any")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.call("POST", "/v1/tokens", body, jwt=jwt).status == 200
    speaking = {**body, "privilege": {"login": True, "publish": True}}
    assert stack.call("POST", "/v1/tokens", speaking, jwt=jwt).json["rule"] == "publish-scope"
    pool.join("zego:publish")
    assert stack.call("POST", "/v1/tokens", speaking, jwt=pool.log_in()).status == 200
    assert stack.call("POST", "/v1/tokens", {**body, "user_id": "bob"}, jwt=jwt).json["rule"] == "own-user"
    assert stack.call("POST", "/v1/tokens", body).status == 401
    assert origins(aws, stack) == [ORIGIN]

    # when: it is deployed with empty values
    done = deploy(aws, STACK=stack.name, PARAMS="JwtIssuer= JwtAudience= CorsAllowOrigins= UserRooms=granted")
    assert done.returncode == 0, done.stdout + done.stderr

    # then: signatures count again
    assert stack.call("POST", "/v1/tokens", {"user_id": "alice"}).status == 200
    assert stack.call("POST", "/v1/tokens", body, jwt=jwt).status in {401, 403}
    assert origins(aws, stack) == []


def origins(aws: Aws, stack: Stack) -> list[str]:
    """The origins whose pages may call the API."""
    identifier = stack.outputs["ApiUrl"].split("//")[1].split(".")[0]
    api = aws.client("apigatewayv2").get_api(ApiId=identifier)
    return list(api.get("CorsConfiguration", {}).get("AllowOrigins", []))


@pytest.fixture
def changed_layer(stack: Stack) -> Iterator[None]:  # noqa: ARG001, the stack is deployed before
    """Source code of the layer that differs, for as long as a test runs."""
    before = LAYERS_SOURCE.read_text()
    LAYERS_SOURCE.write_text(f"{before}\n# changed\n")
    yield
    LAYERS_SOURCE.write_text(before)


@pytest.mark.usefixtures("changed_layer")
def test_a_change_of_the_layer_alone_reaches_the_alias(aws: Aws, stack: Stack) -> None:
    before = live(aws, stack)

    done = deploy(aws, STACK=stack.name)

    assert done.returncode == 0, done.stdout + done.stderr
    after = live(aws, stack)
    assert int(after["Version"]) > int(before["Version"])
    assert after["Layers"] != before["Layers"]
    assert stack.call("POST", "/v1/tokens", {"user_id": "alice"}).status == 200


def live(aws: Aws, stack: Stack) -> dict[str, Any]:
    """The function that the API calls."""
    functions = aws.client("lambda")
    resources = aws.client("cloudformation").describe_stack_resources(StackName=stack.name)
    (name,) = (
        resource["PhysicalResourceId"]
        for resource in resources["StackResources"]
        if resource["LogicalResourceId"] == "TokenApiFunction"
    )
    configuration: dict[str, Any] = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    return configuration


def test_the_same_again_changes_nothing(aws: Aws, stack: Stack) -> None:
    assert deploy(aws, STACK=stack.name).returncode == 0
    before = live(aws, stack)["Version"]

    done = deploy(aws, STACK=stack.name)

    assert (done.returncode, live(aws, stack)["Version"]) == (0, before)
    assert "Nothing has changed." in done.stdout


def test_another_app_is_refused_before_anything_is_built(aws: Aws, stack: Stack) -> None:
    done = deploy(aws, STACK=stack.name, APP_ID="7")

    assert done.returncode != 0
    assert "APP_ID=7 is not the app of the stack" in done.stderr
    assert "Building" not in done.stdout
    assert "Traceback" not in done.stderr


def test_prod_asks_first(aws: Aws) -> None:
    done = deploy(aws, CONFIG="prod", APP_ID=str(APP_ID))

    assert done.returncode != 0
    assert "YES=1" in done.stderr


def test_a_second_stack_of_the_same_app_stands_beside_the_first(
    aws: Aws, stack: Stack, server_secret: str
) -> None:
    # when: prod is deployed, confirmed beforehand
    second = deployed(aws, "zego-tokens-prod", CONFIG="prod", YES="1")

    # then: it has a secret of its own
    assert second.outputs["SecretArn"] != stack.outputs["SecretArn"]
    assert second.call("POST", "/v1/tokens", {"user_id": "alice"}).status == 503
    second.put_secret(server_secret)
    second.await_secret()

    # when: it is deleted, after it was used
    outputs = second.outputs
    second.delete()

    # then: secret and bucket are left, the first stack works, and it can be deployed again
    assert aws.client("secretsmanager").get_secret_value(SecretId=outputs["SecretArn"])["SecretString"]
    aws.client("s3").head_bucket(Bucket=outputs["BucketName"])
    tables = aws.client("dynamodb").list_tables()["TableNames"]
    assert outputs["TableName"] not in tables
    assert stack.outputs["TableName"] in tables
    assert stack.call("POST", "/v1/tokens", {"user_id": "alice"}).status == 200
    again = deployed(aws, "zego-tokens-prod", CONFIG="prod", YES="1")
    assert again.outputs["SecretArn"] != outputs["SecretArn"]


def test_nothing_was_written_into_tracked_files() -> None:
    assert not any(Path(ROOT, name).exists() for name in ("samconfig.yaml", "samconfig.yml"))
    assert "AWS_ENDPOINT_URL" not in os.environ
