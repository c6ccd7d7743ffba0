"""The template's state machine, run by moto's interpreter over the function's own handler.

Four things are beyond the interpreter, and are replaced before it gets the definition: batches of
several rows (it gets batches of one), express children (it gets standard ones), JSON Lines (it gets a
JSON array), and the form of the results (it writes none).
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from local.aws import create_stack, create_table
from provisioner.handler import create_handler
from tests.factories import APP_ID, FakeContext
from tests.infrastructure.cloudformation import roster_definition
from zego_service.announcements import Announcements, events_client
from zego_service.bucket import Bucket, s3_client
from zego_service.errors import BucketUnavailableError
from zego_service.grants import Grants
from zego_service.provisioning import Provisioner
from zego_service.rejections import Rejections
from zego_service.rooms import RoomKey
from zego_service.roster_runs import RosterRuns
from zego_service.secret_store import secrets_manager_client
from zego_service.service import token_service
from zego_service.settings import Settings
from zego_service.table import dynamodb_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Payload = dict[str, Any]
Function = Callable[[Payload], Mapping[str, Any]]

INVOKE = (
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils._invoke_lambda_function"
)
ALIAS = "arn:aws:lambda:eu-central-1:123456789012:function:provisioner:live"
SETTINGS = Settings(default_app_id=APP_ID)
HEADER = "user_id,room_id,publish,starts_at,ends_at\n"
GOOD = "{user},demo,true,2026-12-01T09:00:00Z,2026-12-01T10:00:00Z\n"
BAD = "{user},demo,perhaps,2026-12-01T09:00:00Z,2026-12-01T10:00:00Z\n"
THROTTLED = ClientError(
    {
        "Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"},
        "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "1"},  # type: ignore[typeddict-item]
    },
    "Invoke",
)


class Invocations:
    """The function as the state machine calls it: what it was called with, and what the first calls raise."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._one_at_a_time = Lock()
        self.names: set[str] = set()
        self.payloads: list[Payload] = []
        self.failures: list[Exception] = []

    def __call__(self, parameters: Mapping[str, Any], **_client: object) -> dict[str, Any]:
        with self._one_at_a_time:
            self.names.add(parameters["FunctionName"])
            self.payloads.append(json.loads(parameters["Payload"]))
            failure = self.failures.pop() if self.failures else None
            if isinstance(failure, ClientError):  # of the service, which has not called the function
                raise failure
            try:
                if failure is not None:
                    raise failure
                return {"StatusCode": 200, "Payload": dict(self._function(self.payloads[-1]))}
            except Exception as error:  # noqa: BLE001 - as Lambda does
                raised = {"errorType": type(error).__name__, "errorMessage": str(error)}
                return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": raised}


class Rosters:
    """A deployed state machine: what is uploaded starts it, as the rule does."""

    def __init__(self, s3: "S3Client", invocations: Invocations, definition: Mapping[str, Any]) -> None:
        self._s3 = s3
        self._client = boto3.client("stepfunctions")
        self._arn = self._client.create_state_machine(
            name="rosters",
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::123456789012:role/rosters",
        )["stateMachineArn"]
        self.invocations = invocations

    def upload(self, key: str, text: str) -> dict[str, Any]:
        """Upload a roster; returns the event that S3 would emit."""
        put = self._s3.put_object(Bucket=SETTINGS.bucket, Key=key, Body=text.encode())
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": "2026-11-22T03:04:05Z",
            "detail": {
                "bucket": {"name": SETTINGS.bucket},
                "object": {"key": key, "version-id": put["VersionId"]},
            },
        }

    def run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Execute the state machine, and describe how it ended."""
        execution = self._client.start_execution(
            stateMachineArn=self._arn, name="run-1", input=json.dumps(event)
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer: Any = self._client.describe_execution(executionArn=execution["executionArn"])
            if answer["status"] != "RUNNING":
                return {**answer, "output": json.loads(answer.get("output") or "null")}
            time.sleep(0.05)
        raise TimeoutError

    def objects(self) -> dict[str, str]:
        listed = self._s3.list_objects_v2(Bucket=SETTINGS.bucket, Prefix="results/")
        keys = [entry["Key"] for entry in listed.get("Contents", ())]
        return {
            key: self._s3.get_object(Bucket=SETTINGS.bucket, Key=key)["Body"].read().decode() for key in keys
        }


def as_far_as_moto_goes(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without what the interpreter does not know."""
    for state in definition["States"].values():
        if state["Type"] != "Map":
            continue
        batch = state.pop("ItemBatcher")["BatchInput"]
        state["ItemSelector"] = {"BatchInput": batch, "Items": [state["ItemSelector"]]}
        state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = "STANDARD"
        del state["ResultWriter"]["WriterConfig"]
        if state["ItemReader"]["ReaderConfig"]["InputType"] == "JSONL":
            state["ItemReader"]["ReaderConfig"]["InputType"] = "JSON"
    return definition


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    """That of a stack which tolerates a quarter of bad rows."""
    names = {"Bucket": SETTINGS.bucket, "ProvisionerFunctionAliaslive": ALIAS}
    return as_far_as_moto_goes(
        roster_definition(names, RosterToleratedBadPercent="25", ProvisioningConcurrency="3")
    )


