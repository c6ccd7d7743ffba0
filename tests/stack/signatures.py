"""A gateway before an API that refuses wrong SigV4 signatures, as API Gateway does and ministack does not.

The signature is computed here from AWS's description of it, not by a signer that an example uses:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

from werkzeug.wrappers import Request, Response

from tests.loopback import served
from tests.stack.deployed import Stack

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<scope>\S+), *"
    r"SignedHeaders=(?P<names>\S+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_MUST_BE_SIGNED = {"host", "x-amz-date"}
_REFUSAL = '{"message": "The request signature we calculated does not match the signature you provided."}'


@contextmanager
def signed_gateway(stack: Stack, secret_keys: dict[str, str]) -> Iterator[str]:
    """The URL of a gateway before the stack's API, for callers with these access keys and secret keys."""
    host, server = urlsplit(stack.outputs["ApiUrl"]).netloc, urlsplit(stack.aws.url)

    @Request.application
    def gateway(request: Request) -> Response:
        if not is_signed(request, secret_keys):
            return Response(_REFUSAL, HTTPStatus.FORBIDDEN, content_type="application/json")
        headers = {**dict(request.headers), "Host": host}
        with closing(HTTPConnection(str(server.hostname), server.port, timeout=60)) as connection:
            connection.request(request.method, request.path, request.get_data(), headers)
            answer = connection.getresponse()
            return Response(answer.read(), answer.status, content_type=answer.headers["Content-Type"])

    with served(gateway) as url:
        yield url


def is_signed(request: Request, secret_keys: dict[str, str]) -> bool:
    """Whether the signature of a request without a query string is that of one of the keys."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if found is None or found["key"] not in secret_keys:
        return False
    names = found["names"].split(";")
    must = _MUST_BE_SIGNED | (
        {"x-amz-security-token"} if "X-Amz-Security-Token" in request.headers else set()
    )
    if names != sorted(names) or not set(names) >= must:
        return False
    canonical = [
        request.method,
        quote(request.path, safe="/-_.~"),
        "",
        *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names),
        "",
        found["names"],
        hashlib.sha256(request.get_data()).hexdigest(),
    ]
    when, scope = request.headers["X-Amz-Date"], found["scope"]
    hashed = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    key = f"AWS4{secret_keys[found['key']]}".encode()
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashed}"):
        key = hmac.digest(key, part.encode(), "sha256")
    is_of_service = scope.split("/")[0] == when[:8] and scope.split("/")[2:] == [
        "execute-api",
        "aws4_request",
    ]
    return is_of_service and hmac.compare_digest(key.hex(), found["signature"])
