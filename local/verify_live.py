"""`make verify-live`: deploys, checks the deployment, and visits real rooms of a ZEGO app with its tokens.

All that it is asked comes in environment variables: APP_ID, REGION, STACK, PARAMS, PORT, SECRET_FILE, YES and
CLEAN. docs/verify-live.md describes it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.arguments import ArgumentError, port_of, shown, yes_or_no
from local.build import ROOT
from local.deployment.parameters import DeployError, Parameters
from local.deployment.request import read_request
from local.deployment.stack import Account
from local.run import listen, url_of
from local.terminal import INTERRUPTED, step
from local.verification.cases import Case, Seen
from local.verification.cleaning import clean_up
from local.verification.page_server import PageServer
from local.verification.report import Report
from local.verification.visits import Visits
from zego_cli.aws import Stack
from zego_cli.commands import put_secret
from zego_cli.doctor import Patient, examine
from zego_cli.errors import CommandError
from zego_cli.keys import KeyOptions
from zego_cli.service import Service
from zego_token import __version__, read_secret

STACK = "zego-tokens-verify"
DOLLARS_A_MONTH = "3.40"  # as docs/cost.md counts
_PACKAGES = ROOT / ".clients" / "node_modules"
_PAGE = Path(__file__).parent / "verification" / "page"
_SECRET_SECONDS = 60  # an absent secret is looked for again after 30 seconds
_MARKS = {"ok": "✓", "problem": "✗", "skipped": "·"}
_PLAN = """\
make verify-live does this, in your accounts:

  1. It deploys the stack {stack} to AWS. A new stack costs about
     {dollars} dollars a month until it is deleted. {clean}
  2. It stores your ServerSecret in AWS Secrets Manager, if it is not there yet.
  3. It runs the checks of zego-token doctor.
  4. It serves a page on this machine. There, your browser joins rooms of your
     ZEGO app with six test users, for about four minutes in all, and publishes
     a drawn picture. ZEGO bills these minutes to your app.
  5. It writes {report}. No secret and no token is in it.
"""
_CLEANING = {"": "CLEAN=1 deletes it at the end.", "1": "It is deleted at the end."}
_ONLY = "only"  # CLEAN=only deletes without a verification


@dataclass(frozen=True)
class Wanted:
    """The checked arguments. ``deploying`` are those of `make deploy`; ``cleaning`` is "", "1" or "only"."""

    deploying: Mapping[str, str]
    stack: str
    region: str
    port: int
    secret_file: Path | None
    confirmed: bool
    cleaning: str
    report: Path


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run(wanted_of(os.environ))
    except (ArgumentError, CommandError, DeployError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. To delete the stack: make verify-live CLEAN=only", file=sys.stderr)
        return INTERRUPTED


def wanted_of(environment: Mapping[str, str]) -> Wanted:
    """The arguments, checked. Raises :class:`ArgumentError` or :class:`DeployError`."""
    confirmed = yes_or_no(environment, "YES")
    cleaning = environment.get("CLEAN", "").strip().replace("0", "")
    if cleaning not in ("", "1", _ONLY):
        raise ArgumentError(f"CLEAN={shown(environment['CLEAN'])} must be 1 (yes), 0 (no) or {_ONLY}.")
    deploying = {**environment, "STACK": environment.get("STACK") or STACK, "CONFIG": "dev", "YES": "1"}
    request = read_request(deploying, ROOT / "samconfig.toml", Parameters.of_template(ROOT / "template.yaml"))
    secret_file = environment.get("SECRET_FILE", "")
    return Wanted(
        deploying=deploying,
        stack=request.stack,
        region=request.region,
        port=port_of(environment),
        secret_file=Path(secret_file) if secret_file else None,
        confirmed=confirmed,
        cleaning=cleaning,
        report=ROOT / f"verify-live-{datetime.now(UTC):%Y-%m-%d}.md",
    )


def run(wanted: Wanted) -> int:
    """Do what is wanted, and return the exit status: 1 where something is not as it must be."""
    if wanted.cleaning == _ONLY:
        return clean_only(wanted)
    clean = _CLEANING[wanted.cleaning]
    print(_PLAN.format(stack=wanted.stack, dollars=DOLLARS_A_MONTH, report=wanted.report.name, clean=clean))
    if not _confirmed(wanted, "Do all of this?"):
        return 1
    account = Account(wanted.region)
    if wanted.cleaning:
        _require_own(account, wanted)
    with listen(wanted.port, command="make verify-live") as listener:  # or stop before anything is deployed
        return verify(account, wanted, listener)


def verify(account: Account, wanted: Wanted, listener: socket.socket) -> int:
    """Deploy, examine the deployment, visit the rooms, and clean up if that is wanted."""
    deploying = [sys.executable, "-m", "local.deploy"]
    if subprocess.run(deploying, cwd=ROOT, env=wanted.deploying, check=False).returncode:
        return 1
    stack = account.existing_stack(wanted.stack)
    try:
        report = examined(account, stack, wanted)
        if report.has_tokens:
            visit_rooms(account, stack, listener, report)
        else:
            print("\nNo room is tried, since the service gives no tokens. Correct that first.")
    finally:
        if wanted.cleaning:
            print(clean_up(account, stack))
    print(f"\nWritten to {wanted.report.name}. Read it, then attach it to an issue.")
    return 0 if report.is_good else 1


def clean_only(wanted: Wanted) -> int:
    """Delete the stack of an earlier verification."""
    print(f"This deletes the stack {wanted.stack}, its table, its bucket and its secret.\n")
    if not _confirmed(wanted, f"Delete {wanted.stack}?"):
        return 1
    account = Account(wanted.region)
    _require_own(account, wanted)
    print(clean_up(account, account.existing_stack(wanted.stack)))
    return 0


def examined(account: Account, stack: Stack, wanted: Wanted) -> Report:
    """Store the secret if there is none, run the doctor's checks, and begin the report."""
    if not account.has_secret(stack.outputs["SecretArn"]):
        put_secret(KeyOptions(wanted.secret_file, region=account.region), None, stack.name)
        _await_tokens(_service(account, stack))
    hidden = (account.number, stack.outputs["ApiUrl"].rpartition("/")[2], stack.parameters["ZegoAppId"])
    report = Report(wanted.report, _about(account), hidden)
    print("\nThe deployment:\n")
    for check in examine(Patient(stack.name, None, account.region, None, None)):
        report.checks.append(check)
        print(f"  {_MARKS[check.state]} {check.name}: {check.detail}", flush=True)
        if check.what_to_do:
            print(f"    {check.what_to_do}")
    report.write()
    return report


