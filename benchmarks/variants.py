"""The handlers that are compared, each with what it has in Lambda: code, layer, runtime."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from local.aws import DEMO_APP_ID, ENVIRONMENT
from local.build import ROOT, build
from local.certificates import Authority
from local.lambda_runtime import RUNTIME

EVENT = ROOT / "events" / "http_api_token04_room.json"
NAIVE, BARE, OURS = "naive handler", "bare boto3 handler", "this service"
_BASELINES = Path(__file__).with_name("baselines")
_PACKAGES = ROOT / ".bench"  # of the naive handler, see the Makefile
_ROOTS = "zego_service/amazon_roots.pem"


@dataclass(frozen=True)
class Variant:
    """A handler: where its code is, and what differs in its environment."""

    name: str
    handler: str
    path: tuple[Path, ...]
    roots: Path  # the certificates that it trusts in Lambda
    extra: Mapping[str, str] = field(default_factory=dict)

    def environment(self, url: str, bundles: "Bundles") -> dict[str, str]:
        """The environment in which it finds AWS at a URL."""
        return {
            **ENVIRONMENT,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, (*self.path, RUNTIME))),
            "LAMBDA_TASK_ROOT": str(self.path[0]),
            "AWS_LAMBDA_FUNCTION_NAME": "token-api",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_ENDPOINT_URL": url,
            "AWS_CA_BUNDLE": str(bundles.of(self.roots)),
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2999",
            "POWERTOOLS_SERVICE_NAME": "zego",
            "POWERTOOLS_METRICS_NAMESPACE": "Zego",
            "ZEGO_DEFAULT_APP_ID": str(DEMO_APP_ID),
            "ZEGO_USER_ROOMS": "any",
            "ZEGO_USER_TOKENS_PER_MINUTE": "100000",
            **self.extra,
        }


class Bundles:
    """Certificates to trust: those that a variant trusts in Lambda, and the benchmark's own authority.

    So each loads as many certificates as it does there.
    """

    def __init__(self, authority: Authority, folder: Path) -> None:
        self._authority = authority
        self._folder = folder

    @cache  # noqa: B019, one object lives as long as the benchmark
    def of(self, roots: Path) -> Path:
        bundle = self._folder / f"{roots.parent.name}-{roots.name}"
        bundle.write_text(roots.read_text(encoding="utf-8") + self._authority.pem, encoding="utf-8")
        return bundle


def full_store() -> Path:
    """The certificates that boto3 trusts."""
    return RUNTIME / "botocore" / "cacert.pem"


def naive(name: str = NAIVE, **extra: str) -> Variant:
    """Powertools with its tracer, pydantic and boto3."""
    return Variant(name, "naive_app.lambda_handler", (_BASELINES, _PACKAGES), full_store(), extra)


def bare() -> Variant:
    """boto3 and pycryptodome."""
    return Variant(BARE, "bare_app.lambda_handler", (_BASELINES, _PACKAGES), full_store())


def ours(name: str = OURS, **extra: str) -> Variant:
    """The built artifact."""
    built = build()
    layer = built / "ZegoTokenLayer" / "python"
    own_roots = layer / _ROOTS
    roots = own_roots if own_roots.is_file() and "ZEGO_AWS_CLIENT" not in extra else full_store()
    path = (built / "TokenApiFunction", layer)
    return Variant(name, "token_api.app.lambda_handler", path, roots, extra)


def without_bytecode(folder: Path) -> Variant:
    """A copy of the built artifact that is compiled at each start."""
    whole = ours()
    ignored = shutil.ignore_patterns("*.pyc")
    path = tuple(shutil.copytree(each, folder / each.name, ignore=ignored) for each in whole.path)
    extra = {"PYTHONDONTWRITEBYTECODE": "1"}
    return Variant(f"{OURS}, no bytecode", whole.handler, path, whole.roots, extra)
