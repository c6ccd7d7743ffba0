"""A state machine's definition: its states in every nested graph, and the check of their names."""

from collections.abc import Iterator, Mapping
from typing import Any


class InvalidDefinitionError(ValueError):
    """CreateStateMachine would refuse this definition."""


def states_of(graph: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each state of a graph and of the graphs in it: its path, its name and what it is."""
    for name, state in graph["States"].items():
        yield path, name, state
        inner = [*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")]
        for nested in filter(None, inner):
            yield from states_of(nested, f"{path}/{name}")


def check_names(definition: Mapping[str, Any]) -> None:
    """Raise :class:`InvalidDefinitionError` for a name that two states have, wherever they are.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
    """
    seen: dict[str, str] = {}
    for path, name, _ in states_of(definition):
        if name in seen:
            raise InvalidDefinitionError(f"DUPLICATE_STATE_NAME: {name} is in {seen[name]!r} and {path!r}")
        if len(name) > 80:
            raise InvalidDefinitionError(f"the name {name} is longer than 80 characters")
        seen[name] = path