@pytest.fixture
def s3() -> "Iterator[S3Client]":
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        create_table()
        create_stack()
        client = boto3.client("s3")
        client.put_bucket_versioning(Bucket=SETTINGS.bucket, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def provisioner(s3: "S3Client") -> Function:  # noqa: ARG001 - it is the embedded AWS
    dynamodb = dynamodb_client(bulk=True)
    announcements = Announcements(events_client(), dynamodb, SETTINGS)
    runs = RosterRuns(Grants(dynamodb, SETTINGS), announcements, Bucket(s3_client(), SETTINGS), SETTINGS)
    bucket = Bucket(s3_client(), SETTINGS)
    service = token_service(SETTINGS, secrets_manager_client(), dynamodb)
    handler = create_handler(Provisioner(service, announcements, Rejections(bucket)), runs)
    return lambda payload: handler(payload, FakeContext())


@pytest.fixture
def rosters(
    s3: "S3Client", provisioner: Function, definition: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Rosters:
    invocations = Invocations(provisioner)
    monkeypatch.setattr(INVOKE, invocations)
    return Rosters(s3, invocations, definition)


def granted(*users: str) -> list[str]:
    """Those of these users who may publish in the room."""
    grants = Grants(dynamodb_client(), SETTINGS)
    found = {user: grants.by_roster(RoomKey(APP_ID, "demo"), user) for user in users}
    return [user for user, grant in found.items() if grant is not None and grant.participant.publish]


def csv(*rows: str) -> str:
    return HEADER + "".join(row.format(user=f"user-{number}") for number, row in enumerate(rows))


def test_the_rows_of_a_csv_file_become_grants(rosters: Rosters) -> None:
    event = rosters.upload("rosters/class.csv", csv(GOOD, GOOD, BAD, GOOD))

    answer = rosters.run(event)

    errors_key = "results/run-1/errors.csv"
    assert answer["status"] == "SUCCEEDED"
    assert answer["output"] == {"granted": 3, "rejected": 1, "accepted": True, "errors_key": errors_key}
    assert granted("user-0", "user-1", "user-2", "user-3") == ["user-0", "user-1", "user-3"]
    (error,) = rosters.objects()[errors_key].splitlines()[1:]
    assert error.startswith("4,publish,")


def test_the_rows_of_a_jsonl_file_become_grants(rosters: Rosters) -> None:
    window = {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}
    records = [
        {"user_id": f"user-{number}", "room_id": "demo", "publish": good, **window}
        for number, good in enumerate((True, True, "perhaps", True))
    ]
    event = rosters.upload("rosters/class.jsonl", json.dumps(records))

    answer = rosters.run(event)

    assert (answer["status"], answer["output"]["granted"]) == ("SUCCEEDED", 3)
    assert granted("user-0", "user-1", "user-2", "user-3") == ["user-0", "user-1", "user-3"]
    (error,) = rosters.objects()[answer["output"]["errors_key"]].splitlines()[1:]
    assert error.startswith("3,publish,")


def test_the_function_is_told_which_row_of_which_roster_it_gets(rosters: Rosters) -> None:
    rosters.run(rosters.upload("rosters/class.csv", csv(GOOD, GOOD)))

    roster = {
        "bucket": SETTINGS.bucket,
        "key": "rosters/class.csv",
        "uploaded_at": "2026-11-22T03:04:05Z",
        "format": "csv",
    }
    _begin, *batches, last = rosters.invocations.payloads
    assert rosters.invocations.names == {ALIAS}
    assert [batch["BatchInput"] for batch in batches] == 2 * [{"roster": roster, "execution": "run-1"}]
    items = sorted((item for batch in batches for item in batch["Items"]), key=lambda item: item["index"])
    assert [(item["index"], item["record"]["user_id"]) for item in items] == [(0, "user-0"), (1, "user-1")]
    assert last == {"summarise": True, "roster": roster, "execution": "run-1", "tolerated_bad_percent": 25}


def test_too_many_bad_rows_fail_the_execution_and_the_good_ones_are_granted(rosters: Rosters) -> None:
    event = rosters.upload("rosters/class.csv", csv(GOOD, BAD, GOOD))

    answer = rosters.run(event)

    assert (answer["status"], answer["error"]) == ("FAILED", "TooManyBadRows")
    assert "2 rows were granted and 1 rejected" in answer["cause"]
    assert "results/run-1/errors.csv" in answer["cause"]
    assert granted("user-0", "user-1", "user-2") == ["user-0", "user-2"]


@pytest.mark.parametrize("name", ["class.xlsx", "class.csv.gz", "csv"])
def test_a_file_of_another_kind_is_rejected(rosters: Rosters, name: str) -> None:
    answer = rosters.run(rosters.upload(f"rosters/{name}", csv(GOOD)))

    assert (answer["status"], answer["output"]["outcome"]) == ("SUCCEEDED", "rejected")
    assert ".csv or .jsonl" in answer["output"]["reason"]
    assert answer["output"]["kept_in"].startswith("rejected/")


@pytest.mark.parametrize("failure", [THROTTLED, BucketUnavailableError(5)])
def test_a_call_that_failed_is_made_again(rosters: Rosters, failure: Exception) -> None:
    rosters.invocations.failures.append(failure)

    answer = rosters.run(rosters.upload("rosters/class.csv", csv(GOOD)))

    assert (answer["status"], answer["output"]["granted"]) == ("SUCCEEDED", 1)
    failed, again, *_others = rosters.invocations.payloads
    assert failed == again


def test_an_execution_reads_the_roster_that_it_was_started_for(rosters: Rosters) -> None:
    event = rosters.upload("rosters/class.csv", csv(GOOD, GOOD))
    rosters.upload("rosters/class.csv", csv(BAD))

    answer = rosters.run(event)

    assert (answer["output"]["granted"], answer["output"]["rejected"]) == (2, 0)


def test_what_belongs_to_an_execution_lies_together(rosters: Rosters) -> None:
    rosters.run(rosters.upload("rosters/class.csv", csv(GOOD)))

    assert any(key.endswith("/manifest.json") for key in rosters.objects())
    assert all(key.startswith("results/run-1/") for key in rosters.objects())
