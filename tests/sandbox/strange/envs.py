"""Environments of their own for programs that are not ours: made once by pip's ordinary client, and kept."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[3] / ".cache"


class PipFailed(Exception):
    pass


def kept_environment(name: str, *wanted: str) -> Path:
    """An interpreter that has these; skips, aloud, where they cannot be had."""
    home = CACHE / f"{name}-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:10]}"
    python = home / "bin" / "python"
    if python.exists():
        return python
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        made = Path(folder) / "env"
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
        try:
            pip(made / "bin" / "python", "install", *wanted)
        except PipFailed as error:
            pytest.skip(f"NOT TRIED IN AN ENVIRONMENT OF ITS OWN: {error}")
        made.rename(home)
    return python


def alone() -> dict[str, str]:
    """The environment's variables without our own packages beside it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def pip(python: Path, *words: str) -> None:
    """Run pip; what it says is raised where it fails."""
    command = [str(python), "-m", "pip", words[0], "-q", "--disable-pip-version-check", *words[1:]]
    got = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=alone())
    if got.returncode:
        raise PipFailed(f"pip {' '.join(words)}: {(got.stderr + got.stdout).strip()[-500:]}")
