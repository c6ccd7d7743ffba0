"""The environment in which the small client makes the calls of a token request."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def as_in_lambda(patch: "pytest.MonkeyPatch", url: str) -> None:
    """Set what Lambda sets, and AWS at a URL; remove what would ask for boto3."""
    for name in os.environ:
        if name.lower().endswith("_proxy") or name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE"):
            patch.delenv(name)
    patch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
    patch.setenv("AWS_ENDPOINT_URL", url)
