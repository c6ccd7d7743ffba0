"""Puts the service together: for both functions, for tests and for benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass

from zego_service.apps import Apps
from zego_service.bucket import Bucket
from zego_service.clients import Clients
from zego_service.clock import Clock, Instant
from zego_service.issuing.inspecting import Inspecting
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.quota import Quota
from zego_service.issuing.revocations import Revocations
from zego_service.issuing.revoking import Revoking
from zego_service.provisioning.admission import Admission
from zego_service.provisioning.announcements import Announcements
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.provisioner import Provisioner
from zego_service.provisioning.rejections import Rejections
from zego_service.provisioning.roster_runs import RosterRuns
from zego_service.provisioning.vault import Vault
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings
from zego_service.table import Table


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the functions need, over one set of clients. Handlers read ``clock`` once a request."""

    settings: Settings
    clients: Clients
    clock: Clock
    apps: Apps
    issuer: TokenIssuer
    revoking: Revoking
    inspecting: Inspecting
    grants: Grants
    vault: Vault
    admission: Admission
    provisioner: Provisioner
    roster_runs: RosterRuns

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, bulk: bool = False) -> "Deployment":
        """The deployment that the environment describes; ``bulk`` is for the provisioner.

        Raises :class:`zego_service.settings.SettingsError`.
        """
        return cls.over(Settings.from_environment(environment), Clients(bulk=bulk))

    @classmethod
    def over(cls, settings: Settings, clients: Clients, clock: Clock = Instant.now) -> "Deployment":
        """A deployment over these clients."""
        table, bucket = Table(clients, settings), Bucket(clients, settings)
        secrets, revocations = SecretStore(clients, settings, clock), Revocations(table, clock)
        apps, quota = Apps(settings, secrets), Quota(table, settings, clock)
        issuer = TokenIssuer(settings, apps, secrets, revocations, quota)
        grants, vault = Grants(table), Vault(clients, table, settings)
        announced, rejections = Announcements(clients, table, settings), Rejections(bucket)
        return cls(
            settings=settings,
            clients=clients,
            clock=clock,
            apps=apps,
            issuer=issuer,
            revoking=Revoking(settings, apps, secrets, revocations),
            inspecting=Inspecting(apps, secrets),
            grants=grants,
            vault=vault,
            admission=Admission(settings, issuer, grants, vault, apps),
            provisioner=Provisioner(settings, issuer, grants, vault, announced, rejections),
            roster_runs=RosterRuns(grants, announced, bucket, settings),
        )
