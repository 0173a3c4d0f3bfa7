"""Sizes and doors: file ≤ 400 lines, function ≤ 50 lines, other rooms only through `api` and `facts`; a README in every room."""

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES, FUNCTION_LINES = 400, 50
ROOMS = set(
    "access ledger connect directory customers groups commerce archive handover segments messaging acquisition insights privacy".split()
)
DOORS = {"api", "facts"}
WRITERS = {"operations", "handlers", "jobs"}
OWN_PAGES = {"h5": "acquisition"}
# The wiring names handlers and providers. A room's own pages may read all of it, but write through its door.
WIRING = {"project": {"handlers", "conditions", "jobs", "models", "personal"}}


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.html", "*.js", "*.sql", "*.css", "*.sh"],
        capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    return [
        Path(name)
        for name in names
        if name and "/vendor/" not in name and "/migrations/" not in name and Path(name).exists()
    ]


def long_functions(path: Path, tree: ast.AST) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]


def doors(path: Path, tree: ast.AST) -> list[str]:
    parts = path.parts
    if parts[:2] not in {("src", "linli"), ("src", "linli_demo")}:
        return []
    here = parts[2] if parts[1] == "linli" else "demo"
    page_of = parts[3] if here == "console" and len(parts) > 4 else None
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("linli."):
            continue
        words = (node.module or "").split(".")
        room = words[1]
        if room not in ROOMS or room == here:
            continue
        names = {words[2]} if len(words) > 2 else {alias.name for alias in node.names}
        own = room in {page_of, OWN_PAGES.get(here)}
        forbidden = names & WRITERS if own else names - DOORS - WIRING.get(here, set())
        found += [f"{path}:{node.lineno} enters {room} by {name}, not by its door" for name in sorted(forbidden)]
    return found


def main() -> int:
    wrong: list[str] = []
    for path in tracked():
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > FILE_LINES:
            wrong.append(f"{path} has {lines} lines (at most {FILE_LINES})")
        if path.suffix == ".py":
            tree = ast.parse(text)
            wrong += long_functions(path, tree) + doors(path, tree)
    for room in sorted(Path("src/linli").iterdir()):
        if room.is_dir() and (room / "__init__.py").exists() and not (room / "README.md").exists():
            wrong.append(f"{room} has no README.md")
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
