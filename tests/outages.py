"""What boto3 raises where AWS cannot be used."""

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

OUTAGES = [
    ClientError({"Error": {"Code": code, "Message": "…"}}, "GetSecretValue")
    for code in ("ThrottlingException", "InternalServiceError", "AccessDeniedException", "DecryptionFailure")
] + [
    error(endpoint_url="https://secretsmanager", error="…")
    for error in (ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError)
]
