"""The wire and who makes, answers, tries and uses it: docs/wecom-calls.md, -errors.md and -limits.md, made from lists and the code.

Lists: docs/wecom-calls.tsv (every call), docs/wecom-errors.tsv (every errcode of every row of the wire), docs/wecom-tried.tsv (what
the tests of the exchange were answered, which they write themselves: tests/exchange/recording.py), docs/wecom-limits.tsv (limits
whose tests stand elsewhere than in the table tests/exchange/limit_cases.py).
`python tools/wire_coverage.py` writes the pages; `--check` fails when one is not current, or a cell is empty without a reason.
"""

import ast
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from promises import missing

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' table of limits

DOCS = Path("docs")
CALLS, ERRORS, RECORD = DOCS / "wecom-calls.tsv", DOCS / "wecom-errors.tsv", DOCS / "wecom-tried.tsv"
LIMITS = DOCS / "wecom-limits.tsv"
CLIENT, ROOMS, SANDBOX = Path("src/linli/wecom"), Path("src/linli"), Path("src/wecom_sandbox")
ANY = "*"
NONE = "–"
CALLS_HEAD = """# The calls of WeCom's wire

Made by `tools/wire_coverage.py` from the list of calls and the code; do not edit.
Limits stand in `wecom-limits.md`, errors in `wecom-errors.md`.
Client: the method that makes the call. Sandbox: it answers. Tried: the client's call was answered 0 over HTTP, in so many test files.
Used by: rooms whose code names it. Where there is none, the cell says why.

| Chapter | Call | Client | Sandbox | Tried | Used by |
|---|---|---|---|---|---|
"""
ERRORS_HEAD = """# The errors of WeCom's wire

Made by `tools/wire_coverage.py` from the list of errors and the code; do not edit.
Every errcode that a row of the wire names; `*` is any call. Sandbox: its code answers it. Tried: the client was answered it over HTTP
by a call of this row, in so many test files; an item's errcode inside an answer counts. Not here: the numbers that the archive's
library returns (wire G.1) and those of the crypto (F.2), which no call answers.

| Chapter | Call | Errcode | Meaning | Sandbox | Tried |
|---|---|---|---|---|---|
"""
LIMITS_HEAD = """# The limits of WeCom's wire

Made by `tools/wire_coverage.py` from tests/exchange/limit_cases.py and docs/wecom-limits.tsv; do not edit.
Client: it refuses one more before the call. Sandbox: its errcode for one more. `table` is tests/exchange/test_exchange_limits.py,
which tries `most` and one more on both sides; what has tests of its own names them. What one side does not hold says why.

| Chapter | Call | Argument | Most | Client | Sandbox |
|---|---|---|---|---|---|
"""

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def made() -> dict[str, set[str]]:
    """Call → the client's public methods that make it: those that name its path, or that call a private one that does."""
    paths: dict[str, set[str]] = defaultdict(set)  # function → paths it names
    calls: dict[str, set[str]] = defaultdict(set)  # function → functions it names
    for path in CLIENT.glob("*.py"):
        for function in functions(path):
            for node in ast.walk(function):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    paths[function.name].add(node.value)
                elif isinstance(node, ast.Attribute | ast.Name):
                    calls[function.name].add(node.attr if isinstance(node, ast.Attribute) else node.id)
    found: dict[str, set[str]] = defaultdict(set)
    for name in paths.keys() | calls.keys():
        if not name.startswith("_"):
            inner = {one for one in calls[name] if one.startswith("_") and one in paths}
            for value in paths[name].union(*(paths[one] for one in inner)):
                found[value].add(name)
    return found


def answered() -> set[str]:
    from wecom_sandbox.wire.table import ENDPOINTS

    return {"gettoken", *ENDPOINTS}


def raised() -> set[str]:
    """The errcodes that the sandbox's code names, its list of texts left out."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in SANDBOX.rglob("*.py") if path.name != "errors.py")
    return set(re.findall(r"(?<![\w.])\d{5,6}(?![\w.])", code))


def named(folder: Path) -> set[str]:
    """Every attribute and every imported name that code below a folder uses."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {one.name for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names}
    return imported | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def used() -> dict[str, list[str]]:
    by: dict[str, list[str]] = defaultdict(list)
    for room in sorted(one for one in ROOMS.iterdir() if one.is_dir() and one.name != CLIENT.name):
        for name in named(room):
            by[name].append(room.name)
    return by


