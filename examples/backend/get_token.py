"""Asks the token service for a user's token, signed with the AWS credentials of your backend. Needs botocore.

API_URL is the stack's output ApiUrl; AWS_REGION is the region of the stack.
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

SESSION = Session()


def get_token(user_id: str, **fields: object) -> dict[str, object]:
    """The answer to `POST /v1/tokens`. Raises HTTPError, whose body says what is wrong."""
    url, body = f"{os.environ['API_URL']}/v1/tokens", json.dumps({"user_id": user_id, **fields})
    request = AWSRequest("POST", url, {"Content-Type": "application/json"}, body)
    credentials = SESSION.get_credentials()
    if credentials is None:
        raise RuntimeError("There are no AWS credentials. Give this backend a role with execute-api:Invoke.")
    SigV4Auth(credentials.get_frozen_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(request)
    with urlopen(Request(url, body.encode(), dict(request.headers)), timeout=10) as answer:
        issued: dict[str, object] = json.load(answer)
        return issued


if __name__ == "__main__":
    user, room = sys.argv[1:]
    try:
        print(json.dumps(get_token(user, room_id=room)))
    except HTTPError as error:
        sys.exit(error.read().decode())
