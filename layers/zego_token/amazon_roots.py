"""Picks the roots that AWS's certificates come from out of a full bundle: `python amazon_roots.py FILE`.

The bundle is botocore's. Where the build has no botocore, it is pip's, which has the same roots.
Source of the names: https://www.amazontrust.com/repository/
"""

import re
import ssl
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
_ROOTS = {
    *(f"Amazon Root CA {number}" for number in range(1, 5)),
    "Starfield Services Root Certificate Authority - G2",
}


def main() -> None:
    """Write the roots; exit where the bundle lacks one."""
    found = {name: pem for pem in _CERTIFICATE.findall(bundle()) if (name := common_name(pem)) in _ROOTS}
    if found.keys() != _ROOTS:
        sys.exit(f"Roots of AWS are missing in the bundle: {', '.join(sorted(_ROOTS - found.keys()))}.")
    Path(sys.argv[1]).write_text("".join(found[name] for name in sorted(found)), encoding="utf-8")


def bundle() -> str:
    """The certificates of botocore, or those of pip."""
    try:
        path = Path(str(import_module("botocore").__file__)).with_name("cacert.pem")
    except ImportError:
        path = Path(import_module("pip._vendor.certifi").where())
    return path.read_text(encoding="utf-8")


def common_name(pem: str) -> str:
    """The common name of a certificate's subject; empty where it has none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem)
    parts: Any = context.get_ca_certs()[0]["subject"]
    return str(dict(part[0] for part in parts).get("commonName", ""))


if __name__ == "__main__":
    main()
