"""Every promise in docs/promises.md, and every requirement met in docs/security/asvs.md, names a test that exists."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

HEAD = ("| Promise | Shown by |", "|---|---|")
ROW = re.compile(r"\| ([^|]*[^| ]) \| `([^`|]+)` \|")
ASVS = re.compile(r"\| (V[\d.]+) \| (met|n/a|not yet) \| ([^|]+) \|")
TEST = re.compile(r"`(tests/[^`]+)`")


@cache
def tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def missing(shown_by: str) -> str:
    """Why this reference leads nowhere, "" when it leads to something."""
    path, _, name = shown_by.partition("::")
    if not Path(path).exists():
        return f"{path} is not there"
    return f"{path} has no {name}" if name and name not in tests_in(Path(path)) else ""


def promises() -> list[str]:
    wrong: list[str] = []
    rows = 0
    for number, line in enumerate(Path("docs/promises.md").read_text(encoding="utf-8").splitlines(), start=1):
        if "|" not in line or line in HEAD:
            continue
        rows += 1
        row = ROW.fullmatch(line)
        if row is None:
            wrong.append(f"docs/promises.md:{number} does not fit “| promise | `path::test` |”: {line}")
        elif why := missing(row.group(2)):
            wrong.append(f"{row.group(1)}: {why}")
    return wrong if rows else ["docs/promises.md has no rows"]


def asvs() -> list[str]:
    wrong: list[str] = []
    for number, line in enumerate(Path("docs/security/asvs.md").read_text(encoding="utf-8").splitlines(), start=1):
        shown = TEST.findall(line)
        wrong += [f"docs/security/asvs.md:{number}: {why}" for one in shown if (why := missing(one))]
        if not line.startswith("| V"):
            continue
        row = ASVS.fullmatch(line)
        if row is None:
            wrong.append(f"docs/security/asvs.md:{number} does not fit “| V… | met, n/a or not yet | why |”: {line}")
        elif row.group(2) == "met" and not shown:
            wrong.append(f"{row.group(1)}: met, but no test is named")
    return wrong


def main() -> int:
    wrong = promises() + asvs()
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
