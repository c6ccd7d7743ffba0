"""One line for each request of `make run`: time, status, method, path, and why it was refused.

Files of the console's pages have none, unless they are refused. Queries, headers and bodies are left out.
Words as long as a ServerSecret, a token or a JWT are cut, since one may be sent as a path or as the name of a
field.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from local.terminal import columns, cut, is_terminal, red

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# As long as a ServerSecret, which has 32 characters. Tokens may have slashes.
_LONG_WORD, _LONG_SEGMENT = re.compile(r"\S{32,}"), re.compile(r"[^/]{32,}")
_KEPT = 8
_FILES_OF_PAGES = ("/console/", "/docs/")  # a page loads a dozen
_MAX_PATH = 48


def logged(application: "WSGIApplication") -> "WSGIApplication":
    """The application, with a line on standard error for each request."""

    def logs(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        status = "500"

        def starting(line: str, *rest: Any) -> Callable[[bytes], object]:
            nonlocal status
            status = line[:3]
            return start(line, *rest)

        body: Iterable[bytes] = ()
        try:
            body = application(environ, starting)
            if is_refusal(status):  # which are short: what is streamed is not read here
                body = [b"".join(body)]
        finally:
            path = str(environ.get("REQUEST_URI", "")).partition("?")[0]
            if status != "200" or not path.startswith(_FILES_OF_PAGES):
                request = f"{environ['REQUEST_METHOD']} {cut(_shortened(path, _LONG_SEGMENT), _MAX_PATH)}"
                write_line(status, request, reason_of(b"".join(body)) if is_refusal(status) else "")
        return body

    return logs


class WarningFormatter(LambdaPowertoolsFormatter):
    """The service's own warnings as lines for people; on AWS they are JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields = json.loads(super().format(record))
        line = f"{time.strftime('%H:%M:%S')}  {record.levelname.lower()}: {fields['message']}"
        return "\n".join([line, *filter(None, [fields.get("exception")])])


def is_refusal(status: str) -> bool:
    return status >= "400"


def write_line(status: str, request: str, reason: str = "") -> None:
    """Write a line, as long as the terminal is wide; a whole one where there is no terminal."""
    line = f"{time.strftime('%H:%M:%S')}  {status}  {request}  {_shortened(reason, _LONG_WORD)}".rstrip()
    if is_terminal(sys.stderr):
        line = cut(line, columns(sys.stderr))
    if is_refusal(status):
        line = line.replace(status, red(status, sys.stderr), 1)
    sys.stderr.write(f"{line}\n")  # in one piece, since requests are handled in threads
    sys.stderr.flush()


def reason_of(body: bytes) -> str:
    """The rule or the field that a refusal names, and its explanation."""
    try:
        problem = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(problem, Mapping):
        return ""
    detail = str(problem.get("detail") or problem.get("message") or "")
    name = str(problem.get("rule") or problem.get("field") or "")
    return detail if not name or detail.startswith(f"{name} ") else f"{name}: {detail}"


def _shortened(text: str, long: re.Pattern[str]) -> str:
    printable = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return long.sub(lambda word: f"{word[0][:_KEPT]}…", printable)
