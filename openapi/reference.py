"""Writes the routes of docs/api.md from the document."""

import json
import re
from collections.abc import Iterator
from typing import Any

from local.build import ROOT
from openapi.document import document
from openapi.parts import JSON, Schema
from openapi.tables import answer_rows, members, request_rows, row

FILE = ROOT / "docs" / "api.md"
_MARKS = "<!-- Written by `make openapi`. Change openapi/ instead. -->\n", "<!-- end -->"
_SHOWN_CHARACTERS = 40  # of a token
_LINE = 100


def main() -> None:
    FILE.write_text(page(FILE.read_text(encoding="utf-8")), encoding="utf-8")


def page(text: str) -> str:
    """The page, with its routes as they must be."""
    start, end = _MARKS
    before, mark, rest = text.partition(start)
    _, closing, after = rest.partition(end)
    return "".join((before, mark, "\n", "\n".join(_routes(document())), "\n", closing, after))


def _routes(described: Schema) -> Iterator[str]:
    schemas = described["components"]["schemas"]
    told = {members(schemas["Problem"], schemas): "[an error](#errors)"}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            yield f"### {name}"
            yield ""
            yield from _purpose(operation)
            yield from _request(operation, schemas)
            yield from _answer(name, operation, schemas, told)
            yield _errors(operation["responses"])
            yield ""
            yield from _example(name, operation)
            yield ""


def _purpose(operation: Schema) -> Iterator[str]:
    yield operation["summary"]
    if "description" in operation:
        yield operation["description"]
    yield ""


def _request(operation: Schema, schemas: Schema) -> Iterator[str]:
    parameters, body = operation.get("parameters", []), operation.get("requestBody")
    if parameters or body:
        yield from ("Request:", "", row("field", "type", "what it is"), "|---|---|---|")
        yield from request_rows(parameters, body, schemas)
        yield ""


def _answer(name: str, operation: Schema, schemas: Schema, told: dict[frozenset[str], str]) -> Iterator[str]:
    """What is answered; by reference where ``told`` has the members from a route before."""
    success, answer = next(each for each in operation["responses"].items() if each[0].startswith("2"))
    schema = answer["content"][JSON]["schema"]
    mine = members(schema, schemas)
    if mine in told:
        yield f"Answer, {success}: as for {told[mine]}."
    elif not mine:
        yield f"Answer, {success}: {answer['description']}"
    else:
        yield from (f"Answer, {success}: {answer['description']}", "")
        yield from (row("member", "type", "what it is"), "|---|---|---|")
        yield from answer_rows(schema, schemas, told)
        told[mine] = f"[{name}](#{_anchor(name)})"
    yield ""


def _anchor(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _errors(responses: Schema) -> str:
    statuses = [status for status in responses if not status.startswith("2")]
    return f"Errors: {', '.join(statuses)}; see [Errors](#errors)."


def _example(name: str, operation: Schema) -> Iterator[str]:
    """The first example: the request as it is sent, and the answer."""
    method, _, path = name.partition(" ")
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    query = [
        f"{each['name']}={each['example']}"
        for each in operation.get("parameters", [])
        if each["in"] == "query" and "example" in each
    ]
    yield "```http"
    yield f"{method} {path}{'?' if query else ''}{'&'.join(query)}"
    if "requestBody" in operation:
        yield f"Content-Type: {JSON}"
        yield ""
        yield _shortened(_first(operation["requestBody"]["content"]))
    yield "```"
    success = next(status for status in operation["responses"] if status.startswith("2"))
    yield ""
    yield "```json"
    yield _shortened(_first(operation["responses"][success]["content"]))
    yield "```"


def _first(content: Schema) -> Any:
    return next(iter(content[JSON]["examples"].values()))["value"]


def _shortened(value: Any) -> str:
    """A value as JSON, with its tokens cut."""
    return _laid_out(_cut(value), "")


def _laid_out(value: Any, indent: str) -> str:
    """JSON whose objects and lists have a line of their own where they fit into it."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent + line) <= _LINE:
        return line
    inner = f"{indent}  "
    if isinstance(value, list):
        parts = [f"{inner}{_laid_out(each, inner)}" for each in value]
    else:
        parts = [f"{inner}{json.dumps(name)}: {_laid_out(each, inner)}" for name, each in value.items()]
    start, end = "[]" if isinstance(value, list) else "{}"
    return f"{start}\n" + ",\n".join(parts) + f"\n{indent}{end}"


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    if isinstance(value, str) and value.startswith(("03AAAA", "04AAAA")):
        return value[:_SHOWN_CHARACTERS] + "…"
    return value


if __name__ == "__main__":
    main()
