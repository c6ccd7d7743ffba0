"""Moto's interpreter of state machines, and what it lacks of a Distributed Map as AWS documents it.

A definition goes in unchanged. Moto's parser does not know batches, JSON Lines, express children and the
result writer's configuration: :meth:`Interpreter.accept` takes them out for the parser, and keeps them for
the run. Retries do not wait. It shows what AWS documents, not what AWS does.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval.resource_output_transformer import (
    transformer_csv,
    transformer_json,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    distributed_iteration_component,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval import (
    resource_eval_s3,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.utils import json_path

from tests.statemachine.batches import QUOTA, child_inputs, size
from tests.statemachine.definition import check_names, states_of
from tests.statemachine.map_run import MapRun, run_children, selected

_CSV = transformer_csv.ResourceOutputTransformerCSV
_JSON = transformer_json.ResourceOutputTransformerJson
_MAP = distributed_iteration_component.DistributedIterationComponent
_RESULTS = resource_eval_s3.ResourceEvalS3
_INVOKE = state_task_service_lambda.StateTaskServiceLambda
_PARSE_ALL = cache(asl_parser.AmazonStateLanguageParser.parse)  # a second each
_PARSE = cache(vars(json_path)["parse"])  # moto parses a path again for each row


@dataclass(frozen=True)
class _MapConfig:
    """What moto's parser does not know of a Map state."""

    selector: Any
    batcher: Mapping[str, Any]
    writer: Mapping[str, Any]


