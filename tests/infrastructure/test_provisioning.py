"""What the stack deploys for provisioning: nothing lost, nothing open, nothing wider than it must be."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.infrastructure.cloudformation import (
    as_list,
    of_type,
    roster_definition,
    statements_on,
    transformed,
)
from tests.infrastructure.provisioning_resources import (
    BUCKET,
    EVENT_BUS,
    MAPS,
    arn,
    properties,
)
from zego_service.provisioning import announcements, provisioner

HANDLED = [
    provisioner.ROOM_SCHEDULED,
    provisioner.ROOM_UPDATED,
    provisioner.ROOM_CANCELLED,
    provisioner.TOKENS_REQUESTED,
]
EMITTED = {
    announcements.ROOM_PROVISIONED,
    announcements.ROSTER_PROVISIONED,
    announcements.TOKENS_PROVISIONED,
    announcements.REJECTED,
}


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


@pytest.mark.parametrize(
    ("source", "detail_type", "rules"),
    [
        *(("com.example.booking", name, ["ProvisioningRule"]) for name in HANDLED),
        *(("com.example.booking", name, ["UnknownEventsRule"]) for name in ("Zego Room scheduled", "x")),
        *((announcements.SOURCE, name, []) for name in sorted(EMITTED)),
        (announcements.SOURCE, "Zego Room scheduled", []),
        ("zego-token-service2", announcements.REJECTED, ["UnknownEventsRule"]),
    ],
)
def test_on_its_own_bus_each_event_goes_one_way_but_for_what_the_stack_announces(
    source: str, detail_type: str, rules: list[str]
) -> None:
    event: Any = {"source": source, "detail-type": detail_type, "detail": {}}
    on_the_bus = {
        name: rule["EventPattern"]
        for name, rule in of_type(transformed(), "AWS::Events::Rule").items()
        if "EventBusName" in rule
    }

    matching = [
        name
        for name, pattern in on_the_bus.items()
        if EventPattern.load(json.dumps(pattern)).matches_event(event)
    ]

    assert matching == rules


def test_a_shared_bus_has_no_rule_for_the_events_of_others() -> None:
    assert "UnknownEventsRule" not in transformed(EventBusName="shared")


def test_events_are_archived_only_where_that_is_asked_for() -> None:
    assert not of_type(transformed(), "AWS::Events::Archive")

    (archive,) = of_type(transformed(ArchiveDays="7", EventBusName="mine"), "AWS::Events::Archive").values()
    assert archive["RetentionDays"] == "7"
    assert archive["SourceArn"] == {"Fn::Sub": [EVENT_BUS, {"Bus": "mine"}]}
    # Tokens that were asked for once are not minted again whenever the archive is replayed.
    rooms = [detail_type for detail_type in HANDLED if detail_type != provisioner.TOKENS_REQUESTED]
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
        ("ProvisioningQueuePolicy", "ProvisioningQueue", ["ProvisioningRule", "UnknownEventsRule"]),
        (
            "ProvisioningDeadLetterQueuePolicy",
            "ProvisioningDeadLetterQueue",
            ["ProvisioningRule", "UnknownEventsRule"],
        ),
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
    assert everywhere["ExpiredObjectDeleteMarker"] is True


@pytest.mark.parametrize("name", ["Bucket", "BucketPolicy"])
def test_the_bucket_and_its_policy_outlive_the_stack(name: str) -> None:
    bucket = transformed()[name]

    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
