"""Files and an AWS for `make provision`."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.e2e.provision_command import BUCKET, Aws, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a file of this content."""

    def write(content: str | bytes, name: str = "roster.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def aws() -> Iterator[Aws]:
    moto = DomainDispatcherApplication(create_backend_app)

    def application(request: dict[str, Any], start: Any) -> Any:
        made.requests.append(request["PATH_INFO"])
        if "partNumber" in parse_qs(request["QUERY_STRING"]):
            made.part_began.set()
            made.release.wait(timeout=60)
        return moto(request, start)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    s3 = boto3.client("s3", endpoint_url=url)
    made = Aws(url, s3, threading.Event(), threading.Event())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield made
    made.release.set()
    for key in made.objects():
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)
    server.shutdown()
    server.server_close()
    thread.join()
