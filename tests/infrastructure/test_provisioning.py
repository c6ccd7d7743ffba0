"""What the stack deploys for provisioning: nothing lost, nothing open, nothing wider than it must be."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.infrastructure.cloudformation import (
    PSEUDO,
    as_list,
    of_type,
    roster_definition,
    statements,
    statements_on,
    transformed,
)
from zego_service import announcements, provisioning

HANDLED = [
    provisioning.ROOM_SCHEDULED,
    provisioning.ROOM_UPDATED,
    provisioning.ROOM_CANCELLED,
    provisioning.TOKENS_REQUESTED,
]
EMITTED = {
    announcements.ROOM_PROVISIONED,
    announcements.ROSTER_PROVISIONED,
    announcements.TOKENS_PROVISIONED,
    announcements.REJECTED,
}
BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
EVENT_BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${Bus}"
STATE_MACHINE = (
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-rosters"
)
EXECUTION = STATE_MACHINE.replace(":stateMachine:", ":execution:")
MAPS = ("GrantCsv", "GrantJsonl")


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def properties(name: str, **parameters: str) -> dict[str, Any]:
    found: dict[str, Any] = transformed(**parameters)[name]["Properties"]
    return found


# Events


@pytest.mark.parametrize(
    ("parameters", "bus"), [({}, {"Ref": "EventBus"}), ({"EventBusName": "mine"}, "mine")]
)
def test_the_bus_is_the_stacks_own_or_an_existing_one(parameters: dict[str, str], bus: object) -> None:
    resources = transformed(**parameters)

    created = of_type(resources, "AWS::Events::EventBus")
    assert [own["Name"] for own in created.values()] == ([] if parameters else ["zego-tokens"])
    assert resources["ProvisioningRule"]["Properties"]["EventBusName"] == bus
    assert environment(**parameters)["ZEGO_EVENT_BUS"] == bus
    (put,) = statements_on(resources, "events:PutEvents")
    assert put["Resource"] == {"Fn::Sub": [EVENT_BUS, {"Bus": bus}]}


def environment(**parameters: str) -> dict[str, Any]:
    variables: dict[str, Any] = properties("ProvisionerFunction", **parameters)["Environment"]["Variables"]
    return variables


def test_what_the_provisioner_does_is_routed_to_its_queue_and_nothing_else() -> None:
    rule = properties("ProvisioningRule")

    (target,) = rule["Targets"]
    assert target["Arn"] == arn("ProvisioningQueue")
    assert target["DeadLetterConfig"] == {"Arn": arn("ProvisioningDeadLetterQueue")}
    assert rule["EventPattern"] == {"detail-type": HANDLED}
    assert not EMITTED & set(HANDLED)  # or it would answer itself for ever


def test_events_are_archived_only_where_that_is_asked_for() -> None:
    assert not of_type(transformed(), "AWS::Events::Archive")

    (archive,) = of_type(transformed(ArchiveDays="7", EventBusName="mine"), "AWS::Events::Archive").values()
    assert archive["RetentionDays"] == "7"
    assert archive["SourceArn"] == {"Fn::Sub": [EVENT_BUS, {"Bus": "mine"}]}
    # Tokens that were asked for once are not minted again whenever the archive is replayed.
    rooms = [detail_type for detail_type in HANDLED if detail_type != provisioning.TOKENS_REQUESTED]
    assert archive["EventPattern"] == {"detail-type": rooms}


def test_messages_are_tried_again_and_then_kept_for_a_person() -> None:
    queue, dead = properties("ProvisioningQueue"), properties("ProvisioningDeadLetterQueue")

    assert len(of_type(transformed(), "AWS::SQS::Queue")) == 3
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": arn("ProvisioningDeadLetterQueue"),
        "maxReceiveCount": 5,
    }
    assert queue["VisibilityTimeout"] == 6 * properties("ProvisionerFunction")["Timeout"]
    assert dead["MessageRetentionPeriod"] == 14 * 86_400
    for each in (queue, dead, properties("RosterDeadLetterQueue")):
        # With a key of KMS, EventBridge could not send unless the key's policy let it.
        assert each["SqsManagedSseEnabled"] is True
        assert "KmsMasterKeyId" not in each


def test_messages_come_to_the_alias_and_fail_one_by_one() -> None:
    (source,) = of_type(transformed(), "AWS::Lambda::EventSourceMapping").values()

    assert source["EventSourceArn"] == arn("ProvisioningQueue")
    assert source["FunctionName"] == {"Ref": "ProvisionerFunctionAliaslive"}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 2  # so many of the largest events are done in the function's time


@pytest.mark.parametrize(
    ("policy", "queue", "rules"),
    [
        ("ProvisioningQueuePolicy", "ProvisioningQueue", ["ProvisioningRule"]),
        ("ProvisioningDeadLetterQueuePolicy", "ProvisioningDeadLetterQueue", ["ProvisioningRule"]),
        ("RosterDeadLetterQueuePolicy", "RosterDeadLetterQueue", ["RosterUploadedRule"]),
    ],
)
def test_only_the_stacks_own_rules_send_to_its_queues(policy: str, queue: str, rules: list[str]) -> None:
    found = properties(policy)

    (statement,) = found["PolicyDocument"]["Statement"]
    assert found["Queues"] == [{"Ref": queue}]
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", arn(queue))
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    (sources,) = statement["Condition"].values()
    assert as_list(sources["aws:SourceArn"]) == [arn(rule) for rule in rules]
    senders = [
        rule for rule, each in of_type(transformed(), "AWS::Events::Rule").items() if sends(each, queue)
    ]
    assert senders == rules


def sends(rule: dict[str, Any], queue: str) -> bool:
    return json.dumps(arn(queue)) in json.dumps(rule["Targets"])


def test_what_could_not_be_provisioned_raises_an_alarm() -> None:
    alarm = of_type(transformed(), "AWS::CloudWatch::Alarm")["ProvisioningFailedAlarm"]

    (dimension,) = alarm["Dimensions"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert dimension["Value"] == {"Fn::GetAtt": ["ProvisioningDeadLetterQueue", "QueueName"]}
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert alarm["Statistic"] == "Maximum"


def test_the_concurrency_holds_for_events_and_for_rosters() -> None:
    (source,) = of_type(transformed(ProvisioningConcurrency="37"), "AWS::Lambda::EventSourceMapping").values()
    states = roster_definition(ProvisioningConcurrency="37")["States"]

    assert source["ScalingConfig"] == {"MaximumConcurrency": "37"}
    assert states["Describe"]["Parameters"]["concurrency.$"] == "States.StringToJson('37')"
    assert {states[name]["MaxConcurrencyPath"] for name in MAPS} == {"$.concurrency"}


# What is kept


def test_the_key_is_renewed_and_leaves_its_use_to_iam() -> None:
    key = properties("Key")

    (statement,) = key["KeyPolicy"]["Statement"]
    assert key["EnableKeyRotation"] is True
    assert statement["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert properties("KeyAlias")["TargetKeyId"] == {"Ref": "Key"}


def test_the_bucket_is_private_and_encrypted() -> None:
    bucket = properties("Bucket")

    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_bucket_is_used_over_tls_alone() -> None:
    policy = properties("BucketPolicy")

    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Ref": "Bucket"}
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [BUCKET, {"Fn::Sub": "${Bucket.Arn}/*"}]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_is_in_the_bucket_goes_after_a_time() -> None:
    rules = properties("Bucket", RosterRetentionDays="12")["LifecycleConfiguration"]["Rules"]

    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    (everywhere,) = (rule for rule in rules if "Prefix" not in rule)
    assert all(rule["Status"] == "Enabled" for rule in rules)
    assert expiring == {"rosters/": "12", "results/": "12", "rejected/": "12"}
    assert everywhere["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert everywhere["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize("name", ["Bucket", "BucketPolicy"])
def test_the_bucket_and_its_policy_outlive_the_stack(name: str) -> None:
    bucket = transformed()[name]

    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_nothing_is_open_to_everybody() -> None:
    resources = transformed()
    documents = [
        each["PolicyDocument"]
        for kind in ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy")
        for each in of_type(resources, kind).values()
    ]
    documents += [each["AssumeRolePolicyDocument"] for each in of_type(resources, "AWS::IAM::Role").values()]

    assert len(documents) == 8
    for statement in (each for document in documents for each in document["Statement"]):
        assert statement["Effect"] == "Deny" or set(statement["Principal"]) == {"Service"}
    assert {each["Principal"] for each in of_type(resources, "AWS::Lambda::Permission").values()} == {
        "apigateway.amazonaws.com"
    }
    open_kinds = ("AWS::Lambda::Url", "AWS::Events::EventBusPolicy", "AWS::KMS::Grant")
    assert not any(of_type(resources, kind) for kind in open_kinds)


# Who may do what


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("TokenApiRole", "lambda.amazonaws.com"),
        ("ProvisionerRole", "lambda.amazonaws.com"),
        ("RosterRole", "states.amazonaws.com"),
        ("RosterUploadedRole", "events.amazonaws.com"),
    ],
)
def test_a_role_is_one_services(role: str, service: str) -> None:
    (statement,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert (statement["Principal"], statement["Action"]) == ({"Service": service}, "sts:AssumeRole")
    if service != "lambda.amazonaws.com":  # which takes no role for another account's sake
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": PSEUDO["AWS::AccountId"]}}


@pytest.mark.parametrize(
    ("role", "actions", "resources"),
    [
        ("TokenApiRole", {"kms:Decrypt"}, [arn("Key")]),
        ("ProvisionerRole", {"kms:Decrypt", "kms:GenerateDataKey"}, [arn("Key")]),
        (
            "ProvisionerRole",
            {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
            [arn("ProvisioningQueue")],
        ),
        (
            "ProvisionerRole",
            {"s3:PutObject"},
            [{"Fn::Sub": "${Bucket.Arn}/rejected/*"}, {"Fn::Sub": "${Bucket.Arn}/results/*"}],
        ),
        ("ProvisionerRole", {"s3:GetObject"}, [{"Fn::Sub": "${Bucket.Arn}/results/*"}]),
        ("ProvisionerRole", {"s3:ListBucket"}, [BUCKET]),
        ("RosterRole", {"s3:GetObject", "s3:GetObjectVersion"}, [{"Fn::Sub": "${Bucket.Arn}/rosters/*"}]),
        (
            "RosterRole",
            {"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"},
            [{"Fn::Sub": "${Bucket.Arn}/results/*"}],
        ),
        ("RosterRole", {"lambda:InvokeFunction"}, [{"Ref": "ProvisionerFunctionAliaslive"}]),
        ("RosterRole", {"states:StartExecution"}, [{"Fn::Sub": STATE_MACHINE}]),
        # A map's children are executions of the state machine and the map: NAME/MAP:ID.
        (
            "RosterRole",
            {"states:DescribeExecution", "states:StopExecution"},
            [{"Fn::Sub": f"{EXECUTION}:*"}, {"Fn::Sub": f"{EXECUTION}/*:*"}],
        ),
        ("RosterRole", {"states:RedriveExecution"}, [{"Fn::Sub": f"{EXECUTION}/*:*"}]),
        ("RosterUploadedRole", {"states:StartExecution"}, [{"Ref": "RosterStateMachine"}]),
    ],
)
def test_a_role_may_do_this_to_that_alone(role: str, actions: set[str], resources: list[object]) -> None:
    granting = [
        statement
        for statement in statements(transformed(), role)
        if set(as_list(statement["Action"])) == actions
    ]

    assert [as_list(statement["Resource"]) for statement in granting] == [resources]


def test_no_role_has_more_of_these_services_than_that() -> None:
    services = ("kms", "sqs", "s3", "lambda", "states", "events", "dynamodb")
    counts = {
        role: sum(as_list(each["Action"])[0].startswith(services) for each in statements(transformed(), role))
        for role in of_type(transformed(), "AWS::IAM::Role")
    }

    assert counts == {"TokenApiRole": 5, "ProvisionerRole": 10, "RosterRole": 6, "RosterUploadedRole": 1}


def test_the_provisioner_speaks_in_its_own_name_and_lists_results_alone() -> None:
    (put,) = statements_on(transformed(), "events:PutEvents")
    (listing,) = statements_on(transformed(), "s3:ListBucket")

    assert put["Condition"] == {"StringEquals": {"events:source": announcements.SOURCE}}
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "results/*"}}


# Rosters


def uploaded(bucket: str = "Bucket", key: str = "rosters/class.csv", kind: str = "Object Created") -> Any:
    detail = {"bucket": {"name": bucket}, "object": {"key": key}}
    return {"source": "aws.s3", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        (uploaded(), True),
        (uploaded(key="rosters/2026/class.jsonl"), True),
        (uploaded(key="results/run/errors.csv"), False),
        (uploaded(key="old/rosters/class.csv"), False),
        (uploaded(bucket="another"), False),
        (uploaded(kind="Object Deleted"), False),
    ],
)
def test_an_upload_of_a_roster_starts_the_state_machine(event: Any, starts: bool) -> None:
    rule = properties("RosterUploadedRule")
    pattern = json.dumps(rule["EventPattern"]).replace('{"Ref": "Bucket"}', '"Bucket"')

    assert EventPattern.load(pattern).matches_event(event) is starts


def test_uploads_are_told_of_and_started_with_a_role_of_their_own() -> None:
    rule = properties("RosterUploadedRule")

    (target,) = rule["Targets"]
    assert properties("Bucket")["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert "EventBusName" not in rule  # the default bus alone has S3's events
    assert (target["Arn"], target["RoleArn"]) == ({"Ref": "RosterStateMachine"}, arn("RosterUploadedRole"))
    assert target["DeadLetterConfig"] == {"Arn": arn("RosterDeadLetterQueue")}


def test_an_execution_reads_the_very_version_that_it_was_started_for() -> None:
    states = roster_definition()["States"]

    assert properties("Bucket")["VersioningConfiguration"] == {"Status": "Enabled"}
    assert states["Describe"]["Parameters"]["version_id.$"] == "$.detail.object['version-id']"
    assert {states[name]["ItemReader"]["Parameters"]["VersionId.$"] for name in MAPS} == {"$.version_id"}


def test_nothing_of_a_roster_is_logged() -> None:
    state_machine = properties("RosterStateMachine")

    logging = state_machine["LoggingConfiguration"]
    (destination,) = logging["Destinations"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == arn("RosterLogGroup")
    assert int(properties("RosterLogGroup")["RetentionInDays"]) > 0
    assert state_machine["TracingConfiguration"] == {"Enabled": True}
    assert state_machine["StateMachineType"] == "STANDARD"  # an express one would be over in five minutes


def test_the_state_machine_has_the_name_that_its_role_knows() -> None:
    name = properties("RosterStateMachine")["StateMachineName"]

    assert STATE_MACHINE.endswith(":" + name["Fn::Sub"])


def test_rows_are_granted_in_batches_that_a_function_can_take() -> None:
    states = roster_definition()["States"]

    for name in MAPS:
        batch = states[name]["ItemBatcher"]
        assert batch["MaxItemsPerBatch"] == 500
        assert batch["MaxInputBytesPerBatch"] == 200_000  # of 262,144, which the task adds to
        assert states[name]["ItemProcessor"]["ProcessorConfig"] == {
            "Mode": "DISTRIBUTED",
            "ExecutionType": "EXPRESS",
        }
        assert states[name]["ResultWriter"]["WriterConfig"]["Transformation"] == "COMPACT"


def test_both_kinds_of_rosters_are_treated_alike() -> None:
    states = roster_definition()["States"]
    (csv, csv_reader), (jsonl, jsonl_reader) = (without_what_differs(name, states[name]) for name in MAPS)

    assert csv == jsonl
    assert csv_reader == {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert jsonl_reader == {"InputType": "JSONL"}


def without_what_differs(name: str, state: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A map without its own name and without the configuration of its reader, and that configuration."""
    alike = json.loads(json.dumps(state).replace(f"{name}Batch", "Batch"))
    return alike, alike["ItemReader"].pop("ReaderConfig")


