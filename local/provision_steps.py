"""The steps of `make provision`: survey, then upload or run."""

import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto import mock_aws
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TimeRemainingColumn
from rich.text import Text

from local.aws import DEMO_APP_ID, create_stack, create_table, use_local_credentials
from local.gateway import LocalContext
from local.roster_files import RosterFile, Survey, batches, shown
from zego_service.provisioning.roster_runs import PREFIX as RESULTS
from zego_service.provisioning.roster_text import RosterError
from zego_service.settings import Settings, SettingsError
from zego_service.telemetry import logger

PREFIX = "rosters/"
# Only Python may read the file: native code prints a traceback at Ctrl-C. So no native transfer client, and
# no signed bodies, which TLS makes unnecessary.
_TRANSFER = TransferConfig(preferred_transfer_client="classic")
_CLIENT = Config(s3={"payload_signing_enabled": False})
Step = Callable[[int], None]
Handle = Callable[[dict[str, Any]], Mapping[str, Any]]


def provision(file: str, bucket: str, app_id: str, tolerated: int, *, force: bool) -> int:
    """Check, then upload or run. Returns the exit status."""
    settings = _settings(app_id)
    try:
        roster = RosterFile(Path(file))
        survey = _survey(roster, settings)
        print(f"{shown(file)}: {survey}\n", flush=True)
        if not bucket:
            return _run_locally(roster, survey.rows, settings, tolerated)
        if survey.tolerates(tolerated) or force:
            return _upload(roster, bucket)
    except RosterError as error:
        sys.exit(f"{shown(file)}: {shown(str(error))}")
    sys.exit(
        f"Not uploaded, because more than {tolerated} % of its rows are bad.\n"
        "FORCE=1 uploads it all the same."
    )


def _settings(app_id: str) -> Settings:
    try:
        return Settings.from_environment({"ZEGO_DEFAULT_APP_ID": app_id or str(DEMO_APP_ID)})
    except SettingsError as error:
        sys.exit(str(error).replace("ZEGO_DEFAULT_APP_ID", "APP_ID") + ".")


def _survey(roster: RosterFile, settings: Settings) -> Survey:
    survey = Survey()
    with _progress("Reading", roster.size(), "bytes") as step:
        for batch in batches(roster):
            survey.add(roster, batch, settings)
            step(batch.size)
    if not survey.rows:
        raise RosterError("there are no rows in it")
    return survey


def _upload(roster: RosterFile, bucket: str) -> int:
    key = PREFIX + roster.path.name
    try:
        with _progress("Uploading", roster.size(), "bytes") as step:
            # S3 shows the object only when all of it has arrived, and keeps nothing of a stopped upload.
            s3 = boto3.client("s3", config=_CLIENT)
            s3.upload_file(str(roster.path), bucket, key, Callback=step, Config=_TRANSFER)
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        sys.exit(shown(f"Not uploaded: {error}"))
    print(
        shown(f"Uploaded to s3://{bucket}/{key}.") + "\n"
        "The stack's state machine grants the rows from here on; its ARN is the output\n"
        "RosterStateMachineArn. It lists bad rows in this file:\n"
        f"  s3://{shown(bucket)}/{RESULTS}<name of the execution>/errors.csv"
    )
    return 0


def _run_locally(roster: RosterFile, rows: int, settings: Settings, tolerated: int) -> int:
    """Do what the state machine does, with the same events. Returns 1 if it would fail."""
    run = {"execution": "local", "roster": _described(roster)}
    began = time.monotonic()
    with mock_aws(), _progress("Granting", rows, "rows") as step:
        use_local_credentials()
        create_table()
        create_stack()
        handle = _load_handler(settings)
        for batch in batches(roster):
            items = [{"index": index, "record": record} for index, record in batch.records]
            handle({"BatchInput": run, "Items": items})
            step(len(items))
        summary = handle({**run, "summarise": True, "tolerated_bad_percent": tolerated})
        answer = boto3.client("s3").get_object(Bucket=Settings().bucket, Key=summary["errors_key"])
        errors = answer["Body"].read()
    seconds = time.monotonic() - began
    print(
        f"Run over the embedded AWS: {summary['granted']:,} granted, {summary['rejected']:,} rejected,\n"
        f"in {seconds:.1f} s, {rows / seconds:,.0f} rows a second."
    )
    _write_errors(roster, errors if summary["rejected"] else None)
    if summary["accepted"]:
        return 0
    print(
        f"More than {tolerated} % of the rows are bad, so the state machine's execution would fail.\n"
        "The good rows would be granted all the same.",
        file=sys.stderr,
    )
    return 1


def _described(roster: RosterFile) -> dict[str, str]:
    """The state machine's input about a roster."""
    return {
        "bucket": Settings().bucket,
        "key": PREFIX + roster.path.name,
        "uploaded_at": datetime.now(UTC).isoformat(),
        "format": roster.file_format,
    }


def _load_handler(settings: Settings) -> Handle:
    """The provisioner's own handler, without its routine logs and metrics."""
    os.environ["ZEGO_DEFAULT_APP_ID"] = str(settings.default_app_id)
    logger.setLevel("WARNING")
    from provisioner.app import lambda_handler

    def handle(event: dict[str, Any]) -> Mapping[str, Any]:
        with redirect_stdout(io.StringIO()):
            return lambda_handler(event, LocalContext())

    return handle


def _write_errors(roster: RosterFile, errors: bytes | None) -> None:
    """Write the list of bad rows beside the roster, or remove an earlier one."""
    path = roster.errors_path
    try:
        if errors is None:
            path.unlink(missing_ok=True)
            return
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.write_bytes(errors)
        unfinished.replace(path)
    except OSError as error:
        sys.exit(shown(f"{path}: {error.strerror}"))
    print(shown(f"All bad rows are in {path}."))


class _Speed(ProgressColumn):
    """A rate in bytes or rows a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f} {self._unit}, {task.speed or 0:,.0f}/s")


@contextmanager
def _progress(title: str, total: int, unit: str) -> Iterator[Step]:
    """A progress bar on a terminal; nothing elsewhere."""
    columns = ("{task.description}", BarColumn(), TaskProgressColumn(), _Speed(unit), TimeRemainingColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda advance: bar.advance(task, advance)
