"""A token server as people write it: every tool of Powertools, pydantic, X-Ray, a client at import."""

import json
import os
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.metrics import MetricUnit
from plain_token import generate_token04
from pydantic import BaseModel, Field

tracer, logger, metrics = Tracer(), Logger(), Metrics()
app = APIGatewayHttpResolver(enable_validation=True)
secrets_manager = boto3.client("secretsmanager")
APP_ID = int(os.environ["ZEGO_DEFAULT_APP_ID"])
_cached: dict[str, str] = {}


class Privilege(BaseModel):
    """What the token allows in its room."""

    login: bool = True
    publish: bool = False


class TokenRequest(BaseModel):
    """The body of a request."""

    user_id: Annotated[str, Field(min_length=1, max_length=63)]
    effective_time_in_seconds: Annotated[int, Field(gt=0, le=86_400)] = 3600
    room_id: Annotated[str | None, Field(max_length=127)] = None
    privilege: Privilege = Privilege()
    stream_ids: list[str] | None = None


class TokenResponse(BaseModel):
    """The body of an answer."""

    token: str
    app_id: int
    user_id: str


def secret() -> str:
    if "secret" not in _cached:
        _cached["secret"] = secrets_manager.get_secret_value(SecretId=f"zego/{APP_ID}")["SecretString"]
    return _cached["secret"]


@app.post("/v1/tokens")
@tracer.capture_method
def issue(request: TokenRequest) -> TokenResponse:
    payload = ""
    if request.room_id:
        privilege = {1: int(request.privilege.login), 2: int(request.privilege.publish)}
        payload = json.dumps(
            {"room_id": request.room_id, "privilege": privilege, "stream_id_list": request.stream_ids}
        )
    token = generate_token04(APP_ID, request.user_id, secret(), request.effective_time_in_seconds, payload)
    metrics.add_metric(name="TokensIssued", unit=MetricUnit.Count, value=1)
    logger.info("token issued", user_id=request.user_id, room_id=request.room_id)
    return TokenResponse(token=token, app_id=APP_ID, user_id=request.user_id)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
