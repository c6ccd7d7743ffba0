"""The kit token of UIKit for the Web: a token, and who logs in where.

Source: ``generateKitTokenForProduction`` of @zegocloud/zego-uikit-prebuilt. Both write the same bytes.
"""

import json
from base64 import b64encode
from urllib.parse import quote

from zego_token.checks import check_app_id, check_encodable, check_text
from zego_token.errors import ErrorCode, TokenError

_UNESCAPED = "-_.!~*'()"  # what encodeURIComponent leaves, beside letters and digits


def kit_token(token: str, room_id: str, user_id: str, user_name: str, app_id: int) -> str:
    """The kit token that ``ZegoUIKitPrebuilt.create()`` takes: the token, ``#``, and the rest in base64.

    ``user_name`` is the name that others see; it may be empty. The part after ``#`` is not signed: a client
    can change it, and it gives no right. ZEGO checks the token before it.

    Raises :class:`TokenError` with the field at fault.
    """
    check_text(token, ErrorCode.SECRET_INVALID, "token")
    if "#" in token:
        raise TokenError(ErrorCode.SECRET_INVALID, "token must be a token04, not a kit token", "token")
    check_text(room_id, ErrorCode.ROOM_ID_INVALID, "room_id")
    check_text(user_id, ErrorCode.USER_ID_INVALID, "user_id")
    if type(user_name) is not str:
        raise TokenError(ErrorCode.USER_ID_INVALID, "user_name must be a string", "user_name")
    check_encodable(user_name, ErrorCode.USER_ID_INVALID, "user_name")
    check_app_id(app_id)
    members = {
        "userID": user_id,
        "roomID": room_id,
        "userName": quote(user_name, safe=_UNESCAPED),
        "appID": app_id,
    }
    # Non-ASCII characters are escaped: UIKit reads the base64 as Latin-1.
    return f"{token}#{b64encode(json.dumps(members, separators=(',', ':')).encode()).decode()}"
