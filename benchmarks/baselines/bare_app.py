"""The least that serves a token: boto3 and pycryptodome alone, no checks, no tools."""

import json
import os
from typing import Any

import boto3
from plain_token import generate_token04

secrets_manager = boto3.client("secretsmanager")
APP_ID = int(os.environ["ZEGO_DEFAULT_APP_ID"])
_cached: dict[str, str] = {}


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    body = json.loads(event["body"])
    if "secret" not in _cached:
        _cached["secret"] = secrets_manager.get_secret_value(SecretId=f"zego/{APP_ID}")["SecretString"]
    payload = ""
    if body.get("room_id"):
        allowed = body.get("privilege") or {}
        privilege = {1: int(allowed.get("login", 1)), 2: int(allowed.get("publish", 0))}
        payload = json.dumps(
            {"room_id": body["room_id"], "privilege": privilege, "stream_id_list": body.get("stream_ids")}
        )
    seconds = int(body.get("effective_time_in_seconds", 3600))
    token = generate_token04(APP_ID, body["user_id"], _cached["secret"], seconds, payload)
    print(json.dumps({"message": "token issued", "user_id": body["user_id"]}))
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps({"token": token})}
