"""Every promise in docs/promises.md names a test or a benchmark that exists."""

import ast
import re
import sys
from pathlib import Path

HEAD = ("| Promise | Shown by |", "|---|---|")
ROW = re.compile(r"\| ([^|]*[^| ]) \| `([^`|]+)` \|")


def tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def main() -> int:
    wrong: list[str] = []
    rows = 0
    for number, line in enumerate(Path("docs/promises.md").read_text(encoding="utf-8").splitlines(), start=1):
        if "|" not in line or line in HEAD:
            continue
        rows += 1
        row = ROW.fullmatch(line)
        if row is None:
            wrong.append(f"docs/promises.md:{number} does not fit “| promise | `path::test` |”: {line}")
            continue
        promise, shown_by = row.groups()
        path, _, name = shown_by.partition("::")
        if not Path(path).exists():
            wrong.append(f"{promise}: {path} is not there")
        elif name and name not in tests_in(Path(path)):
            wrong.append(f"{promise}: {path} has no {name}")
    if not rows:
        wrong.append("docs/promises.md has no rows")
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
