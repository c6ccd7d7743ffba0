"""Characters: which ones ids may have, which ones nobody sees, and how messages name them.

Sources: ``zego-express-engine-webrtc`` 3.12.0 and ``zego-zim-web`` 2.29.0 on npm, and
https://www.unicode.org/reports/tr44/ (Default_Ignorable_Code_Point, Indic_Syllabic_Category)
"""

import re
import unicodedata

from zego_token import SDK_ID_CLASS

SDK_SIGNS = "!#$%&'()*+-.,;<=>@\\^_`~"
SDK_CLASS = SDK_ID_CLASS  # Express Web's check of user and room ids
_NOT_SDK = re.compile(SDK_CLASS.replace("[", "[^", 1))
# Control, format (invisible or reordering), unassigned, private, and breaking characters.
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
# Letters and signs that show as nothing or as a space, variation selectors, and marks that only join others.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    "\ufffc\U00013441\U00013442\U00016fe4\U0001d159"
    "\u1039\u17d2\u1a60\u2d7f\U00010a3f\U0001107f\U00011133\U000113d0\U0001193e\U00011a47\U00011a99"
    "\U00011d45\U00011d97\U00011f42]"
)
_PLAIN_ASCII = re.compile(r"[\x20-\x7e]*")


def not_of_sdk(text: str) -> str | None:
    """The first character that Express refuses in an id; None where there is none."""
    found = _NOT_SDK.search(text)
    return found and found[0]


def unseen(text: str) -> str | None:
    """The first character that is invisible, reorders text, or is a space other than the plain one."""
    if _PLAIN_ASCII.fullmatch(text):
        return None
    return next((character for character in text if not _is_seen(character)), None)


def named(character: str) -> str:
    """A character as a message shows it: ``"é" (U+00E9)``, or ``U+200B ZERO WIDTH SPACE``."""
    code = f"U+{ord(character):04X}"
    if "!" <= character <= "~":
        return f'"{character}"' if character != '"' else f"a double quote ({code})"
    if _is_seen(character) and character != " " and not unicodedata.combining(character):
        return f'"{character}" ({code})'
    return f"{code} {unicodedata.name(character, 'CONTROL CHARACTER')}"


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    if category in _UNSEEN_CATEGORIES or _BLANK.match(character):
        return False
    return category != "Zs" or character == " "
