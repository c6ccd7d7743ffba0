"""`make deploy`: checks, builds, deploys, and says what to do next.

All that it is asked comes in environment variables, so that no shell reads the values: APP_ID, CONFIG,
REGION, STACK, PARAMS and YES. What a stack was deployed with, the stack itself remembers.
"""

import os
import signal
import sys
import textwrap

from local.build import ROOT, code_sha256
from local.deployment.changes import ChangeSet, discard, execute, show
from local.deployment.parameters import APP_ID, DeployError, Parameters
from local.deployment.report import print_next, print_outputs
from local.deployment.request import Request, read_request
from local.deployment.rules import check_rules
from local.deployment.sam import build, create_change_set
from local.deployment.stack import Account
from local.terminal import INTERRUPTED, WIDTH, bold, complain, step, table
from zego_cli.aws import Stack


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return deploy()
    except DeployError as error:
        complain(str(error))
        return 1
    except BrokenPipeError:  # such as after `| head`; CloudFormation continues
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nStopped. If CloudFormation has begun, it goes on.", file=sys.stderr)
        return INTERRUPTED


def deploy() -> int:
    """Deploy, and return the exit status."""
    parameters = Parameters.of_template(ROOT / "template.yaml")
    request = read_request(os.environ, ROOT / "samconfig.toml", parameters)
    _require_answer(request)
    account = Account(request.region)
    stack = account.stack(request.stack)
    values = _values(request, stack, parameters)
    verb = "Create" if stack is None else "Update"
    where = {"app": values[APP_ID], "region": account.region, "account": account.number}
    print(f"{bold(f'{verb} {request.stack}', sys.stdout)}\n\n{table(where)}\n", flush=True)
    with step("Building"):
        notices = build()
    for notice in notices:
        print(textwrap.fill(notice, WIDTH, initial_indent="  ", subsequent_indent="    "), flush=True)
    values = parameters.with_hash(values, code_sha256())
    name = request.configuration.name
    with step("Uploading, and working out the changes"):
        identifier = create_change_set(name, request.stack, account.region, values)
    if identifier is None:
        print("Nothing has changed.")
    else:
        changes = ChangeSet(identifier, request.stack, creates=stack is None)
        if not _confirmed(account, request, changes):
            discard(account, changes)
            print("Nothing was changed.")
            return 1
        with step("Deploying") as working:
            execute(account, changes, working)
    _report(account, request.stack)
    return 0


def _report(account: Account, name: str) -> None:
    stack = account.stack(name)
    if stack is None:
        raise DeployError(f"The stack {name} is gone.")
    print_outputs(stack.outputs)
    print_next(account, stack.outputs)


def _require_answer(request: Request) -> None:
    """Refuse to start if a question will come and there is no terminal to answer it."""
    if request.configuration.asks and not request.confirmed and not sys.stdin.isatty():
        raise DeployError(
            f"CONFIG={request.configuration.name} asks before it changes anything, and there is no terminal. "
            "Say YES=1 to deploy without a question."
        )


def _confirmed(account: Account, request: Request, changes: ChangeSet) -> bool:
    if not request.configuration.asks:
        return True
    show(account, changes)
    if request.confirmed:
        return True
    try:
        return input(f"\nDeploy these changes to {request.stack}? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):  # Ctrl-D, Ctrl-C
        print()
        return False


def _values(request: Request, stack: Stack | None, parameters: Parameters) -> dict[str, str]:
    """The parameters to deploy. Raises :class:`DeployError` if they belong to another app."""
    remembered = {} if stack is None else stack.parameters
    app_id = request.app_id or remembered.get(APP_ID, "")
    if not app_id:
        raise DeployError(
            f"APP_ID=... is needed, since the stack {request.stack} does not exist yet. "
            "It is the app's AppID, from ZEGOCLOUD's console."
        )
    if remembered and remembered[APP_ID] != app_id:
        raise DeployError(
            f"APP_ID={app_id} is not the app of the stack {request.stack}, which is {remembered[APP_ID]}. "
            f"Name a stack for it: STACK={request.stack}-{app_id}"
        )
    values = parameters.merged(request.configuration.first_parameters, remembered, request.given)
    check_rules(parameters, values)
    return {**values, APP_ID: app_id}


if __name__ == "__main__":
    sys.exit(main())
