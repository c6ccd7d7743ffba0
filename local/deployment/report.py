"""The end of `make deploy`: the stack's outputs, and the next command."""

import shlex
import sys
from collections.abc import Mapping

from local.deployment.stack import Account
from local.terminal import WIDTH, bold

_INDENT = "  "


def print_outputs(outputs: Mapping[str, str]) -> None:
    """Print a table. Values stay on one line, to be copied; commands are broken at options."""
    column = max(map(len, outputs), default=0)
    print(f"\n{bold('Outputs', sys.stdout)}\n")
    for name, value in sorted(outputs.items()):
        line = f"{_INDENT}{name:<{column}}  {value}"
        if len(line) <= WIDTH:
            print(line)
            continue
        print(f"{_INDENT}{name}")
        print("\n".join(f"{_INDENT * 2}{part}" for part in _broken(value)))


def print_next(account: Account, outputs: Mapping[str, str]) -> None:
    """Print the next command: storing the secret, until it has a value."""
    if account.has_secret(outputs["SecretArn"]):
        command = f"curl {outputs['ApiUrl']}/v1/health"
        print(f"\n{bold('Next, see that it answers:', sys.stdout)}\n")
    else:
        command = outputs["PutSecretCommand"]
        what = "Next, put the ServerSecret: paste it, then press Enter and Ctrl-D."
        print(f"\n{bold(what, sys.stdout)}\n")
    print("\n".join(f"{_INDENT}{part}" for part in _broken(command)))


def _broken(command: str) -> list[str]:
    """A command over several lines, joined by backslashes. Words are never broken."""
    if " " not in command or len(shlex.split(command)) == 1:
        return [command]
    words = command.split(" ")
    lines = [words[0]]
    for word in words[1:]:
        if len(f"{lines[-1]} {word}") + len(_INDENT) * 2 + 2 <= WIDTH and not word.startswith("--"):
            lines[-1] += f" {word}"
        else:
            lines.append(f"{_INDENT}{word}")
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]
