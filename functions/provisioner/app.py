"""The function's entry point. A setting that is wrong stops it here, at start."""

import os

from provisioner.handler import create_handler
from zego_service.bucket import Bucket, s3_client
from zego_service.deployment import token_service
from zego_service.provisioning.announcements import Announcements, events_client
from zego_service.provisioning.provisioner import Provisioner
from zego_service.provisioning.rejections import Rejections
from zego_service.provisioning.roster_runs import RosterRuns
from zego_service.secret_store import secrets_manager_client
from zego_service.settings import Settings
from zego_service.table import dynamodb_client

_settings = Settings.from_environment(os.environ)
_dynamodb = dynamodb_client(bulk=True)
_service = token_service(_settings, secrets_manager_client(), _dynamodb)
_announcements = Announcements(events_client(), _dynamodb, _settings)
_bucket = Bucket(s3_client(), _settings)
lambda_handler = create_handler(
    Provisioner(_service, _announcements, Rejections(_bucket)),
    RosterRuns(_service.grants, _announcements, _bucket, _settings),
)
