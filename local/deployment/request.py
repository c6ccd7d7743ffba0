"""The request of `make deploy`, checked before anything is read from AWS."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.arguments import ArgumentError, shown, yes_or_no
from local.deployment.configuration import Configuration, read_configurations
from local.deployment.parameters import APP_ID, HASH, DeployError, Parameters

# CloudFormation's pattern for stack names.
_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
MAX_STACK_NAME = 72  # the state machine's name adds 8 characters, and may have 80


@dataclass(frozen=True)
class Request:
    """A checked request. An empty ``app_id`` means the stack's own."""

    configuration: Configuration
    stack: str
    app_id: str
    given: Mapping[str, str]
    region: str
    confirmed: bool


def read_request(environment: Mapping[str, str], samconfig: Path, parameters: Parameters) -> Request:
    """The request in the variables of `make deploy`. Raises :class:`DeployError`."""
    configurations = read_configurations(samconfig)
    configuration = _configuration(environment.get("CONFIG") or "dev", configurations)
    app_id = environment.get("APP_ID", "").strip()
    if app_id:
        parameters.check(APP_ID, app_id, label="APP_ID")
    return Request(
        configuration=configuration,
        stack=_stack(environment.get("STACK") or configuration.stack, configuration, configurations),
        app_id=app_id,
        given=_given(environment.get("PARAMS", ""), parameters),
        region=_region(environment),
        confirmed=_yes(environment),
    )


def _configuration(name: str, configurations: Mapping[str, Configuration]) -> Configuration:
    if name not in configurations:
        raise DeployError(f"CONFIG={shown(name)} must be {' or '.join(configurations)}.")
    return configurations[name]


def _stack(name: str, configuration: Configuration, configurations: Mapping[str, Configuration]) -> str:
    if not _STACK.fullmatch(name):
        raise DeployError(
            f"STACK={shown(name)} must begin with a letter and have letters, digits and hyphens only."
        )
    if len(name) > MAX_STACK_NAME:
        raise DeployError(f"STACK must have at most {MAX_STACK_NAME} characters, not {len(name)}.")
    if name == "default":
        raise DeployError("STACK=default is taken: the account's own event bus has that name.")
    for other in configurations.values():  # or prod's stack would change without a question
        if name == other.stack and other is not configuration:
            raise DeployError(f"STACK={name} is the stack of CONFIG={other.name}; say CONFIG={other.name}.")
    return name


def _given(text: str, parameters: Parameters) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise DeployError(f"PARAMS has a quote or backslash without its end ({error}).") from None
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise DeployError(f"PARAMS must be Name=Value pairs with spaces between, not {word!r}.")
        if name == APP_ID:
            raise DeployError(f"PARAMS must not set {APP_ID}; use APP_ID=... instead.")
        if name == HASH:
            raise DeployError(f"PARAMS must not set {HASH}; make deploy sets it.")
        if name in given:
            raise DeployError(f"PARAMS sets {name} twice.")
        parameters.check_name(name)
        if value:
            parameters.check(name, value, label=f"PARAMS: {name}")
        given[name] = value
    return given


def _region(environment: Mapping[str, str]) -> str:
    """The named region. Empty means the profile's own."""
    for variable in ("REGION", "AWS_REGION", "AWS_DEFAULT_REGION"):
        if region := environment.get(variable, "").strip():
            if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", region):
                raise DeployError(
                    f"{variable}={shown(region)} must be the name of a region, such as eu-central-1."
                )
            return region
    return ""


def _yes(environment: Mapping[str, str]) -> bool:
    try:
        return yes_or_no(environment, "YES")
    except ArgumentError as error:
        raise DeployError(str(error)) from None
