"""The service behind the functions, put together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zego_service.apps import Apps
from zego_service.issuing.issuer import TokenIssuer
from zego_service.issuing.quota import Quota
from zego_service.issuing.revocations import Revocations
from zego_service.provisioning.admission import Admission
from zego_service.provisioning.grants import Grants
from zego_service.provisioning.vault import ProvisionedTokens, kms_client
from zego_service.secret_store import SecretStore
from zego_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class TokenService:
    """All that issues tokens, over one set of clients."""

    settings: Settings
    apps: Apps
    secrets: SecretStore
    revocations: Revocations
    issuer: TokenIssuer
    grants: Grants
    tokens: ProvisionedTokens
    admission: Admission


def token_service(
    settings: Settings,
    secrets_manager: "SecretsManagerClient",
    dynamodb: "DynamoDBClient",
    *,
    make_kms: "Callable[[], KMSClient]" = kms_client,
    quota: Quota | None = None,
    revocations: Revocations | None = None,
) -> TokenService:
    """The service of a deployment; quota and revocations are those of its table, unless given."""
    secrets = SecretStore(secrets_manager, settings)
    apps = Apps(settings, secrets)
    revocations = revocations or Revocations(dynamodb, settings)
    issuer = TokenIssuer(settings, apps, secrets, revocations, quota or Quota(dynamodb, settings))
    grants = Grants(dynamodb, settings)
    tokens = ProvisionedTokens(dynamodb, make_kms, settings)
    admission = Admission(issuer, grants, tokens, apps)
    return TokenService(settings, apps, secrets, revocations, issuer, grants, tokens, admission)
