"""The children of a Distributed Map: each gets its input and ends by itself; none starts after one failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from moto.stepfunctions.parser.asl.eval.program_state import ProgramError
from moto.stepfunctions.parser.asl.utils.json_path import extract_json

from tests.statemachine.batches import QUOTA, size

_MOST_THREADS = 8


@dataclass
class Child:
    """One child execution."""

    number: int
    input: dict[str, Any]
    output: Any = None
    error: str | None = None

    def described(self) -> dict[str, Any]:
        """The child as a result writer without transformation lists it."""
        return {"Name": str(self.number), "Input": self.input, "Output": self.output, "Status": "SUCCEEDED"}


@dataclass
class MapRun:
    """The children of a map that were started, in order."""

    state: str
    items: int
    children: list[Child] = field(default_factory=list)

    @property
    def failed(self) -> list[Child]:
        return [child for child in self.children if child.error is not None]

    @property
    def largest_input(self) -> int:
        """In bytes."""
        return max(size(child.input) for child in self.children)


def selected(template: Any, given: Any, context: Any) -> Any:
    """A payload template with its paths, into the input or ($$) the context, replaced by what they find."""
    if not isinstance(template, Mapping):
        return template
    found = {}
    for name, value in template.items():
        if not name.endswith(".$"):
            found[name] = selected(value, given, context)
        elif value.startswith("$$"):
            found[name[:-2]] = extract_json(value[1:], context)
        else:
            found[name[:-2]] = extract_json(value, given)
    return found


def run_children(run: MapRun, program: Any, env: Any, inputs: list[dict[str, Any]], limit: int) -> None:
    """Run a child for each input, so many at a time. No failure is tolerated: after one, no more are started."""
    queue: SimpleQueue[Child] = SimpleQueue()
    for number, child_input in enumerate(inputs):
        queue.put(Child(number, child_input))
    lock = Lock()

    def work() -> None:
        while not run.failed:
            try:
                child = queue.get_nowait()
            except Empty:
                return
            _evaluate(child, program, env)
            with lock:
                run.children.append(child)

    threads = [Thread(target=work) for _ in range(min(limit, len(inputs), _MOST_THREADS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.children.sort(key=lambda child: child.number)


def _evaluate(child: Child, program: Any, env: Any) -> None:
    if size(child.input) > QUOTA:
        child.error = "States.DataLimitExceeded"
        return
    frame = env.open_inner_frame()
    frame.states.reset(child.input)
    program.eval(frame)
    end = frame.program_state()
    if isinstance(end, ProgramError):
        child.error = (end.error or {}).get("error", "")
    else:
        child.output = frame.states.get_input()
    env.delete_frame(frame)
