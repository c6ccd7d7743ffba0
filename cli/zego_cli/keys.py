"""Where the AppID and the ServerSecret come from. A secret is never an argument: others could read it."""

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zego_cli.errors import NO_KEY, CommandError
from zego_cli.values import parse_app_id
from zego_token import TokenError, read_secret

_MOST_BYTES = 65_536  # a secret's file is small
SOURCES = "--secret-file, ZEGO_SERVER_SECRET, --secret-id, or a terminal to ask at"


@dataclass(frozen=True)
class KeyOptions:
    """What the command was told about the secret, and the AWS profile and region to read it with."""

    secret_file: Path | None = None
    secret_id: str | None = None
    profile: str | None = None
    region: str | None = None


def app_id_of(given: str | None) -> int | None:
    """The AppID of ``--app-id``, else of ZEGO_APP_ID, else None."""
    if given is not None:
        return parse_app_id(given, "--app-id")
    text = os.environ.get("ZEGO_APP_ID", "").strip()
    return parse_app_id(text, "ZEGO_APP_ID") if text else None


def require_app_id(given: str | None) -> int:
    """The AppID, which must be given."""
    app_id = app_id_of(given)
    if app_id is None:
        raise CommandError("the AppID is missing: use --app-id, or set ZEGO_APP_ID")
    return app_id


def require_secret(options: KeyOptions) -> str:
    """The ServerSecret, of the right form. Raises :class:`CommandError`, also where none is given."""
    text, source = stored_secret(options)
    try:
        return read_secret(text)
    except TokenError as error:
        raise CommandError(f"the secret from {source} is no ServerSecret: {error.message}", NO_KEY) from None


def secret_if_any(options: KeyOptions) -> str | None:
    """The secret as it was given, of any form; None where none is given and nobody can be asked."""
    is_given = options.secret_file or os.environ.get("ZEGO_SERVER_SECRET") or options.secret_id
    if not is_given and not can_ask():
        return None
    text, _ = stored_secret(options, "ServerSecret (leave empty to go without): ")
    return text or None


def stored_secret(options: KeyOptions, question: str = "ServerSecret: ") -> tuple[str, str]:
    """The secret's text and where it came from: the first source that is given."""
    if options.secret_file is not None:
        return _from_file(options.secret_file), str(options.secret_file)
    from_environment = os.environ.get("ZEGO_SERVER_SECRET")
    if from_environment:
        return from_environment, "ZEGO_SERVER_SECRET"
    if options.secret_id is not None:
        return _from_aws(options), options.secret_id
    return asked(question), "the prompt"


def asked(question: str, ask: Callable[[str], str] = getpass.getpass) -> str:
    """What is typed at the terminal, unseen."""
    if not can_ask():
        raise CommandError(f"the ServerSecret is missing: use {SOURCES}", NO_KEY)
    try:
        return ask(question)
    except EOFError:
        raise CommandError("no secret was typed", NO_KEY) from None


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stderr.isatty() and (sys.stdin.isatty() or (Path("/dev/tty").exists() and _has_terminal()))


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _from_file(path: Path) -> str:
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"--secret-file {path}: {error.strerror}", NO_KEY) from None
    if len(data) > _MOST_BYTES:
        raise CommandError(f"--secret-file {path} is too large for a secret", NO_KEY)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"--secret-file {path} is not UTF-8 text", NO_KEY) from None


def _from_aws(options: KeyOptions) -> str:
    from zego_cli.aws import Account

    account = Account(options.profile, options.region)
    return account.secret_text(str(options.secret_id))
