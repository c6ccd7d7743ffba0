"""Who is paged, why, and what they read."""

from typing import Any

import pytest

from tests.factories import ROOT
from tests.infrastructure.cloudformation import of_type, template, transformed

ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:on-call"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
# What they count happens once and stays undone.
ONE_IS_ENOUGH = {"events-rejected", "rosters-failed"}
# Names and dimensions as AWS documents them:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
# https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
API = (("ApiId", "Api"),)
MACHINE = (("StateMachineArn", "RosterStateMachine"),)
OF_AWS = {
    *(("AWS/ApiGateway", name, API) for name in ("5xx", "Count", "Latency")),
    *(
        ("AWS/Lambda", name, (("FunctionName", function),))
        for name in ("Errors", "Throttles", "Duration")
        for function in ("TokenApiFunction", "ProvisionerFunction")
    ),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", (("QueueName", "ProvisioningQueue"),)),
    *(
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", (("QueueName", queue),))
        for queue in ("ProvisioningDeadLetterQueue", "RosterDeadLetterQueue")
    ),
    *(("AWS/States", f"Executions{end}", MACHINE) for end in ("Failed", "TimedOut", "Aborted")),
}


def alarms(**parameters: str) -> dict[str, Any]:
    return of_type(transformed(**parameters), ALARM)


def suffix(alarm: dict[str, Any]) -> str:
    """The alarm's name after that of the stack."""
    return str(alarm["AlarmName"]["Fn::Sub"]).removeprefix("${AWS::StackName}-")


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm reads, itself or for its expression."""
    return [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each] or [
        alarm
    ]


def named(value: Any) -> str:
    """The resource that a dimension's value refers to, or the value."""
    return str(value.get("Ref") or value["Fn::GetAtt"][0]) if isinstance(value, dict) else str(value)


def dimensions_of(metric: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each["Name"], named(each["Value"])) for each in metric["Dimensions"])


@pytest.mark.parametrize("alarm", alarms().values(), ids=suffix)
def test_an_alarm_says_what_it_means_what_to_do_and_where_to_read_on(alarm: dict[str, Any]) -> None:
    description = alarm["AlarmDescription"]

    assert len(description) <= 1024
    assert description.count(". ") >= 2
    assert description.endswith(f"Runbook: docs/runbook.md#{suffix(alarm)}")
    assert f"\n### {suffix(alarm)}\n\n" in RUNBOOK


@pytest.mark.parametrize("alarm", alarms().values(), ids=suffix)
def test_no_single_failed_request_pages_anyone(alarm: dict[str, Any]) -> None:
    points = (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"])

    assert points == ((1, 1) if suffix(alarm) in ONE_IS_ENOUGH else (3, 5))
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_topic_hears_of_alarms_and_of_their_end() -> None:
    for loud, silent in zip(alarms(AlarmTopicArn=TOPIC).values(), alarms().values(), strict=True):
        assert loud["AlarmActions"] == loud["OKActions"] == [TOPIC]
        assert not {"AlarmActions", "OKActions"} & silent.keys()


def test_metrics_of_aws_are_named_as_aws_documents_them() -> None:
    watched = {
        (metric["Namespace"], metric["MetricName"], dimensions_of(metric))
        for alarm in alarms().values()
        for metric in metrics_of(alarm)
        if metric["Namespace"] != "ZegoTokens"
    }

    assert watched == OF_AWS


def test_expressions_use_each_metric_that_the_alarm_reads() -> None:
    for alarm in alarms().values():
        entries = alarm.get("Metrics", [])
        expressions = "".join(each.get("Expression", "") for each in entries)
        assert all(each["Id"] in expressions for each in entries if "MetricStat" in each)


def test_near_timeouts_are_below_the_functions_timeouts() -> None:
    functions = of_type(transformed(), "AWS::Lambda::Function")
    found = {
        named(alarm["Dimensions"][0]["Value"]): alarm["Threshold"]
        for alarm in alarms().values()
        if alarm.get("MetricName") == "Duration"
    }

    assert found == {name: functions[name]["Timeout"] * 1000 * 8 // 10 for name in found}


def test_no_section_of_the_runbook_is_of_no_alarm() -> None:
    sections = {line.removeprefix("### ") for line in RUNBOOK.splitlines() if line.startswith("### ")}

    assert sections == {suffix(alarm) for alarm in alarms().values()}
    assert "| |" not in RUNBOOK  # an empty cell


def test_stacks_of_one_account_do_not_ring_each_others_alarms() -> None:
    """Functions name their stack in the metrics, and alarms name it too."""
    stack = {"Ref": "AWS::StackName"}
    written = [
        dimension["Value"]
        for alarm in of_type(template()["Resources"], ALARM).values()
        for metric in metrics_of(alarm)
        if metric["Namespace"] == "ZegoTokens"
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "service"
    ]

    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == stack
    assert len(written) == 11
    assert all(value == stack for value in written)
