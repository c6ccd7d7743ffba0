"""The Lambda handler: events from a queue, from EventBridge, from the state machine, or from a person."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from provisioner.triggers import (
    RosterBatch,
    RosterBegin,
    RosterMessage,
    event_of_message,
    is_queue_batch,
    provisioning_event,
    roster_event,
)
from zego_service.clock import Instant
from zego_service.deployment import Deployment
from zego_service.errors import ServiceError
from zego_service.pings import is_ping, pong
from zego_service.provisioning.events import RejectedEntry
from zego_service.provisioning.provisioner import Provisioner
from zego_service.provisioning.rosters import NAME_RULE, format_of
from zego_service.telemetry import count, logger

Handler = Callable[[dict[str, Any], LambdaContext], Mapping[str, Any]]


def create_handler(deployment: Deployment) -> Handler:
    """The Lambda handler over a deployment.

    Failures are raised, so that they are retried. A failed message of a queue is reported alone.
    """
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

    def handle_message(record: SQSRecord) -> None:
        try:
            event = event_of_message(record.message_id, record.body)
            deployment.provisioner.handle(event, deployment.clock())
        except Exception as error:
            _log_failure(error, record.message_id)
            raise

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    def handle(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
        deployment.clients.end_within(context.get_remaining_time_in_millis() / 1000)
        if is_ping(event):
            return pong()
        if is_queue_batch(event):
            return process_partial_response(event, handle_message, processor, context)
        try:
            return _handle_one(event, deployment)
        except Exception as error:
            _log_failure(error, context.aws_request_id)
            raise

    return handle


def _handle_one(event: object, deployment: Deployment) -> Mapping[str, Any]:
    roster, now = roster_event(event), deployment.clock()
    if roster is not None:
        return _handle_roster(roster, deployment, now)
    return asdict(deployment.provisioner.handle(provisioning_event(event), now))


def _handle_roster(roster: RosterMessage, deployment: Deployment, now: Instant) -> Mapping[str, Any]:
    if isinstance(roster, RosterBegin):
        return _begin(roster, deployment.provisioner, now)
    runs = deployment.roster_runs
    if isinstance(roster, RosterBatch):
        granted, rejected = runs.add_batch(roster.run, roster.records)
        return {"granted": granted, "rejected": rejected}
    return asdict(runs.summarise(roster.run, roster.tolerated_bad_percent, now, failed=roster.failed))


def _begin(begin: RosterBegin, provisioner: Provisioner, now: Instant) -> Mapping[str, Any]:
    """The roster's format; of a file that has none, where its rejection is kept, and why."""
    file_format = format_of(begin.key)
    if file_format is not None:
        return {"format": file_format}
    rejected = RejectedEntry("object", "key", f"{NAME_RULE}; rename the file and upload it again")
    kept_in = provisioner.reject(begin.upload, rejected, now)
    return {"format": None, "outcome": "rejected", "reason": rejected.reason, "kept_in": kept_in}


def _log_failure(error: Exception, failed: str) -> None:
    # The type alone, but for our own errors: a message may quote what was being processed.
    detail = error.detail if isinstance(error, ServiceError) else None
    logger.error("to be tried again", failed=failed, error=type(error).__name__, detail=detail)
    count("ProvisioningFailed")