@dataclass
class Interpreter:
    """Definitions and their map runs, and the largest input that a task had, in bytes."""

    runs: list[MapRun] = field(default_factory=list)
    largest_task: int = 0
    _maps: dict[str, _MapConfig] = field(default_factory=dict)

    def accept(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """The definition as far as moto can parse it. Raises what CreateStateMachine would."""
        check_names(definition)
        parsed: dict[str, Any] = deepcopy(dict(definition))
        for _, name, state in states_of(parsed):
            if state["Type"] == "Map" and state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED":
                self._maps[name] = _taken_out(state)
        return parsed

    @contextmanager
    def running(self) -> Iterator[None]:
        """While this is open, moto's interpreter does what is kept here."""
        engine, invoke = self, _INVOKE._eval_service_task

        def map_run(component: Any, env: Any, eval_input: Any) -> None:
            engine._run_map(component, env, eval_input)

        def put_results(env: Any, resource: Any, credentials: Any) -> None:
            engine._put_results(env, _RESULTS._get_s3_client(resource, credentials))

        def invoke_within_quota(
            task: Any,
            env: Any,
            resource_runtime_part: Any,
            normalised_parameters: Any,
            state_credentials: Any,
        ) -> None:
            engine._check_task(env, normalised_parameters)
            invoke(task, env, resource_runtime_part, normalised_parameters, state_credentials)

        with ExitStack() as patches:
            for owner, name, replacement in (
                (_CSV, "_eval_body", lambda _, env: _read(env, _csv_items)),
                (_JSON, "_eval_body", lambda _, env: _read(env, _json_lines)),
                (_MAP, "_map_run", map_run),
                (_RESULTS, "_handle_put_object", staticmethod(put_results)),
                (_INVOKE, "_eval_service_task", invoke_within_quota),
                (retrier_decl, "time", SimpleNamespace(sleep=lambda _: None)),
                (json_path, "parse", _PARSE),
                (asl_parser.AmazonStateLanguageParser, "parse", staticmethod(_program)),
            ):
                patches.enter_context(patch.object(owner, name, replacement))
            yield

    def _run_map(self, component: Any, env: Any, eval_input: Any) -> None:
        items = env.stack.pop()
        config = self._maps[eval_input.state_name]
        context = env.states.context_object.context_object_data
        given = env.states.get_input()
        chosen = [
            selected(config.selector, given, {**context, "Map": {"Item": {"Index": index, "Value": value}}})
            for index, value in enumerate(items)
        ]
        batch_input = selected(config.batcher.get("BatchInput"), given, context)
        run = MapRun(eval_input.state_name, len(items))
        self.runs.append(run)
        inputs = list(child_inputs(chosen, config.batcher, batch_input))
        limit = eval_input.map_run_record.max_concurrency
        run_children(run, component._get_iteration_program(), env, inputs, limit)
        if run.failed:
            raise failure(
                env,
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
        env.stack.append([child.output for child in run.children])

    def _put_results(self, env: Any, s3: Any) -> None:
        parameters, results = env.stack.pop(), env.stack.pop()
        arn = env.map_run_record_pool_manager.get_all().pop().map_run_arn
        folder = f"{parameters['Prefix'].rstrip('/')}/{arn.split(':')[-1]}"
        writer = self._maps[self.runs[-1].state].writer
        compact = writer.get("Transformation", "NONE") != "NONE"
        lines = results if compact else [child.described() for child in self.runs[-1].children]
        kind = writer.get("OutputType", "JSON")
        text = "\n".join(map(json.dumps, lines)) if kind == "JSONL" else json.dumps(lines)
        succeeded = {"Key": f"{folder}/SUCCEEDED_0.{kind.lower()}", "Size": len(text)}
        manifest = {
            "DestinationBucket": parameters["Bucket"],
            "MapRunArn": arn,
            "ResultFiles": {"FAILED": [], "PENDING": [], "SUCCEEDED": [succeeded]},
        }
        for key, body in ((succeeded["Key"], text), (f"{folder}/manifest.json", json.dumps(manifest))):
            s3.put_object(Bucket=parameters["Bucket"], Key=key, Body=body.encode())
        details = {"Bucket": parameters["Bucket"], "Key": f"{folder}/manifest.json"}
        env.stack.append({"MapRunArn": arn, "ResultWriterDetails": details})

    def _check_task(self, env: Any, parameters: Mapping[str, Any]) -> None:
        used = size({**parameters, "Payload": json.loads(parameters["Payload"])})
        self.largest_task = max(self.largest_task, used)
        if used > QUOTA:
            raise failure(env, "States.DataLimitExceeded", f"the task's input has {used} bytes")


def failure(env: Any, name: str, cause: str) -> FailureEventException:
    """An error of Step Functions' own, as moto's interpreter raises it."""
    details: Any = {"error": name, "cause": cause, "resource": "map", "resourceType": "states"}
    event = FailureEvent(
        env=env,
        error_name=StatesErrorName(StatesErrorNameType.from_name(name)),
        event_type=api.HistoryEventType.TaskFailed,
        event_details=EventDetails(taskFailedEventDetails=details),  # type: ignore[typeddict-item]
    )
    return FailureEventException(event)


def _program(definition: str) -> tuple[Any, Any]:
    """A definition parsed: a program of its own, which runs may change."""
    program, tree = _PARSE_ALL(definition)
    return deepcopy(program), tree


def _taken_out(state: dict[str, Any]) -> _MapConfig:
    processor, reader = state["ItemProcessor"]["ProcessorConfig"], state["ItemReader"]["ReaderConfig"]
    processor["ExecutionType"] = "STANDARD"
    if reader["InputType"] == "JSONL":
        reader["InputType"] = "JSON"
    return _MapConfig(
        state.pop("ItemSelector", None),
        state.pop("ItemBatcher", {}),
        state.get("ResultWriter", {}).pop("WriterConfig", {}),
    )


def _read(env: Any, items: Any) -> None:
    env.stack.pop()  # the reader's configuration, of which the rest is moto's
    text = env.stack.pop()
    try:
        env.stack.append(items(text))
    except (ValueError, csv.Error) as error:
        raise failure(env, "States.ItemReaderFailed", f"the file cannot be read: {error}") from None


def _csv_items(text: str) -> list[dict[str, str]]:
    """Rows by the names in the first row; extra cells are dropped and missing ones filled in."""
    header, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if not header:
        raise ValueError("there is no header")
    if len(set(header)) < len(header):
        raise ValueError("the header has a name twice")
    cells = ([*row, *[""] * len(header)] for row in rows if row)
    return [dict(zip(header, row, strict=False)) for row in cells]


def _json_lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.split("\n") if line.strip("\r")]
