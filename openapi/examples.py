"""Puts the examples into the document: of requests, parameters, answers and errors."""

from openapi.exchanges import EXCHANGES
from openapi.parts import JSON, Schema
from openapi.refusals import REFUSALS
from token_api.problems import PROBLEM_JSON

REFUSAL_EXAMPLES: Schema = {
    f"Problem{refusal['status']}": {"summary": refusal["title"], "value": refusal} for refusal in REFUSALS
}


def add_examples(paths: Schema) -> None:
    """Add to each operation the examples that it has."""
    for operations in paths.values():
        for operation in operations.values():
            _add_exchanges(operation)
            _add_refusals(operation["responses"])


def _add_exchanges(operation: Schema) -> None:
    exchanges = [each for each in EXCHANGES if each.operation == operation["operationId"]]
    success = next(status for status in operation["responses"] if status.startswith("2"))
    answers = operation["responses"][success]["content"][JSON].setdefault("examples", {})
    for exchange in exchanges:
        answers[exchange.name] = {"summary": exchange.summary, "value": exchange.answer}
        if exchange.request is not None:
            requests = operation["requestBody"]["content"][JSON].setdefault("examples", {})
            requests[exchange.name] = {"summary": exchange.summary, "value": exchange.request}
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in exchange.parameters:
                parameter["example"] = exchange.parameters[parameter["name"]]


def _add_refusals(responses: Schema) -> None:
    for status, response in responses.items():
        name = f"Problem{status}"
        if PROBLEM_JSON in response["content"] and name in REFUSAL_EXAMPLES:
            reference = {"$ref": f"#/components/examples/{name}"}
            response["content"][PROBLEM_JSON]["examples"] = {name: reference}
