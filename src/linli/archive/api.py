"""The door of the archive: which back, keys, reading on, messages that may be read."""

from datetime import datetime

from django.db import transaction

from linli.archive import jobs, queries
from linli.archive.fetching import fetch
from linli.archive.keeping import forget
from linli.archive.keys import KeyInfo, keys
from linli.archive.keys import add as _add
from linli.archive.line import NATIVE, NONE, SANDBOX, LineInfo, choices, choose, line
from linli.archive.partitions import PARTITIONED
from linli.archive.pulling import Pulled, open_kept, pull
from linli.archive.reading import message

__all__ = [
    "NATIVE", "NONE", "PARTITIONED", "SANDBOX", "KeyInfo", "LineInfo", "Pulled", "add_key", "choices", "choose", "fetch", "forget", "keys",
    "line", "message", "open_kept", "pull", "read_on", "tick", "unopened",
]  # fmt: skip


@transaction.atomic
def add_key(*, corp_id: int, version: int, private_key: str = "", author: str) -> KeyInfo:
    """Keep a version's private key, or make a pair; what waited for it is opened soon. BadInput says what is wrong."""
    made = _add(corp_id=corp_id, version=version, private_key=private_key, author=author)
    jobs.begin(corp_id=corp_id, name="archive.open_kept")
    return made


def unopened(*, corp_id: int) -> int:
    """How many messages wait for their key."""
    return sum(one.count for one in queries.closed(corp_id))


def read_on(*, corp_id: int) -> bool:
    """Read on now; False when that waits already."""
    return jobs.begin(corp_id=corp_id)


def tick(*, corp_id: int, at: datetime) -> None:
    """What is due for a corp."""
    del at  # the sandbox's clock may jump over days; how often WeCom is asked is real time
    jobs.tick(corp_id=corp_id)
