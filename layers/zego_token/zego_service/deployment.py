"""Puts the service together: for both functions, for tests and for benchmarks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING

from zego_service.apps import Apps
from zego_service.clients import Clients
from zego_service.clock import Clock, Instant
from zego_service.issuing.inspecting import Inspecting
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.quota import Quota
from zego_service.issuing.revocations import Revocations
from zego_service.issuing.revoking import Revoking
from zego_service.provisioning.admission import Admission
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.vault import Vault
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_service.table import Table
from zego_service.telemetry import logger

if TYPE_CHECKING:
    from zego_service.bucket import Bucket
    from zego_service.provisioning.announcements import Announcements
    from zego_service.provisioning.batches import Batches
    from zego_service.provisioning.provisioner import Provisioner
    from zego_service.provisioning.roster_runs import RosterRuns


AHEAD_SECONDS = 4  # for what is read at start; Lambda gives a start ten


@dataclass(frozen=True)
class Deployment:
    """What the functions need, over one set of clients. Handlers read ``clock`` once a request."""

    settings: Settings
    clients: Clients
    clock: Clock
    table: Table
    secrets: SecretStore
    revocations: Revocations
    apps: Apps
    issuer: TokenIssuer
    revoking: Revoking
    inspecting: Inspecting
    grants: Grants
    vault: Vault
    admission: Admission

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, bulk: bool = False) -> "Deployment":
        """The deployment that the environment describes; ``bulk`` is for the provisioner.

        Raises :class:`zego_service.settings.SettingsError`.
        """
        return cls.over(Settings.from_environment(environment), Clients(bulk=bulk))

    @classmethod
    def over(cls, settings: Settings, clients: Clients, clock: Clock = Instant.now) -> "Deployment":
        """A deployment over these clients."""
        table = Table(clients, settings)
        secrets, revocations = SecretStore(clients, settings, clock), Revocations(table, clock)
        apps, quota = Apps(settings, secrets), Quota(table, settings, clock)
        issuer = TokenIssuer(settings, apps, secrets, revocations, quota)
        grants, vault = Grants(table), Vault(clients, table, settings)
        return cls(
            settings=settings,
            clients=clients,
            clock=clock,
            table=table,
            secrets=secrets,
            revocations=revocations,
            apps=apps,
            issuer=issuer,
            revoking=Revoking(settings, apps, secrets, revocations, clients.deadline.seconds_left),
            inspecting=Inspecting(apps, secrets),
            grants=grants,
            vault=vault,
            admission=Admission(settings, issuer, grants, vault, apps),
        )

    # Most requests do without these, so their modules are loaded when they are first used.

    @cached_property
    def batches(self) -> "Batches":
        """Many tokens for one request."""
        from zego_service.provisioning.batches import Batches

        return Batches(self.admission, self.issuer, self.grants, self.clients.deadline)

    @cached_property
    def provisioner(self) -> "Provisioner":
        """What events do."""
        from zego_service.provisioning.provisioner import Provisioner
        from zego_service.provisioning.rejections import Rejections

        rejections = Rejections(self._bucket)
        return Provisioner(
            self.settings, self.issuer, self.grants, self.vault, self._announcements, rejections
        )

    @cached_property
    def roster_runs(self) -> "RosterRuns":
        """Runs over rosters."""
        from zego_service.provisioning.roster_runs import RosterRuns

        return RosterRuns(self.grants, self._announcements, self._bucket, self.settings)

    @cached_property
    def _bucket(self) -> "Bucket":
        from zego_service.bucket import Bucket

        return Bucket(self.clients, self.settings)

    @cached_property
    def _announcements(self) -> "Announcements":
        from zego_service.provisioning.announcements import Announcements

        return Announcements(self.clients, self.table, self.settings)

    @contextmanager
    def reading_ahead(self) -> Iterator[None]:
        """Read the secret and the revocations of the deployment's app meanwhile, in threads.

        They have ended when the context ends. What cannot be read is left to the first request.
        """
        app_id, now = self.settings.default_app_id, self.clock()
        readers = (self.secrets.read_ahead, self.revocations.read_ahead) if app_id is not None else ()
        threads = [Thread(target=_without_harm, args=(read, app_id, now)) for read in readers]
        self.clients.end_within(AHEAD_SECONDS)
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                thread.join()
            self.clients.end_within(None)


def _without_harm(read: Callable[[int, Instant], None], app_id: int, now: Instant) -> None:
    try:
        read(app_id, now)
    except Exception as error:  # noqa: BLE001, the request that needs it will find the same
        logger.warning("could not be read ahead", error=type(error).__name__)
