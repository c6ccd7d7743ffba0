"""What a request costs, measured on the built artifact, and kept in measured.json for `make cost`."""

import json
import os
import platform
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks.cost import MEASURED
from benchmarks.report import show
from benchmarks.targets import Target, cpu_seconds

REQUESTS = 500


def measure(target: Target) -> None:
    """Measure a user's requests to the artifact, and keep the result."""
    process, address = target.processes[0], urlsplit(target.urls[0])
    answer, cpu, logged = b"", cpu_seconds(process), target.logged_bytes()
    for _ in range(REQUESTS):
        connection = HTTPConnection(address.hostname or "", address.port)
        connection.request("POST", address.path, target.body)
        answer = connection.getresponse().read()
        connection.close()
    cpu, logged = cpu_seconds(process) - cpu, target.logged_bytes() - logged
    content = json.loads(answer)
    headers = sum(len(f"{name}: {value}\r\n") for name, value in content["headers"].items())
    kept = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "start_cpu_ms": round(target.start_cpu_seconds * 1e3),
        "request_cpu_ms": round(cpu / REQUESTS * 1e3, 2),
        "logged_bytes": round(logged / REQUESTS),
        "answered_bytes": headers + len(content["body"]),
    }
    MEASURED.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    rows = [
        (name.replace("_", " "), f"{value:g}") for name, value in kept.items() if not isinstance(value, str)
    ]
    show("A user's request to the artifact, for make cost", ("", ""), rows)
