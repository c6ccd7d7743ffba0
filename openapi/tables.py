"""Schemas as tables of fields: name, type, and what the field is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from openapi.parts import JSON, Schema
from token_api.schemas import ALIASES

Told = Mapping[frozenset[str], str]  # members of an object, and the place that has a table of them
_PREFIX = "#/components/schemas/"
_SMALL = 2  # so many members at most are listed in an object's type
_EXACT = 2**53  # a limit above it is none to a reader


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def request_rows(parameters: list[Schema], body: Schema | None, schemas: Schema) -> Iterator[str]:
    """A request's fields: of the path, of the query string, of the body."""
    for parameter in parameters:
        in_path = parameter["in"] == "path"
        name = f"`{parameter['name']}`" if in_path else _named(parameter["name"])
        what = f"{'Path' if in_path else 'Query string'}. {parameter['description']}"
        yield row(name, _or(_kinds(parameter["schema"], schemas)), what)
    if body is None:
        return
    fields = _fields(body["content"][JSON]["schema"], schemas)
    free = [name for name, field in fields.items() if field.kinds == ["any"]]
    for name, field in fields.items():
        if name not in free:
            yield row(_named(name), _or(field.kinds), _sentences(field))
    if free:
        names = ", ".join(f"`{name}`" for name in free)
        yield row(names, "as in an item", _sentences(fields[free[0]]))


def answer_rows(schema: Schema, schemas: Schema, told: Told, prefix: str = "") -> Iterator[str]:
    """An answer's members, those of objects in it too: `room.state`, `grants[].user_id`.

    Members of an object that ``told`` knows are left to the place that it names.
    """
    for name, field in _fields(schema, schemas).items():
        yield row(f"`{prefix}{name}`", _or(field.kinds), _sentences(field))
        variants = []
        for inner in field.objects:
            known = next((each for each in told if each <= inner["properties"].keys()), frozenset())
            if known:
                yield row(f"`{prefix}{name}{field.suffix}.…`", "", f"The members of {told[known]}.")
            rest = {each: value for each, value in inner["properties"].items() if each not in known}
            variants.append({"properties": rest})
        yield from answer_rows({"oneOf": variants}, schemas, told, f"{prefix}{name}{field.suffix}.")


def members(schema: Schema, schemas: Schema) -> frozenset[str]:
    """The names of an answer's members."""
    return frozenset(_resolved(schema, schemas).get("properties", ()))


@dataclass
class _Field:
    """A property in any variant of a schema: its types, its descriptions, and the objects in it."""

    kinds: list[str] = dataclass_field(default_factory=list)
    descriptions: list[str] = dataclass_field(default_factory=list)
    objects: list[Schema] = dataclass_field(default_factory=list)
    suffix: str = ""
    is_required: bool = False


def _named(name: str) -> str:
    aliases = sorted(alias for alias, field in ALIASES.items() if field == name)
    return ", ".join(f"`{each}`" for each in (name, *aliases))


def _sentences(field: _Field) -> str:
    return " ".join((*(["Required."] if field.is_required else []), *field.descriptions))


def _fields(schema: Schema, schemas: Schema) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    variants = _variants(schema, schemas)
    for variant in variants:
        for name, value in variant.get("properties", {}).items():
            field, whole = found.setdefault(name, _Field()), _resolved(value, schemas)
            _add_kinds(field.kinds, _kinds(value, schemas))
            described = value.get("description", whole.get("description"))
            if described and whole.get("type") != "null":
                _add(field.descriptions, [described])
            _add(field.objects, _objects(value, schemas))
            field.suffix = "[]" if whole.get("type") == "array" else ""
    is_request = "$ref" in schema and "Request" in schema["$ref"]
    for name, field in found.items():
        field.is_required = is_request and all(name in each.get("required", ()) for each in variants)
    return found


def _variants(schema: Schema, schemas: Schema) -> list[Schema]:
    whole = _resolved(schema, schemas)
    if "oneOf" in whole:
        return [each for part in whole["oneOf"] for each in _variants(part, schemas)]
    return [whole]


def _objects(value: Schema, schemas: Schema) -> list[Schema]:
    """The objects in a property, or in its list, whose members have rows of their own."""
    whole = _resolved(value, schemas)
    if whole.get("type") == "array" and "items" in whole:
        return _objects(whole["items"], schemas)
    return [each for each in _variants(whole, schemas) if len(each.get("properties", ())) > _SMALL]


def _kinds(value: Schema, schemas: Schema) -> list[str]:
    """The types that a value may have, each once."""
    whole = _resolved(value, schemas)
    if "oneOf" in whole:
        kinds: list[str] = []
        for part in whole["oneOf"]:
            _add_kinds(kinds, _kinds(part, schemas))
        return kinds
    if isinstance(whole.get("const"), bool):
        return ["boolean"]
    if "const" in whole or "enum" in whole:
        return [f"`{json.dumps(each)}`" for each in whole.get("enum", [whole.get("const")])]
    types = whole.get("type", "any")
    return [_kind(each, whole, schemas) for each in (types if isinstance(types, list) else [types])]


def _kind(name: str, whole: Schema, schemas: Schema) -> str:
    if name == "null":
        return "`null`"
    if name == "array":
        items = f"{_or(_kinds(whole.get('items', {}), schemas))}s"
        return f"list of {_range(whole.get('minItems'), whole.get('maxItems'))} {items}".replace("  ", " ")
    properties = whole.get("properties", {})
    if name == "object" and 0 < len(properties) <= _SMALL:
        return f"`{{{', '.join(f'{json.dumps(each)}: …' for each in properties)}}}`"
    limits = _range(whole.get("minimum"), whole.get("maximum"))
    return f"{name}, {limits}" if limits else name


def _range(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    return f"at least {least}" if most is None or most > _EXACT else f"{least or 0} to {most}"


def _or(kinds: list[str]) -> str:
    return " or ".join(kinds)


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    reference = schema.get("$ref", "")
    found: Schema = schemas[reference.removeprefix(_PREFIX)] if reference else schema
    return found


def _add(known: list[Any], more: list[Any]) -> None:
    known += [each for each in more if each not in known]


def _add_kinds(known: list[str], more: list[str]) -> None:
    """Add types that are not there yet. Where only the limits differ, the description says so."""
    for kind in more:
        if kind.partition(",")[0] not in [each.partition(",")[0] for each in known]:
            known.append(kind)
