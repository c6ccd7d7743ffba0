"""The S3 bucket of the service: rosters, their results, and what was rejected."""

from collections.abc import Iterator
from contextlib import contextmanager

from zego_service.clients import Clients
from zego_service.errors import BucketUnavailableError, OutageError
from zego_service.settings import Settings
from zego_service.telemetry import logger


class Bucket:
    """The objects of the bucket, as text. Every method raises :class:`BucketUnavailableError`."""

    def __init__(self, clients: Clients, settings: Settings) -> None:
        self._clients = clients
        self._name = settings.bucket

    def put(self, key: str, text: str, media_type: str) -> None:
        """Write or replace an object."""
        with _reporting():
            self._clients.put_object(self._name, key, text, media_type)

    def get(self, key: str) -> str:
        """Read an object."""
        with _reporting():
            return self._clients.get_object(self._name, key)

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with ``prefix``, in order."""
        with _reporting():
            yield from self._clients.object_keys(self._name, prefix)


@contextmanager
def _reporting() -> Iterator[None]:
    try:
        yield
    except OutageError as outage:
        logger.error("the bucket cannot be used", cause=outage.cause)
        raise BucketUnavailableError from None
