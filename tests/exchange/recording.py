"""Which call ended how in the tests of the exchange: what the client itself was answered, file by file.

`LINLI_WIRE_RECORD=1 python -m pytest tests/exchange` writes docs/wecom-tried.tsv, of which the coverage pages are made. Without it
every file must still try what the record says of it, so that the pages cannot tell of a test that is gone.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linli.wecom import exchange

RECORD = Path(__file__).parents[2] / "docs" / "wecom-tried.tsv"
HEAD = ("file", "path", "codes")

Tried = dict[str, set[str]]  # path → errcodes, "0" among them


@contextmanager
def watched() -> Iterator[Tried]:
    """Note every answer that the client judges; an item's errcode inside an answer counts as the call's."""
    tried: Tried = defaultdict(set)
    judge = exchange._judge

    def noting(request, response):
        tried[request.api] |= {"0"} if exchange.is_file(response) else set(_codes(_read(response.content)))
        return judge(request, response)

    exchange._judge = noting
    try:
        yield tried
    finally:
        exchange._judge = judge


def _read(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _codes(said: object) -> Iterator[str]:
    if isinstance(said, dict):
        if isinstance(said.get("errcode"), int):
            yield str(said["errcode"])
        for value in said.values():
            yield from _codes(value)
    elif isinstance(said, list):
        for value in said:
            yield from _codes(value)


def recorded() -> dict[str, Tried]:
    """File → path → errcodes."""
    found: dict[str, Tried] = {}
    if RECORD.exists():
        with RECORD.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                found.setdefault(row["file"], {})[row["path"]] = set(row["codes"].split())
    return found


def write(name: str, tried: Tried) -> None:
    """Replace what the record says of one file; rows of files that are gone go too."""
    files = {one: rows for one, rows in recorded().items() if (RECORD.parents[1] / one).exists()}
    files[name] = tried
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(HEAD)
        for one in sorted(files):
            rows = sorted(files[one].items())
            writer.writerows((one, path, " ".join(sorted(codes, key=int))) for path, codes in rows if codes)


def lost(name: str, tried: Tried) -> list[str]:
    """What the record says this file tries, and it did not."""
    return [
        f"{path} {code}"
        for path, codes in recorded().get(name, {}).items()
        for code in sorted(codes - tried.get(path, set()), key=int)
    ]