def tried() -> dict[tuple[str, str], set[str]]:
    """Path and errcode → the files of tests in which the client was answered so."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows(RECORD):
        for code in row["codes"].split():
            found[row["path"], code].add(row["file"])
    return found


def cell(said: str, reason: str, where: str, wrong: list[str]) -> str:
    """What the page says: the fact, or why there is none; a reason beside a fact is stale."""
    if bool(said) is bool(reason):
        wrong.append(f"{where}: " + ("a reason is given, and it is not so" if said else "empty, without a reason"))
    return said or reason or NONE


def calls_page(wrong: list[str]) -> str:
    client, sandbox, rooms, by = made(), answered(), used(), tried()
    lines = []
    for row in rows(CALLS):
        path = row["path"]
        methods = sorted(client.get(path, ()))
        users = sorted({room for name in methods for room in rooms[name]})
        cells = (
            row["chapter"], f"{row['verb']} `{path}`",
            cell(", ".join(f"`{name}`" for name in methods), row["no_client"], f"{path}, client", wrong),
            cell("yes" if path in sandbox else "", row["no_sandbox"], f"{path}, sandbox", wrong),
            cell(str(len(by[path, "0"]) or ""), row["no_try"], f"{path}, tried", wrong),
            cell(", ".join(users), row["no_use"], f"{path}, used by", wrong),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |\n")
    return CALLS_HEAD + "".join(lines)


def errors_page(wrong: list[str]) -> str:
    from linli.wecom.catalogue import explain

    by, sandbox = tried(), raised()
    lines = []
    for row in rows(ERRORS):
        path, code, reason = row["path"], row["code"], row["reason"]
        files = {file for (one, other), found in by.items() if other == code and covers(path, one) for file in found}
        answers, where = code in sandbox, f"{path} {code}"
        if answers and files and reason:
            wrong.append(f"{where}: a reason is given, and it is not so")
        if not reason and not (answers and files):
            wrong.append(f"{where}: {'not tried' if answers else 'not answered by the sandbox'}, without a reason")
        cells = (
            row["chapter"], f"`{path}`", code, explain(int(code)).en.replace("|", "/"),
            "yes" if answers else reason or NONE, str(len(files)) if files else reason or NONE,
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |\n")
    return ERRORS_HEAD + "".join(lines)


def limits_page(wrong: list[str]) -> str:
    from tests.exchange.limit_cases import LIMITS as CASES

    found = [
        (one.chapter, one.path, one.argument, f"{one.most:,} {one.unit}", "table", f"table: {one.code}")
        for one in CASES
    ]
    for row in rows(LIMITS):
        where = f"{row['path']}, {row['argument']}"
        for side in ("client", "sandbox"):
            if not row[side] and not row["reason"]:
                wrong.append(f"{where}: no test of the {side}, without a reason")
            elif row[side] and (why := missing(row[side])):
                wrong.append(f"{where}: {why}")
        if row["client"] and row["sandbox"] and row["reason"]:
            wrong.append(f"{where}: a reason is given, and it is not so")
        shown = (f"`{row[side]}`" if row[side] else row["reason"] for side in ("client", "sandbox"))
        found.append((row["chapter"], row["path"], row["argument"], row["most"], *shown))
    found.sort(key=lambda cells: (order(cells[0]), cells[1]))
    lines = [f"| {cells[0]} | `{cells[1]}` | {' | '.join(cells[2:])} |\n" for cells in found]
    return LIMITS_HEAD + "".join(lines)


def order(chapter: str) -> tuple[str, int]:
    letter, _, number = chapter.partition(".")
    return letter, int(number or 0)


def covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern.removesuffix(ANY)) if pattern.endswith(ANY) else path == pattern


def main() -> int:
    wrong: list[str] = []
    pages = {
        DOCS / "wecom-calls.md": calls_page(wrong),
        DOCS / "wecom-errors.md": errors_page(wrong),
        DOCS / "wecom-limits.md": limits_page(wrong),
    }
    for path, current in pages.items():
        if "--check" not in sys.argv:
            path.write_text(current, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != current:
            wrong.append(f"{path} is not current: run python tools/wire_coverage.py")
    for one in wrong:
        print(one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
