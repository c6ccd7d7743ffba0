"""What the roles that provision may do, and nothing else."""

import pytest

from tests.infrastructure.cloudformation import (
    PSEUDO,
    as_list,
    of_type,
    statements,
    statements_on,
    transformed,
)
from tests.infrastructure.provisioning_resources import BUCKET, EXECUTION, STATE_MACHINE, arn, properties
from zego_service.provisioning import announcements


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

    # The key has a value for each event; a plain operator would deny every call.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    assert put["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": [announcements.SOURCE]},
        "Null": {"events:source": "false"},
    }
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "results/*"}}


def test_a_request_that_names_no_key_is_denied() -> None:
    """What is said of all values holds of no value too.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
    """
    conditions = [
        statement["Condition"] for statement in statements(transformed()) if "Condition" in statement
    ]
    of_all = [
        (condition, key)
        for condition in conditions
        for operator, keys in condition.items()
        if operator.startswith("ForAllValues:")
        for key in keys
    ]

    assert {key for _, key in of_all} == {"dynamodb:LeadingKeys", "events:source"}
    for condition, key in of_all:
        assert condition["Null"] == {key: "false"}
