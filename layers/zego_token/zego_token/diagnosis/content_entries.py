"""Findings about what is in a token. Likeliest first."""

from zego_token.diagnosis.entries import Entry

_EXPIRED = (1102018, 1002078, 1002033, 1002056, 6000106)
_CONTENT = (1102016, 1002033, 1002074, 6000103)

CONTENT_ENTRIES: dict[str, Entry] = {
    "content-not-json": Entry(
        "The token opens, but there is no JSON object in it.",
        "Encrypt the JSON text of the token's members. If the generator does, the token was changed.",
        _CONTENT,
    ),
    "header-time-differs": Entry(
        "The readable expiry and the encrypted one differ by {difference}: one of them was changed.",
        "Write the same time to both places.",
        (1102016, 1102018, 1002033, 6000103),
    ),
    "member-missing": Entry(
        "{name} is missing in the token{hint}.",
        "Write all members, spelled as ZEGO's generators do.",
        _CONTENT,
    ),
    "member-invalid": Entry("{name} is {found}; it must be {expected}.", "Write {expected}.", _CONTENT),
    "payload-is-object": Entry(
        "The payload is {found}; it must be a string that holds JSON.",
        "Convert it to JSON text first (JSON.stringify, json.dumps) and put that text into the token.",
        (1002075, 1102016, 1002033),
    ),
    "payload-not-json": Entry(
        "The payload is text, but not JSON.",
        "Leave it empty, or use the payload of a room.",
        (1002075, 1102016),
    ),
    "payload-encoded-twice": Entry(
        "The payload was converted to JSON twice.",
        "Convert it once: the string must begin with {{.",
        (1002075, 1102016),
    ),
    "privilege-invalid": Entry(
        "The privilege is not a map of both 1 (log in) and 2 (publish) to 0 or 1.",
        'Write {{"1": 1, "2": 0}}, with integers.',
        (1102016, 1002033, 1000002009),
    ),
    "empty-stream-list": Entry(
        "stream_id_list is empty, which ZEGO takes for 'any stream'.",
        "List the streams, or write null where any is meant.",
    ),
    "expiry-relative": Entry(
        "The token's expiry is {seconds}, which is a duration, not a time.",
        "Write the current Unix time plus the duration.",
        _EXPIRED,
    ),
    "time-in-milliseconds": Entry(
        "The token's times are in milliseconds.",
        "Write Unix seconds: Date.now() / 1000, rounded down.",
        (*_EXPIRED, 6000109),
    ),
    "time-invalid": Entry(
        "The token's expiry is not a time that a clock has.",
        "Write the current Unix time plus the duration.",
        _EXPIRED,
    ),
    "validity-negative": Entry(
        "The token expires {ago} before it begins.",
        "Use a positive validity in seconds.",
        (*_EXPIRED, 1000002005),
    ),
    "expired": Entry(
        "The token expired {ago} ago.",
        "Get a new one. Clients renew in time with tokenWillExpire (Web) or onRoomTokenWillExpire; if it "
        "was just made, set the server's clock.",
        _EXPIRED,
    ),
    "clock-ahead": Entry(
        "The token begins {ahead} in the future: a clock is off, its maker's or this one.",
        "Synchronise the clocks with NTP.",
        (1102016, 1002033, 6000103),
    ),
    "other-app": Entry(
        "The token is for AppID {inside}, not for {outside}.",
        "Use the AppID and the ServerSecret of one app on the server and in the client.",
        (1002076, 1102016, 1001000, 6000103, 1000002002),
    ),
    "other-user": Entry(
        "The token is for user {inside}, not for {outside}.",
        "Log in with the user id for which the token was made.",
        (1002077, 1102016, 1002033, 6000103, 1000002011),
    ),
    "other-room": Entry(
        "The token is for room {inside}, not for {outside}.",
        "Join the room for which the token was made, or get a token for this room.",
        (1102016, 1002033),
    ),
    "login-denied": Entry(
        "The token denies the login to its room (privilege 1 is 0).",
        "Make it with login allowed.",
        (1102016, 1002033),
    ),
    "user-id-empty": Entry("The user id is empty.", "Give every user an id.", (1002005,)),
    "user-id-refused": Entry(
        "ZEGO's SDK refuses the user id {found}: it has {character}.",
        "Use letters, digits and the signs that ZEGO lists, or a hash of the id.",
        (1002006,),
    ),
    "user-id-too-long": Entry(
        "The user id has {size} bytes; {product} takes at most {most}.",
        "Use a shorter id, such as a hash of it.",
        (1002007,),
    ),
    "room-id-empty": Entry("The room id is empty.", "Give the room an id.", (1002011,)),
    "room-id-refused": Entry(
        "ZEGO's SDK refuses the room id {found}: it has {character}.",
        "Use letters, digits and the signs that ZEGO lists.",
        (1002012,),
    ),
    "room-id-too-long": Entry(
        "The room id has {size} bytes; Express takes at most {most}.", "Use a shorter id.", (1002013,)
    ),
    "stream-id-refused": Entry(
        "The stream list has an id that ZEGO's SDKs do not take.",
        "Use 1 to 255 letters, digits, '-' and '_'.",
    ),
    "validity-too-short": Entry(
        "The token is valid for {seconds} seconds in all. ZIM wants 30 at least, and Express Web renews in a "
        "loop.",
        "Make it valid for some minutes.",
        (6000108,),
    ),
    "ends-soon": Entry(
        "The token expires in {left}: Express Web renews in a loop when less than 30 seconds are left.",
        "Renew it now; make the next one valid for longer.",
        (6000108,),
    ),
    "validity-too-long": Entry(
        "The token is valid for {length}; ZIM takes at most 24 days.",
        "Make it valid for less; 2,073,600 seconds at most.",
        (6000109,),
    ),
    "no-room-payload": Entry(
        "The token names no room, so it opens every room.",
        "Make it with a room payload where it is to open one room.",
        (),
        "note",
    ),
    "publish-denied": Entry(
        "The token does not allow publishing (privilege 2 is 0).",
        "Make it with publishing allowed where the user is to publish.",
        (1002082, 1102016),
        "note",
    ),
}
