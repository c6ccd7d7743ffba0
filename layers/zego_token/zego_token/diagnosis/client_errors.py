"""The error codes that ZEGO's client SDKs raise about tokens and ids.

Read off Express Web 3.12.0, WebRTM 2.5.0 and ZIM Web 2.29.0. Those of the native SDKs come from
https://www.zegocloud.com/docs/video-call/client-sdk/error-code
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientError:
    """One code: which SDKs raise it, and what it says."""

    sdk: str
    meaning: str


_RTM = "WebRTM"
_WEB = "Express Web"
_NATIVE = "Express, native"
_ZIM = "ZIM"

CLIENT_ERRORS: dict[int, ClientError] = {
    1001000: ClientError(_NATIVE, "the AppID is 0"),
    1002005: ClientError("Express", "the user id is empty"),
    1002006: ClientError("Express", "the user id has a character that is not allowed"),
    1002007: ClientError("Express", "the user id is too long"),
    1002011: ClientError("Express", "the room id is empty"),
    1002012: ClientError("Express", "the room id has a character that is not allowed"),
    1002013: ClientError("Express", "the room id is too long"),
    1002033: ClientError(_NATIVE, "the token is wrong or expired"),
    1002056: ClientError(_NATIVE, "removed from the room, because the token expired"),
    1002067: ClientError(_NATIVE, "neither an AppSign nor a token was given"),
    1002074: ClientError(_NATIVE, "internal error of the token check"),
    1002075: ClientError(_NATIVE, "the payload is not JSON"),
    1002076: ClientError(_NATIVE, "the token is for another app"),
    1002077: ClientError(_NATIVE, "the token is for another user"),
    1002078: ClientError(_NATIVE, "the token expired"),
    1002079: ClientError(_NATIVE, "the token's version is wrong"),
    1002080: ClientError(_NATIVE, "the nonce is wrong"),
    1002082: ClientError("Express", "the renewed token does not allow the current stream"),
    1002099: ClientError(_WEB, "room error without a code of its own; extendedData has the server's"),
    1100001: ClientError(f"{_WEB}, {_RTM}", "the token is empty or not a string"),
    1102016: ClientError(_WEB, "token error"),
    1102018: ClientError(_WEB, "the token expired"),
    6000101: ClientError(_ZIM, "login failed; for every other cause"),
    6000103: ClientError(_ZIM, "the token is invalid, or shorter than 31 characters"),
    6000106: ClientError(_ZIM, "the token expired"),
    6000107: ClientError(_ZIM, "the token's version is wrong: it does not begin with 04"),
    6000108: ClientError(_ZIM, "the token is valid for less than 30 seconds"),
    6000109: ClientError("ZIM Web", "the token is valid for more than 24 days"),
    1000002002: ClientError(_RTM, "third token auth error"),
    1000002003: ClientError(_RTM, "the nonce must be a 64-bit integer"),
    1000002004: ClientError(_RTM, "the AppID must be a 32-bit integer"),
    1000002005: ClientError(_RTM, "the validity must be a 64-bit integer"),
    1000002006: ClientError(_RTM, "the user id must be a string"),
    1000002007: ClientError(_RTM, "the room id must be a string"),
    1000002008: ClientError(_RTM, "the token's format is wrong"),
    1000002009: ClientError(_RTM, "the privilege must be a map"),
    1000002010: ClientError(_RTM, "the expiry must be a 64-bit integer"),
    1000002011: ClientError(_RTM, "the user id is another one"),
    1000002012: ClientError(_RTM, "there is no token"),
}
