"""The lists behind the coverage pages hold what the wire says, and the pages have no empty cell without a reason."""

import csv
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.exchange import recording
from tests.exchange.wire_codes import codes_by_chapter

ROOT = Path(__file__).parents[2]
ROWS = (
    "B",
    "C.1",
    "C.2",
    "C.3",
    "C.5",
    "C.6",
    "C.7",
    "C.8",
    "C.9",
    "C.10",
    "D",
    "G.3",
)  # chapters whose calls stand in tables
TOOL = [sys.executable, str(ROOT / "tools" / "wire_coverage.py"), "--check"]


def listed(name: str) -> list[dict[str, str]]:
    with (ROOT / "docs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def named_calls(text: str) -> set[str]:
    """The calls that the tables' first cells name, `…/` as the end of a path, `a/*` with its words after it left out."""
    found, chapter = set(), ""
    for line in text.splitlines():
        if head := re.match(r"#{2,3} (\S+)", line):
            chapter = head[1].rstrip(".")
        elif chapter in ROWS and line.startswith("| ") and not line.startswith("| Endpoint"):
            for name in re.findall(r"`([^` {?,]+)", line.split("|")[1]):
                found.add(name.removeprefix("…/").removeprefix("/cgi-bin/"))
    return found


def test_every_code_of_every_row_is_listed(shared: Path) -> None:
    ours: dict[str, set[int]] = defaultdict(set)
    for row in listed("wecom-errors.tsv"):
        ours[row["chapter"]].add(int(row["code"]))
    assert ours == codes_by_chapter(shared / "wecom")


def test_every_row_of_the_wire_is_listed(shared: Path) -> None:
    paths = [row["path"] for row in listed("wecom-calls.tsv")]
    names = named_calls((shared / "wecom" / "wire.md").read_text(encoding="utf-8"))
    assert len(names) > 90
    assert {name for name in names if not any(path == name or path.endswith(f"/{name}") for path in paths)} == set()


def test_no_call_and_no_code_is_listed_twice() -> None:
    for name, keys in (("wecom-calls.tsv", ("path",)), ("wecom-errors.tsv", ("chapter", "path", "code"))):
        rows = [tuple(row[key] for key in keys) for row in listed(name)]
        assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("list_name", "change", "told"),
    [
        ("wecom-calls.tsv", lambda text: text.replace("department/list tells the names too", ""), "department/simplelist, used by: empty"),
        ("wecom-calls.tsv", lambda text: text.replace("A.1\tGET\tgettoken\t\t\t\t", "A.1\tGET\tgettoken\t\t\t\twhy"), "gettoken, used by: a reason"),
        ("wecom-errors.tsv", lambda text: text + "A.1\tgettoken\t49999\t\n", "gettoken 49999: not answered by the sandbox"),
        ("wecom-tried.tsv", lambda text: re.sub(r"\tgettoken\t.*", "\tgettoken\t0", text), "gettoken 40013: not tried"),
        ("wecom-limits.tsv", lambda text: text + "C\tx\ty\t1\ttests/nothing.py\t\twhy\n", "tests/nothing.py is not there"),
    ],
)  # fmt: skip
def test_the_check_fails_where_a_cell_is_empty_without_a_reason(
    tmp_path: Path, list_name: str, change, told: str
) -> None:
    for name in ("src", "tests", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "docs").mkdir()
    for path in (ROOT / "docs").glob("wecom-*"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / "docs" / path.name).write_text(change(text) if path.name == list_name else text, encoding="utf-8")
    done = subprocess.run(TOOL, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert told in done.stdout


def test_the_record_is_not_believed_where_a_test_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recording, "RECORD", tmp_path / "docs" / "wecom-tried.tsv")
    (tmp_path / "docs").mkdir()
    (tmp_path / "one.py").write_text("")
    recording.write("one.py", {"gettoken": {"0", "40013"}, "user/get": {"0"}})
    recording.write("gone.py", {"gettoken": {"0"}})
    recording.write("one.py", {"gettoken": {"0", "40013"}, "user/get": set()})
    assert recording.recorded() == {"one.py": {"gettoken": {"0", "40013"}}}
    assert recording.lost("one.py", {"gettoken": {"0"}}) == ["gettoken 40013"]
    assert recording.lost("one.py", {"gettoken": {"0", "40013", "1"}}) == []
