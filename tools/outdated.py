"""Is there a newer release of anything that Linli is made of, and is the lock younger than docs/security/updates.md asks for?

Asks the package index by pip's own client (so it goes wherever pip is set up to go); not part of `make check`, which needs no network.
Ends with 0: within the time frame; 1: something newer is there and the lock is too old; 2: the index did not answer, so nothing is known.
"""

import argparse
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
FRAME = re.compile(r"\| every (\d+) days the lock is made anew")


class NotAnsweredError(Exception):
    """The index, or git, said nothing that could be relied on."""


def pinned(lock: str) -> dict[str, str]:
    """The lock's packages: canonical name → version."""
    pairs = (line.partition("==")[::2] for line in lock.split() if "==" in line)
    return {_canonical(name.partition("[")[0]): version for name, version in pairs}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pip(pip: list[str], which: str) -> dict[str, tuple[str, str]]:
    """pip list --outdated or --uptodate: name → (installed, newest)."""
    done = subprocess.run(
        [*pip, "list", which, "--format=json", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotAnsweredError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed")
    rows = json.loads(done.stdout or "[]")
    return {_canonical(row["name"]): (row["version"], row.get("latest_version", row["version"])) for row in rows}


def look(pip: list[str], lock: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Those of the lock that have a newer release: name → (ours, newest). Raises when pip could not ask about one of them.

    pip leaves out what the index did not answer for, without a word; so both lists are asked for, and together must hold all.
    """
    newer, newest = _pip(pip, "--outdated"), _pip(pip, "--uptodate")
    silent = sorted(set(lock) - set(newer) - set(newest))
    if silent:
        raise NotAnsweredError(f"about {len(silent)} of {len(lock)} packages ({', '.join(silent[:3])} …)")
    return {name: (lock[name], newer[name][1]) for name in sorted(lock) if name in newer}


def renewed() -> date:
    """The day on which the lock was changed last, by git."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%cI", "--", LOCK.name], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode or not done.stdout.strip():
        raise NotAnsweredError("git knows no day on which requirements.lock was changed")
    return datetime.fromisoformat(done.stdout.strip()).astimezone(UTC).date()


def frame() -> int:
    """The days that docs/security/updates.md gives a lock."""
    found = FRAME.search((ROOT / "docs/security/updates.md").read_text(encoding="utf-8"))
    if found is None:
        raise NotAnsweredError("docs/security/updates.md names no number of days for the lock")
    return int(found.group(1))


def main(arguments: list[str] | None = None) -> int:
    """Say it in a few lines."""
    parser = argparse.ArgumentParser(description="newer releases of what requirements.lock pins")
    parser.add_argument("--pip", nargs="+", default=[sys.executable, "-m", "pip"], help="another pip")
    parser.add_argument(
        "--day", type=date.fromisoformat, default=datetime.now(UTC).date(), help="as if it were this day"
    )
    chosen = parser.parse_args(arguments)
    lock = pinned(LOCK.read_text(encoding="utf-8"))
    try:
        found, age, days = look(chosen.pip, lock), (chosen.day - renewed()).days, frame()
    except NotAnsweredError as error:
        print(f"outdated: not known: {error}", file=sys.stderr)
        return 2
    for name, (ours, newest) in found.items():
        print(f"  {name} {ours} → {newest}")
    print(
        f"outdated: {len(found)} of {len(lock)} pinned packages have a newer release; the lock is {age} days old, {days} are allowed"
    )
    return int(bool(found) and age > days)


if __name__ == "__main__":
    sys.exit(main())
