"""Names that come from outside and become part of a key."""

import re

from linli.commerce.problems import REASONS
from linli.kit.errors import BadInput

_SOURCE = re.compile(r"[\w.\-]{1,40}")


def checked_source(text: str) -> str:
    """The name of a source of orders, such as "youzan" or "uci"; BadInput when it cannot be one."""
    text = text.strip()
    if not _SOURCE.fullmatch(text):
        raise BadInput("source_unreadable", REASONS["source_unreadable"])
    return text
