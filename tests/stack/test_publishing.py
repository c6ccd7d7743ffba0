"""`sam publish`: the template as an application of the AWS Serverless Application Repository.

The S3 is the stack's. The repository itself is a server that keeps what it is sent, since no stand-in has it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.factories import ROOT
from tests.stack.aws import REGION, Aws
from tests.stack.deployed import Stack
from zego_token import __version__

APPLICATION = "arn:aws:serverlessrepo:eu-central-1:123456789012:applications/zego-token-service"


@contextmanager
def repository(requests: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """An application repository without applications; what it is asked goes into ``requests``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, body))
            content = json.dumps({"applicationId": APPLICATION}).encode()
            self.send_response(201)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """No line for each request."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sam(environment: dict[str, str], *arguments: str | Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("sam"), *arguments, "--region", REGION],
        cwd=ROOT,
        env={**environment, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_was_built_can_be_published(aws: Aws, fresh_stack: Stack, tmp_path: Path) -> None:
    # given: what `make deploy` built for the stack, packaged
    assert fresh_stack.outputs
    s3, packaged = aws.client("s3"), tmp_path / "packaged.yaml"
    s3.create_bucket(Bucket="published", CreateBucketConfiguration={"LocationConstraint": REGION})
    sam(aws.environment, "package", "--s3-bucket", "published", "--output-template-file", packaged)
    metadata = yaml.safe_load(packaged.read_text())["Metadata"]["AWS::ServerlessRepo::Application"]

    def content(url: str) -> bytes:
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("s3", "published")
        data: bytes = s3.get_object(Bucket="published", Key=parts.path.lstrip("/"))["Body"].read()
        return data

    assert content(metadata["LicenseUrl"]) == (ROOT / "LICENSE").read_bytes()
    assert content(metadata["ReadmeUrl"]) == (ROOT / "README.md").read_bytes()

    # when
    requests: list[tuple[str, dict[str, Any]]] = []
    with repository(requests) as url:
        environment = {**aws.environment, "AWS_ENDPOINT_URL_SERVERLESSAPPLICATIONREPOSITORY": url}
        output = sam(environment, "publish", "--template", packaged)

    # then: one application, with everything that a public one needs
    ((path, application),) = requests
    assert path == "/applications"
    assert "Publish Succeeded" in output
    assert (application["name"], application["semanticVersion"]) == ("zego-token-service", __version__)
    assert application["spdxLicenseId"] == "MIT"
    assert {
        "author",
        "description",
        "labels",
        "licenseUrl",
        "readmeUrl",
        "templateBody",
    } <= application.keys()
    template = yaml.safe_load(application["templateBody"])
    layer = template["Resources"]["ZegoTokenLayer"]["Properties"]
    assert content(layer["ContentUri"])[:2] == b"PK"