def visit_rooms(account: Account, stack: Stack, listener: socket.socket, report: Report) -> None:
    """Serve the page until all rooms were visited."""
    secret = read_secret(account.secret_text(stack.outputs["SecretArn"]))
    report.hidden = (*report.hidden, secret)

    def saw(case: Case, seen: Seen) -> None:
        report.seen[case.name] = seen
        report.write()
        print(f"  {report.line(case.name)}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        page = built_page(Path(folder))
        visits = Visits(_service(account, stack), int(stack.parameters["ZegoAppId"]), secret)
        server = PageServer(page, visits, saw)
        url = url_of(*listener.getsockname()[:2])
        print(
            f"\nOpen this page and press Start. Ctrl-C ends it early.\n\n  {url}/{server.key}/\n", flush=True
        )
        server.serve(listener)


def built_page(folder: Path) -> Path:
    """The page, bundled with ZEGO's SDK into a folder."""
    bundler = _PACKAGES / ".bin" / "esbuild"
    subprocess.run(
        [bundler, _PAGE / "main.js", "--bundle", "--log-level=warning", f"--outfile={folder / 'main.js'}"],
        env={**os.environ, "NODE_PATH": str(_PACKAGES)},
        check=True,
    )
    (folder / "index.html").write_bytes((_PAGE / "index.html").read_bytes())
    return folder


def _confirmed(wanted: Wanted, question: str) -> bool:
    if wanted.confirmed:
        return True
    if not sys.stdin.isatty():
        print("Nothing was done. Say YES=1 to do it.", file=sys.stderr)
        return False
    try:
        answer = input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        answer = False
    if not answer:
        print("Nothing was done.")
    return answer


def _require_own(account: Account, wanted: Wanted) -> None:
    """Delete no stack that others may use. Raises :class:`DeployError`."""
    if wanted.stack != STACK and account.stack(wanted.stack) is not None:
        raise DeployError(
            f"CLEAN deletes {STACK} and stacks that this command creates. {wanted.stack} was there before; "
            f"delete it yourself: aws cloudformation delete-stack --stack-name {wanted.stack}"
        )


def _service(account: Account, stack: Stack) -> Service:
    return Service(stack.outputs["ApiUrl"].rstrip("/"), region=account.region)


def _await_tokens(service: Service) -> None:
    """Wait until the functions have seen the secret. The doctor says what is wrong if they do not."""
    deadline = time.monotonic() + _SECRET_SECONDS
    with step("Waiting until the functions use the secret"):
        while service.send("POST", "/v1/tokens", {"user_id": "verify"}).status == 503:
            if time.monotonic() > deadline:
                return
            time.sleep(2)


def _about(account: Account) -> dict[str, str]:
    sdk = json.loads((_PACKAGES / "zego-express-engine-webrtc" / "package.json").read_text())["version"]
    return {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Version of the service": __version__,
        "Region": account.region,
        "ZEGO's SDK": f"zego-express-engine-webrtc {sdk}",
    }


if __name__ == "__main__":
    sys.exit(main())
