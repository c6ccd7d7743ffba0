"""ministack, an AWS in one process, with what it lacks of the services that the stack uses.

Runs as a program, in an environment of its own (requirements.txt beside it). Everything is patched from
outside, and nothing of this project is patched:

* Distributed Map: ``ItemBatcher``, ``ResultWriter``, ``MaxConcurrencyPath``, and reading one version of an object.
* ``Ref`` of a secret is its ARN, and a secret without a value has no version.
* A state machine's definition may be YAML, as SAM uploads it.
* The members of an API's CORS configuration are written as the service writes them.
* An event source mapping's ``ScalingConfig`` comes as text from a parameter.
* The condition keys ``dynamodb:LeadingKeys`` and ``events:source``.
* SAM's transform gets the values of parameters; the names of a function's versions depend on one.
* Alarms with an expression are kept as alarms on the first metric that it reads.
* Plain HTTP to this server stands for TLS in ``aws:SecureTransport``.
"""

import copy
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import yaml
from ministack.core import iam_actions, iam_evaluator
from ministack.services import s3, secretsmanager, stepfunctions
from ministack.services.cloudformation import changesets, engine, handlers, provisioners
from samtranslator.translator import transform

_MAX_INPUT_BYTES = 262_144  # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html


def patch_transform() -> None:
    """Give SAM's transform the values of the parameters, as CloudFormation does."""
    apply_transforms, translate = engine._apply_transforms, transform.transform
    values: ContextVar[dict[str, Any]] = ContextVar("values")

    def apply_with_values(template: Any, provided: Any = None, previous: Any = None) -> Any:
        values.set(engine._transform_parameters(template, provided, previous))
        return apply_transforms(template, provided, previous)

    def translate_with_values(template: dict[str, Any], _values: Any, policies: Any) -> dict[str, Any]:
        return translate(template, values.get(), policies)

    vars(transform)["transform"] = translate_with_values
    for module in (changesets, engine, handlers):  # each has bound it by name
        module._apply_transforms = apply_with_values


def patch_distributed_map() -> None:
    """Give maps that read from S3 their batches and their results, as AWS documents them."""
    run_children = stepfunctions._run_distributed_map

    def run(
        state: dict[str, Any], raw_input: Any, effective: Any, iterator: Any, execution: Any, ctx: Any
    ) -> tuple[Any, str]:
        if "ItemBatcher" not in state:
            outcome: tuple[Any, str] = run_children(state, raw_input, effective, iterator, execution, ctx)
            return outcome
        inputs = list(_batches(state, effective, ctx))
        children = {
            "MaxConcurrency": stepfunctions._resolve_path_or_ctx(state["MaxConcurrencyPath"], effective, ctx),
            "ItemsPath": "$.inputs",
            "End": True,
        }
        results, _ = run_children(children, {}, {"inputs": inputs}, iterator, execution, ctx)
        written = _write_results(state["ResultWriter"], results, effective, execution, ctx)
        output = stepfunctions._apply_result_path_raw(state["ResultPath"], raw_input, written)
        return output, state["Next"]

    stepfunctions._run_distributed_map = run


def _batches(state: Mapping[str, Any], effective: Any, ctx: Any) -> Iterator[dict[str, Any]]:
    """The children's inputs: as many items and bytes in each as the batcher allows."""
    batcher, selector = state["ItemBatcher"], state["ItemSelector"]
    shared = stepfunctions._resolve_params_obj(batcher["BatchInput"], effective, ctx)
    most_bytes = min(batcher["MaxInputBytesPerBatch"], _MAX_INPUT_BYTES)
    items: list[Any] = []
    for index, value in enumerate(_read(state["ItemReader"], effective, ctx)):
        item_ctx = {**ctx, "Map": {"Item": {"Index": index, "Value": value}}}
        item = stepfunctions._resolve_params_obj(selector, effective, item_ctx)
        size = len(json.dumps({"BatchInput": shared, "Items": [*items, item]}))
        if items and (len(items) == batcher["MaxItemsPerBatch"] or size > most_bytes):
            yield {"BatchInput": shared, "Items": items}
            items = []
        items.append(item)
    if items:
        yield {"BatchInput": shared, "Items": items}


def _read(reader: Mapping[str, Any], effective: Any, ctx: Any) -> list[Any]:
    """The items of the version that the reader names."""
    named = stepfunctions._resolve_params_obj(reader["Parameters"], effective, ctx)
    body = s3._get_object_data(named["Bucket"], named["Key"], named["VersionId"])
    try:
        if body is None:
            raise ValueError("there is no such version")
        items: list[Any] = stepfunctions._parse_reader_items(body.decode(), reader["ReaderConfig"])
    except ValueError as error:
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", str(error)) from None
    return items


