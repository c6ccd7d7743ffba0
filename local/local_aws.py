"""`make local-aws`: an embedded AWS for `sam local invoke`, until Ctrl-C.

It serves one ZEGO app's secret, table, bucket, event bus and key, and writes env.json, which tells the
functions where they are. It listens on the loopback address unless ADDRESS names another one.
"""

import ipaddress
import json
import logging
import os
import platform
import signal
import sys
import threading
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from local.access import Access, guarded
from local.arguments import port_of, stopping
from local.aws import (
    ENVIRONMENT,
    SAMPLE_ROLE,
    ZegoApp,
    create_stack,
    create_table,
    store_secret,
    use_local_credentials,
    zego_app,
)
from local.build import ROOT, build, container_platform
from local.run import NOBODY, listen
from local.terminal import bold, interruptible
from zego_service.settings import Settings

ENV_FILE = ROOT / "env.json"
LOOPBACK = "127.0.0.1"
DESKTOP = "host.docker.internal"  # this machine's name in containers of Docker Desktop
BRIDGE = "172.17.0.1"  # this machine's address on Docker's network, on Linux
EVENT = "events/http_api_token04_room.json"


def main() -> None:
    with stopping():
        port = port_of(os.environ)
    address = own_address(os.environ.get("ADDRESS") or LOOPBACK)
    for stop in (signal.SIGINT, signal.SIGTERM):  # a background job would inherit an ignored SIGINT
        signal.signal(stop, signal.default_int_handler)
    app = zego_app(os.environ)
    listener = listen(port, address, "make local-aws")
    target = container_platform()
    folder = build(target)
    use_local_credentials()
    host, port = listener.getsockname()
    application = DomainDispatcherApplication(create_backend_app)
    logging.getLogger("werkzeug").setLevel("WARNING")  # no line for each request
    # Moto lets every web page read its answers.
    guard = guarded(application, Access.from_environment({}, host, DESKTOP))
    server = make_server(host, port, guard, threaded=True, fd=listener.fileno())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fill(app, f"http://{host}:{port}")
    url = endpoint(host, port, platform.system())
    ENV_FILE.write_text(json.dumps(env_file(app, url), indent=2) + "\n", encoding="utf-8")
    introduce(app, host, url, folder.relative_to(ROOT))
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")


def own_address(text: str) -> str:
    """The address to listen on. Exits for 0.0.0.0, which would listen on every network."""
    try:
        given = ipaddress.IPv4Address(text)
    except ValueError:
        sys.exit(f"ADDRESS={text} must be an IPv4 address, such as {BRIDGE}.")
    if given.is_unspecified:
        sys.exit(f"ADDRESS={text} would open it to the network. Name one address, such as {BRIDGE}.")
    return text


def endpoint(host: str, port: int, system: str) -> str:
    """The URL of this machine, as seen from a container."""
    is_desktop = host == LOOPBACK and system != "Linux"
    return f"http://{DESKTOP if is_desktop else host}:{port}"


def fill(app: ZegoApp, url: str) -> None:
    """Create what the functions use of the template."""
    store_secret(app, url)
    create_table(url)
    create_stack(url)


def env_file(app: ZegoApp, url: str) -> dict[str, dict[str, str]]:
    """The content of env.json: variables for both functions. sam overrides the template's with them."""
    settings = Settings()
    variables = {
        "AWS_ENDPOINT_URL": url,
        "ZEGO_DEFAULT_APP_ID": str(app.app_id),
        "ZEGO_SECRET_NAME": f"zego/{app.app_id}",
        "ZEGO_SERVICE_ROLES": SAMPLE_ROLE,
        "ZEGO_TABLE": settings.table,
        "ZEGO_EVENT_BUS": settings.event_bus,
        "ZEGO_BUCKET": settings.bucket,
        "ZEGO_KMS_KEY": settings.kms_key,
    }
    if app.is_demo:
        variables["ZEGO_SERVER_API"] = NOBODY  # ZEGO does not know the demo app
    return {"Parameters": variables}


def introduce(app: ZegoApp, host: str, url: str, folder: Path) -> None:
    """Print what is served, for whom, and the command to run."""
    print(f"{bold(f'AWS with ZEGO app {app.app_id} on {url}', sys.stdout)}\n")
    print(f"{ENV_FILE.name} tells the functions where it is.")
    if host != LOOPBACK:
        print(f"Everything that reaches {host} can read the app's ServerSecret.")
    elif platform.system() == "Linux":
        print(
            "Containers cannot reach this machine's loopback address. If Docker runs here,\n"
            f"stop, and serve on its bridge: make local-aws ADDRESS={BRIDGE}"
        )
    print(
        "\nIn a second terminal:\n\n"
        f"  .venv/bin/sam local invoke TokenApiFunction \\\n"
        f"    --template {folder}/template.yaml \\\n"
        f"    --event {EVENT} --env-vars {ENV_FILE.name} \\\n"
        f"    --region {ENVIRONMENT['AWS_REGION']}\n\n"
        "Serving until Ctrl-C.",
        flush=True,
    )


if __name__ == "__main__":
    interruptible(main)
