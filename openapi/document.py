"""`make openapi`: writes the API's OpenAPI document, with the limits that the code has."""

import json

from local.build import ROOT
from openapi import operations
from openapi.batches import BATCH_SCHEMAS
from openapi.examples import REFUSAL_EXAMPLES, add_examples
from openapi.inspections import INSPECTION_SCHEMAS
from openapi.parts import Schema
from openapi.schemas import (
    ERROR_SCHEMAS,
    REVOCATION_SCHEMAS,
    ROOM_SCHEMAS,
    TOKEN_SCHEMAS,
)
from openapi.values import VALUES
from zego_token import __version__

FILE = ROOT / "functions" / "token_api" / "openapi.json"
SERVERS = [
    {
        "url": "https://{api_id}.execute-api.{region}.amazonaws.com",
        "description": "A deployment: the stack's output ApiUrl.",
        "variables": {"api_id": {"default": "a1b2c3d4e5"}, "region": {"default": "eu-central-1"}},
    },
    {"url": "http://127.0.0.1:3000", "description": "`make run`."},
]


def main() -> None:
    FILE.write_text(text())


def text() -> str:
    """The document as it is served."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Schema:
    described: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "ZEGO token service",
            "version": __version__,
            "description": "Issues the tokens with which ZEGO's (ZEGOCLOUD's) client SDKs log in.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": SERVERS,
        "tags": [
            {"name": "tokens", "description": "Getting tokens."},
            {"name": "rooms", "description": "What was provisioned by events and rosters."},
            {"name": "revocations", "description": "Keeping people out."},
            {"name": "service", "description": "About the service itself."},
        ],
        "security": [{"iam": []}, {"jwt": []}],
        "paths": {
            "/v1/tokens": {"post": operations.issue_token()},
            "/v1/tokens/batch": {"post": operations.issue_tokens()},
            "/v1/tokens/inspect": {"post": operations.inspect_token()},
            "/v1/rooms/{room_id}/tokens": {"post": operations.enter_room()},
            "/v1/rooms/{room_id}/grants": {"get": operations.show_grants()},
            "/v1/provisioned/{request_id}/{user_id}": {"get": operations.hand_out()},
            "/v1/revocations": {
                "post": operations.revoke(),
                "get": operations.show_revocations(),
                "delete": operations.lift_revocation(),
            },
            "/v1/health": {"get": operations.health()},
            "/openapi.json": {"get": operations.openapi()},
        },
        "components": {
            "securitySchemes": {
                "iam": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                    "description": "An AWS signature (SigV4) for the service execute-api. Required unless "
                    "the stack is deployed with JwtIssuer.",
                },
                "jwt": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A JWT of the issuer that the stack is deployed with (JwtIssuer). Scopes: "
                    "zego:issue (a service), zego:publish, zego:revoke, zego:inspect.",
                },
            },
            "headers": {
                "RetryAfter": {
                    "description": "Seconds after which to try again.",
                    "schema": {"type": "integer", "minimum": 0},
                },
                "NoStore": {"description": "Always no-store.", "schema": {"const": "no-store"}},
            },
            "examples": REFUSAL_EXAMPLES,
            "schemas": VALUES
            | TOKEN_SCHEMAS
            | BATCH_SCHEMAS
            | INSPECTION_SCHEMAS
            | ROOM_SCHEMAS
            | REVOCATION_SCHEMAS
            | ERROR_SCHEMAS,
        },
    }
    add_examples(described["paths"])
    return described


if __name__ == "__main__":
    main()