def _write_results(
    writer: Mapping[str, Any], results: list[Any], effective: Any, execution: Mapping[str, Any], ctx: Any
) -> dict[str, Any]:
    """Write results and manifest, and return what the state's result is."""
    named = stepfunctions._resolve_params_obj(writer["Parameters"], effective, ctx)
    run = next(
        arn
        for arn, run in reversed(stepfunctions._map_runs.items())
        if run["executionArn"] == execution["executionArn"]
    )
    bucket, prefix = named["Bucket"], f"{named['Prefix']}/{run.rpartition(':')[2]}"
    key = f"{prefix}/SUCCEEDED_0.jsonl"
    body = "\n".join(map(json.dumps, results)).encode()
    files = {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": key, "Size": len(body)}]}
    manifest = {"DestinationBucket": bucket, "MapRunArn": run, "ResultFiles": files}
    s3._put_object(bucket, key, body, {})
    s3._put_object(bucket, f"{prefix}/manifest.json", json.dumps(manifest).encode(), {})
    details = {"Bucket": bucket, "Key": f"{prefix}/manifest.json"}
    return {"MapRunArn": run, "ResultWriterDetails": details}


def patch_resources() -> None:
    """Let state machines, secrets and event source mappings be created as CloudFormation creates them."""
    read_definition = provisioners._sfn_definition
    provisioners._sfn_definition = lambda properties: json.dumps(yaml.safe_load(read_definition(properties)))
    alarm_record = provisioners._cw_metric_alarm_record
    provisioners._cw_metric_alarm_record = lambda name, given: alarm_record(name, _without_expression(given))
    handlers = provisioners._RESOURCE_HANDLERS
    secret, mapping = handlers["AWS::SecretsManager::Secret"], handlers["AWS::Lambda::EventSourceMapping"]
    create_secret, create_mapping = secret["create"], mapping["create"]

    def with_arn(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        name, attributes = create_secret(logical_id, properties, stack)
        if not {"SecretString", "GenerateSecretString"} & properties.keys():
            secretsmanager._secrets[name]["Versions"] = {}
        return attributes["Arn"], attributes

    def with_number(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        properties = copy.deepcopy(properties)
        scaling = properties.get("ScalingConfig", {})
        if "MaximumConcurrency" in scaling:
            scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
        return create_mapping(logical_id, properties, stack)

    def as_the_service_writes(call: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **named: call(*map(_with_cors, arguments), **named)

    secret["create"], mapping["create"] = with_arn, with_number
    api = handlers["AWS::ApiGatewayV2::Api"]
    api["create"], api["update"] = map(as_the_service_writes, (api["create"], api["update"]))


def _with_cors(argument: Any) -> Any:
    """The properties of an API with ``allowOrigins`` for ``AllowOrigins`` and so on; others as they are."""
    cors = argument.get("CorsConfiguration") if isinstance(argument, dict) else None
    if not cors:
        return argument
    members = {name[0].lower() + name[1:]: value for name, value in cors.items()}
    return {**argument, "CorsConfiguration": members}


def _without_expression(alarm: dict[str, Any]) -> dict[str, Any]:
    metrics = [each["MetricStat"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    rest = {name: value for name, value in alarm.items() if name != "Metrics"}
    return {**rest, **metrics[0]["Metric"], "Period": metrics[0]["Period"]} if metrics else alarm


def patch_condition_keys() -> None:
    """Tell policies the keys that a request to DynamoDB names, and the sources of events."""
    of_table, of_tags = iam_actions.dynamodb_service_context, iam_actions.request_tag_context
    origin = iam_evaluator.pin_request_origin

    def with_leading_keys(body: bytes) -> dict[str, Any]:
        keys = sorted({*_partition_keys(json.loads(body or b"{}"))})
        return {**of_table(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}

    def with_sources(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = of_tags(service, action, body, parameters)
        if action == "events:PutEvents":
            entries = json.loads(body)["Entries"]
            context = {**context, "events:source": sorted({entry["Source"] for entry in entries})}
        return context

    iam_actions.dynamodb_service_context = with_leading_keys
    iam_actions.request_tag_context = with_sources
    iam_evaluator.pin_request_origin = lambda address, _is_tls: origin(address, True)


def _partition_keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name in ("pk", ":pk"):
            if isinstance(node.get(name), dict) and "S" in node[name]:
                yield node[name]["S"]
        for value in node.values():
            yield from _partition_keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from _partition_keys(value)


if __name__ == "__main__":
    patch_transform()
    patch_distributed_map()
    patch_resources()
    patch_condition_keys()
    # The server binds some of what is patched when it is imported.
    from ministack.app import main

    sys.argv = ["ministack"]
    main()
