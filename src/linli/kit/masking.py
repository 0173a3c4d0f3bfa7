"""Personal data as those see them who may not see them in the clear. Pure: text in, text out; the empty stays empty.

A mask has the same length for everybody, so that it does not tell how long the name is.
"""

import re
import unicodedata

_DIGITS = re.compile(r"\d")
_PLACE = re.compile(r"^.*?(?:省|自治区)?.*?(?:市|州|盟|地区)(?:.*?(?:区|县|旗))?")
_WECOM_ID = re.compile(r"\bw[mo][\w-]{8,}")
_JOINER = "\u200d"
_SHORT_ID = 12


def name(text: str) -> str:
    """王芳 → 王**, Alice Smith → A**, 👩‍💻小王 → 👩‍💻**; one sign alone is masked whole."""
    text = text.strip()
    if not text:
        return ""
    first = _first_sign(text)
    return f"{first}**" if len(first) < len(text) else "**"


def phone(text: str) -> str:
    """13812341234 → 138****1234, +86 138 1234 1234 → 138****1234; a short number shows its last two digits."""
    digits = "".join(_DIGITS.findall(text))
    if not digits:
        return "****" if text.strip() else ""
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-2:]}"


def identifier(text: str) -> str:
    """unionid, openid, external_userid: wmAB…9f2c; a short one (a mall id) shows its last two signs at most."""
    text = text.strip()
    if len(text) >= _SHORT_ID:
        return f"{text[:4]}…{text[-4:]}"
    return f"**{text[-2:]}" if len(text) > 4 else "**" if text else ""


def address(text: str) -> str:
    """上海市徐汇区漕溪北路 1 号 → 上海市徐汇区****; without a city or district nothing is left."""
    text = text.strip()
    found = _PLACE.match(text)
    kept = found.group() if found and len(found.group()) < len(text) else ""
    return f"{kept}****" if text else ""


def free(text: str) -> str:
    """A remark, a line of a file: nothing of it can be shown."""
    return "****" if text.strip() else ""


def in_text(text: str) -> str:
    """A message with the external_userids in it shortened."""
    return _WECOM_ID.sub(lambda found: identifier(found.group()), text)


KINDS = {
    "name": name,
    "phone": phone,
    "openid": identifier,
    "unionid": identifier,
    "external_userid": identifier,
    "mall": identifier,
    "id": identifier,
    "address": address,
    "free": free,
    "text": in_text,
}


def mask(kind: str, text: str) -> str:
    """The mask of this kind; a kind that nobody knows shows nothing."""
    return KINDS.get(kind, free)(text)


def _first_sign(text: str) -> str:
    """The first sign as a reader sees it: a letter with its accents, an emoji with its joiners, tones and variants."""
    end = 1
    if _is_flag_letter(text[0]) and len(text) > 1 and _is_flag_letter(text[1]):
        return text[:2]
    while end < len(text):
        joined = text[end - 1] == _JOINER
        if not (joined or text[end] == _JOINER or unicodedata.combining(text[end]) or _changes_emoji(text[end])):
            break
        end += 1
    return text[:end]


def _changes_emoji(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U0001f3fb" <= sign <= "\U0001f3ff" or sign == "\u20e3"


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
