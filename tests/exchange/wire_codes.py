"""The errcodes that wire.md names, chapter by chapter; it does not ship, so who reads it is skipped without it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

TABLE = "A.3"  # codes stand in its first and third column
# These chapters speak of pages, sizes, moments of time and numbers of other programs, and name no answer of a call.
OTHER = frozenset({"0", "0.1", "0.2", "F", "F.1", "F.2", "F.3", "F.4", "G.1", "I", "I.1", "I.2", "I.3", "I.4"})
SOURCE = re.compile(r"D:\d+(/\d+)*")
RANGE = re.compile(r"(?<!\d)(\d{5,6})–(\d{5,6})(?!\d)")
NUMBER = re.compile(r"(?<![\w.,−])(?:-1|\d{4,6})(?!\d|,\d|\.\d)")


def codes_by_chapter(folder: Path) -> dict[str, set[int]]:
    """Chapter → its codes; a number is one where the table of all codes or WeCom's own list has it."""
    listed = {int(one) for one in json.loads((folder / "fixtures/known_errcode_numbers.json").read_text())["codes"]}
    lines = list(_lines((folder / "wire.md").read_text(encoding="utf-8")))
    table = {code for chapter, line in lines if chapter == TABLE for code in _numbers(_cells(line), listed)}
    found = {TABLE: table}
    for chapter, line in lines:
        if chapter != TABLE and (codes := _numbers(line, listed) & (table | listed)):
            found.setdefault(chapter, set()).update(codes)
    return found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    chapter = "0"
    for line in text.splitlines():
        if head := re.match(r"#{2,3} (\S+)", line):
            chapter = head[1].rstrip(".")
        elif chapter not in OTHER:
            yield chapter, SOURCE.sub("", line)


def _cells(line: str) -> str:
    cells = line.split("|")
    return " ".join(cells[at] for at in (1, 3) if line.startswith("|") and at < len(cells))


def _numbers(text: str, listed: set[int]) -> set[int]:
    codes = {int(one) for one in NUMBER.findall(text)}
    for first, last in RANGE.findall(text):
        codes |= set(range(int(first), int(last) + 1)) & listed
    return codes
