"""What the commands do."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from zego_cli.asking import ask_all
from zego_cli.aws import Account
from zego_cli.doctor import Check, Patient, examine
from zego_cli.errors import NO_KEY, CommandError
from zego_cli.inspecting import inspect_here, inspect_there, token_of
from zego_cli.keys import KeyOptions, require_app_id, require_secret, secret_if_any, stored_secret
from zego_cli.seats import read_seats, write_tokens
from zego_cli.service import Service, service_at
from zego_cli.showing import BAD, GOOD, OPEN, console, safe, show_content, show_findings, show_marked
from zego_cli.wanted import Wanted, curl_command
from zego_token import TokenError, explain, read_secret

Make = Callable[[Wanted], dict[str, Any]]
MakeAll = Callable[[Sequence[Wanted]], Iterator[dict[str, Any] | CommandError]]
_LOCAL_URL = "http://127.0.0.1:3000"  # of `make run`
_MOST_BYTES = 2**28


def maker(service: Service | None, options: KeyOptions, app_id: str | None) -> Make:
    """What makes tokens: a service, or this machine, with the secret."""
    if service is not None:
        return lambda wanted: wanted.ask(service)
    named, secret = require_app_id(app_id), require_secret(options)
    return lambda wanted: wanted.mint(secret, named, int(time.time()))


def maker_of_all(service: Service | None, options: KeyOptions, app_id: str | None) -> MakeAll:
    """What makes many tokens: a service, some hundred by one request, or this machine."""
    if service is not None:
        return lambda wanted: ask_all(wanted, service)
    make = maker(None, options, app_id)

    def make_all(wanted: Sequence[Wanted]) -> Iterator[dict[str, Any] | CommandError]:
        for one in wanted:
            try:
                yield make(one)
            except CommandError as error:
                yield error

    return make_all


def write_curl(wanted: Wanted, api: str | None, jwt_file: Path | None) -> None:
    """Write the curl command that asks a service for the token."""
    url = _LOCAL_URL if api is None else service_at(api).url
    body = json.dumps(wanted.body(), ensure_ascii=False)
    print(curl_command(url, body, jwt_file=None if jwt_file is None else str(jwt_file)))


def warn(made: dict[str, Any], wanted: Wanted) -> None:
    """Say on standard error what a client will have against a token that was made."""
    findings = explain(
        made["token"], user_id=wanted.user_id, room_id=wanted.room_id, product=wanted.product.value
    )
    for found in findings:
        print(f"zego-token: {found.sentence} {found.what_to_do}", file=sys.stderr)


def write_batch(path: Path, defaults: Wanted, make_maker: Callable[[], MakeAll]) -> bool:
    """Write the tokens of a file of seats; True where a row was wrong."""
    header, seats = read_seats(_text_of(path), defaults)
    make_all = make_maker()
    err = console(stderr=True)
    columns = (TextColumn("Tokens"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    wrong = 0
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        task = progress.add_task("Tokens", total=len(seats))
        report: Callable[[str], None] = lambda line: err.print(Text(safe(line)), soft_wrap=True)  # noqa: E731
        for seat in write_tokens(sys.stdout, header, seats, make_all, report):
            wrong += seat.fault is not None
            progress.advance(task)
    sys.stdout.flush()
    print(f"{len(seats) - wrong} tokens; {wrong} rows were wrong.", file=sys.stderr)
    return wrong > 0


def show_inspection(
    argument: str,
    service: Service | None,
    options: KeyOptions | None,
    compared_with: dict[str, Any],
    *,
    as_json: bool,
) -> bool:
    """Show what is in a token and what is wrong with it; True where something is."""
    token = token_of(argument)
    if service is not None:
        inspection = inspect_there(token, service, compared_with)
    else:
        secret = None if options is None else secret_if_any(options)
        inspection = inspect_here(token, secret, compared_with)
        if secret is None:
            print("Without the ServerSecret, only the outside of the token is judged.", file=sys.stderr)
    if as_json:
        print(json.dumps({"token": inspection.content, "findings": inspection.findings}))
        return inspection.is_wrong
    out = console()
    if inspection.content is not None:
        show_content(out, inspection.content, inspection.now)
    show_findings(out, inspection.findings)
    if not inspection.findings:
        out.print(Text("\n✓ Nothing is wrong with it.", style=GOOD))
    return inspection.is_wrong


def check_secret(options: KeyOptions) -> bool:
    """Say whether a secret has the form of a ServerSecret."""
    text, source = stored_secret(options)
    try:
        read_secret(text)
    except TokenError as error:
        print(f"The secret from {source} is no ServerSecret: {error.message}.")
        return False
    print(f"The secret from {source} has the form of a ServerSecret: 32 bytes.")
    return True


def put_secret(options: KeyOptions, secret_id: str | None, stack: str | None) -> None:
    """Check a secret, and store it in Secrets Manager."""
    if (secret_id is None) == (stack is None):
        raise CommandError("name where to store it: --secret-id, or --stack")
    secret = require_secret(options)
    account = Account(options.profile, options.region)
    if secret_id is None:
        outputs = account.existing_stack(str(stack)).outputs
        if "SecretArn" not in outputs:
            raise CommandError(f"the stack {stack} has no output SecretArn", NO_KEY)
        secret_id = outputs["SecretArn"]
    account.put_secret(secret_id, secret)
    print(f"Stored in {secret_id}. Running functions use it within five minutes.")


def examine_stack(
    stack: str,
    api: str | None,
    jwt_file: Path | None,
    profile: str | None,
    region: str | None,
    *,
    as_json: bool,
) -> bool:
    """Check a deployment; True where something is wrong."""
    # The URL is checked, and the JWT is read, also where the stack says the URL.
    service = service_at(api or "https://stack.invalid", jwt_file, profile, region)
    patient = Patient(stack, profile, region, service if api else None, service.jwt)
    out, checks = console(), list[Check]()
    for check in examine(patient):
        checks.append(check)
        if not as_json:
            _show_check(out, check)
    if as_json:
        print(json.dumps({"stack": stack, "checks": [asdict(check) for check in checks]}))
    return any(check.state == "problem" for check in checks)


_MARKS = {"ok": ("✓", GOOD), "problem": ("✗", BAD), "skipped": ("·", OPEN)}


def _show_check(out: Console, check: Check) -> None:
    mark, style = _MARKS[check.state]
    line = Text(check.name, style=style)
    line.append(
        f": {'skipped: ' if check.state == 'skipped' else ''}{safe(check.detail)}", style="not bold default"
    )
    show_marked(out, Text(mark, style=style), line)
    if check.what_to_do:
        show_marked(out, Text(" "), Text(check.what_to_do))


def _text_of(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES) if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text; save it as CSV UTF-8") from None
