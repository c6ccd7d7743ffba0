"""Findings about the text that was given as a token, and about the secret. Likeliest first."""

from zego_token.diagnosis.entries import Entry

# What clients raise: a server's answer to a token that cannot be opened, or to none.
_REFUSED = (1102016, 1002033, 1002099)
_NO_TOKEN = (1100001, 1002067, 6000103, 1000002012)
_DAMAGED = (*_REFUSED, 6000103, 1000002008)
_OTHER_TEXT = (*_REFUSED, 6000107, 6000103)
_WRONG_KEY = (*_REFUSED, 6000103, 1000002002)
_GET_TOKEN = "Send the client a token made by your server, from the field `token` of its answer."  # noqa: S105, prose
_KEY_ADVICE = "Use the 32 characters of the ServerSecret as the key, as UTF-8 text, without converting them."

TEXT_ENTRIES: dict[str, Entry] = {
    "argument-invalid": Entry(
        "{name} is {found}; it was not compared with the token.", "Pass {name} as {expected}."
    ),
    "token-missing": Entry(
        "There is no token: the text is {found}.",
        "Check the field that the client reads: the token is in `token`. Express Web's loginRoom never "
        "settles where the token is undefined.",
        _NO_TOKEN,
    ),
    "token-not-text": Entry("The token is {found}, not text.", "Pass the token as a string.", _NO_TOKEN),
    "token-too-long": Entry("The text has {size} characters, more than any token.", _GET_TOKEN, _DAMAGED),
    "jwt": Entry(
        "This is a JWT, such as a login token of your identity provider, not a ZEGO token.",
        "Send the JWT to your server as authorization, and give ZEGO the token that your server answers.",
        _OTHER_TEXT,
    ),
    "app-sign": Entry(
        "This is an AppSign (64 hexadecimal characters), not a token.",
        f"{_GET_TOKEN} An AppSign in a client lets anyone log in as anyone.",
        _OTHER_TEXT,
    ),
    "server-secret": Entry(
        "This is a ServerSecret (32 characters), not a token.",
        f"{_GET_TOKEN} Replace the ServerSecret if a client ever had it.",
        _OTHER_TEXT,
    ),
    "json-answer": Entry(
        "This is a whole JSON answer, not the token in it.",
        "Read the field `token` of the answer.",
        _OTHER_TEXT,
    ),
    "prefixed": Entry(
        "The text has something in front of the token.",
        "Remove it: the token begins with 04.",
        _OTHER_TEXT,
    ),
    "quoted": Entry(
        "The token has quotes or brackets around it, or is escaped as in JSON source.",
        "Parse the JSON answer instead of cutting the token out of its text.",
        _OTHER_TEXT,
    ),
    "url-encoded": Entry(
        "The token is percent-encoded, as it is in a URL.",
        "Decode it once, for example with decodeURIComponent.",
        _DAMAGED,
    ),
    "url-damaged": Entry(
        "The token has spaces where it had '+': it passed through a URL or a form unencoded.",
        "Send it in a JSON body, or encode it with encodeURIComponent.",
        _DAMAGED,
    ),
    "whitespace": Entry(
        "The token has spaces or line breaks around it or in it.",
        "Remove them; copy the token in one line.",
        _DAMAGED,
    ),
    "kit-token": Entry(
        "This is a kit token, for UIKit's create() alone.",
        "Give Express or ZIM the part before '#'.",
        (1102016, 1002033, 6000103),
    ),
    "kit-part-unreadable": Entry(
        "The part after '#' is not the base64 of a JSON object.",
        "Make it with generateKitTokenForProduction, or use the field `kit_token`.",
    ),
    "kit-part-differs": Entry(
        "The kit part names {name} {inside}, the token {outside}.",
        "Make both parts for the same app, user and room.",
        (1102016, 1002077),
    ),
    "base64url": Entry(
        "The token is in base64url ('-' and '_'), not in standard base64.",
        "Encode with the standard alphabet ('+' and '/') and with padding.",
        _DAMAGED,
    ),
    "not-base64": Entry(
        "The text has a character that is not in base64, at position {position}.", _GET_TOKEN, _DAMAGED
    ),
    "version-missing": Entry(
        "The version in front of the token is missing.",
        'Put "04" in front of the base64 text.',
        (1002079, *_OTHER_TEXT),
    ),
    "version-unknown": Entry(
        "The token's version is {found}; there are 03 and 04.",
        'Put "04" in front of the base64 text.',
        (1002079, *_OTHER_TEXT),
    ),
    "version-differs": Entry(
        "The text in front says version {outside}, but the content is that of a token{inside}.",
        "Use one generator for the whole token, and leave its first two characters as they are.",
        (1002079, *_REFUSED, 6000107),
    ),
    "version-not-for-product": Entry(
        "This is a token03; {product} takes token04 alone.",
        "Make a token04.",
        (6000107, 1002079),
    ),
    "truncated": Entry(
        "The token is cut short, at {size} characters.",
        "Look for a limit on the way, such as a database column of 255 characters.",
        _DAMAGED,
    ),
    "padding-missing": Entry(
        "The '=' at the end of the token is missing.",
        "Keep the padding of the base64 text.",
        _DAMAGED,
    ),
    "trailing-data": Entry("There is more text after the token.", "Remove what follows it.", _DAMAGED),
    "envelope-damaged": Entry(
        "The token's parts do not fit together: it was changed, or made by a faulty generator.",
        "Compare your generator with ZEGO's, or use this library.",
        _DAMAGED,
    ),
    "not-a-token": Entry("This text is not a ZEGO token.", _GET_TOKEN, _OTHER_TEXT),
    "secret-missing": Entry(
        "The secret is empty, so the token was not opened.",
        "Pass the app's ServerSecret, from ZEGO's console.",
    ),
    "secret-whitespace": Entry(
        "The secret that was given has white space around it.",
        "Remove it, for example the line break at the end of a file.",
    ),
    "secret-quoted": Entry(
        "The secret that was given is quoted, or has its variable's name in front.",
        "Remove it: in many .env files, quotes are part of the value.",
    ),
    "secret-in-json": Entry(
        "The secret that was given is JSON with the secret in it.",
        "Pass the 32 characters of `server_secret`.",
    ),
    "secret-is-app-sign": Entry(
        "The secret has 64 characters: this is the AppSign, not the ServerSecret.",
        "Use the ServerSecret of ZEGO's console, which has 32 characters.",
        _WRONG_KEY,
    ),
    "secret-length": Entry(
        "The secret is {size} bytes long; a ServerSecret has 32.",
        "Copy the ServerSecret from ZEGO's console again.",
        _WRONG_KEY,
    ),
    "key-hex-decoded": Entry(
        "The token was made with the hex-decoded secret as its key.", _KEY_ADVICE, _WRONG_KEY
    ),
    "key-base64-decoded": Entry(
        "The token was made with the base64-decoded secret as its key.", _KEY_ADVICE, _WRONG_KEY
    ),
    "key-hashed": Entry("The token was made with {how} of the secret as its key.", _KEY_ADVICE, _WRONG_KEY),
    "key-quoted": Entry(
        "The token was made with a secret in quotes, cut to 32 characters.",
        "Remove the quotes from the value that the server reads, often in a .env file.",
        _WRONG_KEY,
    ),
    "key-trimmed": Entry(
        "The token was made with a secret that has white space around it, cut to 32 characters.",
        "Remove the white space from the value that the server reads.",
        _WRONG_KEY,
    ),
    "key-case": Entry(
        "The token was made with the secret in other letters: upper case for lower case, or the reverse.",
        "Use the secret exactly as ZEGO's console shows it.",
        _WRONG_KEY,
    ),
    "key-cut": Entry(
        "The token was made with a part of the secret, filled up to the length of a key.",
        "Use all 32 characters of the ServerSecret.",
        _WRONG_KEY,
    ),
    "secret-wrong": Entry(
        "The token cannot be opened with this secret: it was made with another one, or changed afterwards.",
        "Compare AppID and ServerSecret with ZEGO's console; make a new token after a rotation.",
        _WRONG_KEY,
    ),
}
