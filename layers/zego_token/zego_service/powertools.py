"""Powertools, loaded only as far as it is used.

Its packages import everything they hold when they are imported: event handlers for AppSync and Bedrock,
every data class, asyncio, botocore. That is half of a cold start. :func:`load_lazily` opens them without
running their ``__init__``. A name is then loaded from its module when it is first asked for; a name that
is not listed here loads the whole package, as usual.
"""

import sys
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_ROOT = "aws_lambda_powertools"
_API_GATEWAY = "api_gateway_proxy_event"
# Packages, parents first: the names that are used, and the modules that define them.
_PACKAGES: dict[str, dict[str, str]] = {
    _ROOT: {"Logger": "logging.logger"},
    f"{_ROOT}.logging": {"Logger": "logger"},
    f"{_ROOT}.metrics": {"MetricUnit": "base", "single_metric": "base"},
    f"{_ROOT}.event_handler": {
        "APIGatewayHttpResolver": "api_gateway",
        "APIGatewayRestResolver": "api_gateway",
        "LambdaFunctionUrlResolver": "lambda_function_url",
        "Response": "api_gateway",
    },
    f"{_ROOT}.event_handler.openapi": {},
    f"{_ROOT}.utilities.jmespath_utils": {},
    f"{_ROOT}.utilities.data_classes": {
        "ALBEvent": "alb_event",
        "APIGatewayProxyEvent": _API_GATEWAY,
        "APIGatewayProxyEventV2": _API_GATEWAY,
        "BedrockAgentEvent": "bedrock_agent_event",
        "LambdaFunctionUrlEvent": "lambda_function_url_event",
        "S3Event": "s3_event",
        "VPCLatticeEvent": "vpc_lattice",
        "VPCLatticeEventV2": "vpc_lattice",
    },
}


def load_lazily() -> None:
    """Open the packages. It changes nothing where Powertools is loaded already."""
    if _ROOT in sys.modules:
        return
    for package, names in _PACKAGES.items():
        _open(package, names)
    # What the root's own __init__ does, but for adding its name to requests of boto3.
    import_module(f"{_ROOT}.package_logger").set_package_logger_handler()


def _open(package: str, names: Mapping[str, str]) -> None:
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"there is no {package}", name=package)
    module = sys.modules[package] = module_from_spec(spec)
    vars(module)["__getattr__"] = partial(_attribute, module, names)
    parent, _, name = package.rpartition(".")
    if parent:
        setattr(sys.modules[parent], name, module)


def _attribute(module: ModuleType, names: Mapping[str, str], name: str) -> Any:
    """A name of a package that is open: from its module, a submodule, or else from the whole package."""
    package = module.__name__
    if name.startswith("__"):
        raise AttributeError(name)
    if name in names:
        value = getattr(import_module(f"{package}.{names[name]}"), name)
        setattr(module, name, value)
        return value
    if find_spec(f"{package}.{name}") is not None:
        return import_module(f"{package}.{name}")
    _load(module)
    return getattr(module, name)


def _load(module: ModuleType) -> None:
    """Run the package's own __init__."""
    vars(module).pop("__getattr__", None)
    if module.__spec__ is not None and module.__spec__.loader is not None:
        module.__spec__.loader.exec_module(module)
