"""Every call of the wire, and who makes, answers, tries and uses it: docs/wecom-calls.md, made from docs/wecom-calls.tsv and the code.

`python tools/wire_coverage.py` writes the page; `--check` fails when it is not current. A call that the client does not make says why
in the fourth column of the list.
"""

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

LIST, PAGE = Path("docs/wecom-calls.tsv"), Path("docs/wecom-calls.md")
CLIENT, ROOMS, TRIED = Path("src/linli/wecom"), Path("src/linli"), Path("tests/exchange")
HEAD = """# The calls of WeCom's wire

Made by `tools/wire_coverage.py` from the list of calls and the code; do not edit.
Client: the method that makes the call. Sandbox: it answers. Tried: client against sandbox over HTTP. Used by: rooms whose code names it.

| Chapter | Call | Client | Sandbox | Tried | Used by |
|---|---|---|---|---|---|
"""


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


def attributes(folder: Path) -> set[str]:
    """Every attribute that code below a folder names."""
    return {
        node.attr
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }


def used() -> dict[str, list[str]]:
    by: dict[str, list[str]] = defaultdict(list)
    for room in sorted(one for one in ROOMS.iterdir() if one.is_dir() and one.name != CLIENT.name):
        for name in attributes(room):
            by[name].append(room.name)
    return by


def page() -> str:
    client, sandbox, rooms, tried = made(), answered(), used(), attributes(TRIED)
    lines = []
    with LIST.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            methods = sorted(client.get(row["path"], ()))
            users = sorted({room for name in methods for room in rooms[name]})
            cells = (
                row["chapter"], f"{row['verb']} `{row['path']}`",
                ", ".join(f"`{name}`" for name in methods) or row["reason"] or "–",
                "yes" if row["path"] in sandbox else "–",
                "yes" if any(name in tried for name in methods) else "–",
                ", ".join(users) or "–",
            )  # fmt: skip
            lines.append("| " + " | ".join(cells) + " |\n")
    return HEAD + "".join(lines)


def main() -> int:
    current = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != current:
            print(f"{PAGE} is not current: run python tools/wire_coverage.py")
            return 1
        return 0
    PAGE.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
