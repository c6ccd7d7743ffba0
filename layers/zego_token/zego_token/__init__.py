"""ZEGO (ZEGOCLOUD) authentication tokens: token03 and token04, made and read. No AWS, no I/O."""

from importlib import import_module
from typing import TYPE_CHECKING

from zego_token.checks import APP_SIGN_CHARACTERS, MAX_APP_ID, SDK_ID_CLASS, SECRET_BYTES
from zego_token.ciphers import Cipher
from zego_token.decode import DecodedToken, decode_token, header_expires_at
from zego_token.errors import ErrorCode, TokenError
from zego_token.generate import generate_token03, generate_token04
from zego_token.kit import kit_token
from zego_token.payloads import Privilege, room_payload
from zego_token.secrets import read_secret
from zego_token.wire import MAX_EXPIRES_AT

# The one version: of the package, and of the service that is deployed with it.
__version__ = "1.0.0"

if TYPE_CHECKING:
    from zego_token.bulk import generate_tokens04
    from zego_token.diagnosis.client_errors import CLIENT_ERRORS, ClientError
    from zego_token.diagnosis.explain import Diagnosis, diagnose, explain
    from zego_token.diagnosis.findings import Finding
else:
    # Imported when first used: a service that issues tokens rarely needs them, and starts faster without.
    _LATER = {
        "CLIENT_ERRORS": "diagnosis.client_errors",
        "ClientError": "diagnosis.client_errors",
        "Diagnosis": "diagnosis.explain",
        "Finding": "diagnosis.findings",
        "diagnose": "diagnosis.explain",
        "explain": "diagnosis.explain",
        "generate_tokens04": "bulk",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"zego_token.{_LATER[name]}"), name)


__all__ = [
    "APP_SIGN_CHARACTERS",
    "CLIENT_ERRORS",
    "MAX_APP_ID",
    "MAX_EXPIRES_AT",
    "SDK_ID_CLASS",
    "SECRET_BYTES",
    "Cipher",
    "ClientError",
    "DecodedToken",
    "Diagnosis",
    "ErrorCode",
    "Finding",
    "Privilege",
    "TokenError",
    "__version__",
    "decode_token",
    "diagnose",
    "explain",
    "generate_token03",
    "generate_token04",
    "generate_tokens04",
    "header_expires_at",
    "kit_token",
    "read_secret",
    "room_payload",
]
