"""What the stack deploys: nothing open, nothing unlogged, nothing wider than it must be."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from local.build import code_sha256
from tests.factories import ROOT
from tests.infrastructure.cloudformation import (
    KEY_ARN,
    PSEUDO,
    SECRET_ARN,
    as_list,
    of_type,
    statements,
    statements_on,
    template,
    transformed,
)
from token_api.cors import ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, METHODS
from zego_service.settings import Settings, variable_of

OWN_KEY = {"Fn::GetAtt": ["Key", "Arn"]}
JWT = {"JwtIssuer": "https://issuer.example.com/pool", "JwtAudience": "web,ios"}
VARIANTS: list[dict[str, str]] = [
    {},
    {"ExistingSecretArn": SECRET_ARN, "SecretKmsKeyArn": KEY_ARN},
    {"CorsAllowOrigins": "https://app.example.com,http://localhost:5173"},
    {**JWT, "CorsAllowOrigins": "https://app.example.com"},
    {"EventBusName": "default", "ArchiveDays": "7"},
]
# X-Ray and the delivery of logs know no resources.
ONLY_WILDCARD = {
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("xray:GetSamplingRules", "xray:GetSamplingTargets"),
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"),
    "logs:DescribeLogGroups",
}
# Objects have no names yet, nor have executions.
FOLDERS = {"${Bucket.Arn}/rosters/*", "${Bucket.Arn}/results/*", "${Bucket.Arn}/rejected/*"}
EXECUTION = (
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${AWS::StackName}-rosters"
)
EXECUTIONS = {f"{EXECUTION}:*", f"{EXECUTION}/*:*"}  # the state machine's, and those of its maps' children


@pytest.mark.parametrize("parameters", VARIANTS)
def test_every_function_has_a_log_group_with_retention(parameters: dict[str, str]) -> None:
    resources = transformed(**parameters)
    groups = of_type(resources, "AWS::Logs::LogGroup")
    functions = of_type(resources, "AWS::Lambda::Function")

    assert functions
    for function in functions.values():
        assert int(groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"]) > 0
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
        assert function["TracingConfig"] == {"Mode": "Active"}


def routes(**parameters: str) -> dict[str, dict[str, Any]]:
    found = of_type(transformed(**parameters), "AWS::ApiGatewayV2::Route").values()
    return {route["RouteKey"]: route for route in found}


@pytest.mark.parametrize("parameters", VARIANTS)
def test_no_route_but_health_is_open(parameters: dict[str, str]) -> None:
    found = routes(**parameters)
    kind = "JWT" if "JwtIssuer" in parameters else "AWS_IAM"

    assert {"GET /v1/health", "POST /v1/tokens"} <= found.keys()
    for key, route in found.items():
        if key == "GET /v1/health":
            assert (route["AuthorizationType"], route.get("AuthorizerId")) == ("NONE", None)
        else:
            assert route["AuthorizationType"] == kind
            assert route.get("AuthorizerId") == ({"Ref": "JwtAuthorizer"} if kind == "JWT" else None)


def test_without_an_issuer_there_is_no_jwt_authorizer() -> None:
    assert not of_type(transformed(), "AWS::ApiGatewayV2::Authorizer")


def test_the_authorizer_takes_the_issuers_jwts_for_the_audience_alone() -> None:
    (authorizer,) = of_type(transformed(**JWT), "AWS::ApiGatewayV2::Authorizer").values()

    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"] == {"Issuer": JWT["JwtIssuer"], "Audience": ["web", "ios"]}


def test_the_api_calls_the_alias() -> None:
    resources = transformed()
    (integration,) = of_type(resources, "AWS::ApiGatewayV2::Integration").values()
    (permission,) = of_type(resources, "AWS::Lambda::Permission").values()

    assert integration["IntegrationUri"] == permission["FunctionName"] == {"Ref": "TokenApiFunctionAliaslive"}
    assert "${Api}/*" in permission["SourceArn"]["Fn::Sub"]


@pytest.mark.parametrize("parameters", VARIANTS)
def test_no_permission_is_wider_than_it_must_be(parameters: dict[str, str]) -> None:
    resources = transformed(**parameters)

    assert statements(resources)
    for statement in statements(resources):
        assert not any("*" in action for action in as_list(statement["Action"]))
        for resource in as_list(statement["Resource"]):
            if resource == "*":
                assert set(as_list(statement["Action"])) <= ONLY_WILDCARD
            elif "*" in json.dumps(resource):
                assert resource["Fn::Sub"] in FOLDERS | EXECUTIONS
    for role in of_type(resources, "AWS::IAM::Role").values():
        assert not role.get("ManagedPolicyArns")
    elsewhere = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
    assert not any(of_type(resources, kind) for kind in elsewhere)


def test_the_created_secret_is_the_only_one_that_is_read() -> None:
    resources = transformed()

    (secret,) = of_type(resources, "AWS::SecretsManager::Secret").values()
    readers = statements_on(resources, "secretsmanager:GetSecretValue")
    assert "${ZegoAppId}" in secret["Description"]["Fn::Sub"]  # which tells a person whose it is
    assert not {"SecretString", "GenerateSecretString"} & secret.keys()
    assert [statement["Resource"] for statement in readers] == 2 * [{"Ref": "Secret"}]
    assert resources["Secret"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert all(statement["Resource"] == OWN_KEY for statement in statements_on(resources, "kms:Decrypt"))


@pytest.mark.parametrize("role", ["TokenApiRole", "ProvisionerRole"])
def test_an_existing_secret_and_its_key_are_used_instead(role: str) -> None:
    resources = transformed(ExistingSecretArn=SECRET_ARN, SecretKmsKeyArn=KEY_ARN)

    assert not of_type(resources, "AWS::SecretsManager::Secret")
    (read,) = statements_on(resources, "secretsmanager:GetSecretValue", role)
    decrypt, own = statements_on(resources, "kms:Decrypt", role)
    assert (read["Resource"], decrypt["Resource"], own["Resource"]) == (SECRET_ARN, KEY_ARN, OWN_KEY)
    assert "kms:ViaService" in decrypt["Condition"]["StringEquals"]


def environments(**parameters: str) -> dict[str, dict[str, str]]:
    functions = of_type(transformed(**parameters), "AWS::Lambda::Function")
    return {
        name: {variable: str(value) for variable, value in function["Environment"]["Variables"].items()}
        for name, function in functions.items()
    }


def test_the_environment_is_what_each_function_reads() -> None:
    found = environments(ExistingSecretArn=SECRET_ARN, MaxTtlSeconds="7200", TokenCipher="cbc")

    assert found.keys() == {"TokenApiFunction", "ProvisionerFunction"}
    for environment in found.values():
        settings = Settings.from_environment(environment)
        assert (settings.default_app_id, settings.secret_name) == (1234567890, SECRET_ARN)
        assert (settings.max_ttl_seconds, settings.token_cipher) == (7200, "cbc")


def test_every_variable_that_is_read_is_set_and_no_other() -> None:
    known = {variable_of(setting.name) for setting in fields(Settings)}

    # Powertools reads the name of the service by itself.
    found = {name for environment in environments().values() for name in environment}
    assert found == known | {"POWERTOOLS_SERVICE_NAME"}


def test_cross_origin_calls_are_off_unless_origins_are_named() -> None:
    (closed,) = of_type(transformed(), "AWS::ApiGatewayV2::Api").values()
    (opened,) = of_type(
        transformed(CorsAllowOrigins="https://app.example.com,http://localhost:5173"),
        "AWS::ApiGatewayV2::Api",
    ).values()

    assert "CorsConfiguration" not in closed
    cors = opened["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://app.example.com", "http://localhost:5173"]
    assert "AllowCredentials" not in cors
    assert cors["AllowMethods"] == list(METHODS)
    assert cors["AllowHeaders"] == list(ALLOWED_HEADERS)
    assert cors["ExposeHeaders"] == list(EXPOSED_HEADERS)
    assert cors["MaxAge"] == MAX_AGE_SECONDS


def test_requests_are_throttled_and_logged() -> None:
    (stage,) = of_type(transformed(ThrottlingRateLimit="7"), "AWS::ApiGatewayV2::Stage").values()

    assert int(stage["DefaultRouteSettings"]["ThrottlingRateLimit"]) == 7
    assert int(stage["DefaultRouteSettings"]["ThrottlingBurstLimit"]) > 0
    assert stage["AccessLogSettings"]["DestinationArn"]
    assert "$context.requestId" in stage["AccessLogSettings"]["Format"]


def versions(**parameters: str) -> set[str]:
    return set(of_type(transformed(**parameters), "AWS::Lambda::Version"))


def test_a_change_of_the_layer_alone_reaches_the_aliases() -> None:
    before = versions(layer="s3://bucket/layer-1", CodeSha256="a" * 64)

    assert len(before) == 2
    assert versions(layer="s3://bucket/layer-2", CodeSha256="a" * 64) == before
    assert not versions(layer="s3://bucket/layer-2", CodeSha256="b" * 64) & before


def test_the_hash_covers_functions_and_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.build.ROOT", tmp_path)
    for folder in ("functions", "layers", "docs"):
        (tmp_path / folder / "__pycache__").mkdir(parents=True)
        (tmp_path / folder / "file").write_text("1")
    hashes = [code_sha256()]
    for changed in ("functions/file", "layers/file"):
        (tmp_path / changed).write_text("2")
        hashes.append(code_sha256())
    (tmp_path / "layers/file").rename(tmp_path / "layers/renamed")
    hashes.append(code_sha256())

    assert len(set(hashes)) == 4
    (tmp_path / "docs/file").write_text("2")
    (tmp_path / "layers/__pycache__/file.pyc").write_text("2")
    assert code_sha256() == hashes[-1]


def test_the_layer_is_built_for_the_templates_runtime() -> None:
    makefiles = [(ROOT / folder / "Makefile").read_text() for folder in ("layers/zego_token", "functions")]
    layer = template()["Resources"]["ZegoTokenLayer"]

    function = template()["Globals"]["Function"]
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert layer["Properties"]["CompatibleRuntimes"] == ["python3.13"]
    assert (layer["Metadata"]["BuildMethod"], layer["Metadata"]["BuildArchitecture"]) == ("makefile", "arm64")
    assert "BUILD_PLATFORM ?= arm64" in makefiles[0]
    assert all("3.13" in makefile for makefile in makefiles)


def test_every_function_is_built_from_its_own_package_alone() -> None:
    makefile = (ROOT / "functions/Makefile").read_text()

    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            package = resource["Properties"]["Handler"].partition(".")[0]
            assert resource["Metadata"]["BuildMethod"] == "makefile"
            assert f"build-{name}: PACKAGE := {package}\n" in makefile


def test_the_outputs_say_how_to_go_on() -> None:
    outputs = template()["Outputs"]

    assert {"ApiUrl", "SecretArn", "PutSecretCommand"} <= outputs.keys()
    assert "put-secret-value" in outputs["PutSecretCommand"]["Value"]["Fn::Sub"][0]
    assert {"EventBusName", "BucketName", "RosterStateMachineArn"} <= outputs.keys()
    assert {"ProvisioningQueueUrl", "ProvisioningDeadLetterQueueUrl"} <= outputs.keys()
    for queue in ("ProvisioningQueue", "ProvisioningDeadLetterQueue", "RosterDeadLetterQueue"):
        assert outputs[f"{queue}Arn"]["Value"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert " s3://${Bucket}/rosters/ " in outputs["RosterUploadCommand"]["Value"]["Fn::Sub"]


@pytest.mark.exploration
@pytest.mark.parametrize("command", [["cfn-lint", "template.yaml"], ["sam", "validate", "--lint"]])
def test_the_linters_find_nothing(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_CLI_TELEMETRY", "0")
    monkeypatch.setenv("AWS_DEFAULT_REGION", PSEUDO["AWS::Region"])

    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("reserved", "property_value"), [("0", None), ("20", "20")])
def test_concurrency_is_reserved_for_the_token_api_where_that_is_asked_for(
    reserved: str, property_value: str | None
) -> None:
    functions = of_type(transformed(TokenApiReservedConcurrency=reserved), "AWS::Lambda::Function")

    assert functions["TokenApiFunction"].get("ReservedConcurrentExecutions") == property_value
    assert "ReservedConcurrentExecutions" not in functions["ProvisionerFunction"]