def test_what_is_tried_again_is_over_before_an_express_execution_is() -> None:
    processor = roster_definition()["States"]["GrantCsv"]["ItemProcessor"]
    refused, failed = processor["States"]["GrantCsvBatch"]["Retry"]

    pauses = [failed["IntervalSeconds"] * failed["BackoffRate"] ** n for n in range(failed["MaxAttempts"])]
    seconds = (1 + len(pauses)) * properties("ProvisionerFunction")["Timeout"] + sum(pauses)
    assert failed["ErrorEquals"] == ["States.TaskFailed"]
    assert seconds < 5 * 60
    # A function that is too busy to be called may be asked more often.
    assert "Lambda.TooManyRequestsException" in refused["ErrorEquals"]
    assert refused["MaxAttempts"] > failed["MaxAttempts"]


def followers(state: dict[str, Any]) -> Iterator[str]:
    """The states that can come next; none after the last."""
    yield from (state[field] for field in ("Next", "Default") if field in state)
    yield from (choice["Next"] for choice in (*state.get("Choices", ()), *state.get("Catch", ())))


@pytest.mark.parametrize("inner", [None, *MAPS])
def test_every_state_leads_to_one_that_exists_and_is_led_to(inner: str | None) -> None:
    definition = roster_definition()
    if inner is not None:
        definition = definition["States"][inner]["ItemProcessor"]
    states = definition["States"]

    led_to = {definition["StartAt"], *(name for state in states.values() for name in followers(state))}
    ends = {name for name, state in states.items() if not list(followers(state))}
    assert led_to == states.keys()
    assert all(states[name]["Type"] in ("Succeed", "Fail") or states[name]["End"] for name in ends)


def test_the_linter_finds_nothing_in_the_definition(tmp_path: Path) -> None:
    resource = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/rosters",
            "DefinitionString": json.dumps(roster_definition()),
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"RosterStateMachine": resource}}))

    program = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run(
        [program, "--regions", PSEUDO["AWS::Region"], "--", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_alarms_watch_what_would_fail_in_silence_and_tell_a_topic_that_is_given() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:on-call"
    silent = of_type(transformed(), "AWS::CloudWatch::Alarm")
    loud = of_type(transformed(AlarmTopicArn=topic), "AWS::CloudWatch::Alarm")

    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in loud.values()} == {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/States", "ExecutionsFailed"),
    }
    assert all(alarm["AlarmActions"] == [topic] for alarm in loud.values())
    assert not any("AlarmActions" in alarm for alarm in silent.values())
