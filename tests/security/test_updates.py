"""Whether the parts are up to date: the tool asks by pip, says what it found, and never takes silence for an answer."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import outdated  # noqa: E402 - tools are scripts, not a package

LOCK = outdated.pinned((ROOT / "requirements.lock").read_text(encoding="utf-8"))


@pytest.fixture
def index(tmp_path):
    """A pip whose index knows these packages: name → newest."""

    def made(newest: dict[str, str]) -> list[str]:
        newer = [{"name": n, "version": LOCK[n], "latest_version": v} for n, v in newest.items() if LOCK.get(n) != v]
        same = [{"name": n.replace("-", "_"), "version": v} for n, v in newest.items() if LOCK.get(n) == v]
        script = tmp_path / "pip.py"
        script.write_text(
            f"import sys; print({json.dumps(newer)!r} if '--outdated' in sys.argv else {json.dumps(same)!r})"
        )
        return ["--pip", sys.executable, str(script)]

    return made


def on(days: int) -> list[str]:
    """The day on which the lock is so many days old."""
    return ["--day", (outdated.renewed() + timedelta(days=days)).isoformat()]


def test_what_is_newer_is_listed_and_counts_when_the_lock_is_too_old(index, capsys):
    assert outdated.frame() == 90
    same, newer = index(dict(LOCK)), {**LOCK, "django": "99.1"}
    assert outdated.main([*on(91), *same]) == 0, "nothing newer is there, however old the lock is"
    assert outdated.main([*on(90), *index(newer)]) == 0
    assert f"django {LOCK['django']} → 99.1" in capsys.readouterr().out
    assert outdated.main([*on(91), *index(newer)]) == 1
    assert "1 of " in (said := capsys.readouterr().out)
    assert "91 days old, 90 are allowed" in said


def test_silence_about_a_package_is_no_answer(index, capsys, tmp_path):
    assert outdated.main(index({name: v for name, v in LOCK.items() if name != "django"})) == 2
    assert "not known: about 1 of" in capsys.readouterr().err
    (tmp_path / "broken.py").write_text("import sys; sys.exit('no route')")
    assert outdated.main(["--pip", sys.executable, str(tmp_path / "broken.py")]) == 2
    assert "no route" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "code", "ends"),
    [
        ("No known vulnerabilities found", 0, 0),
        ("Found 2 known vulnerabilities in 1 package\nName Version ID", 1, 1),
        ("ERROR:pip_audit._cli:Failed to reach the service", 1, 2),
    ],
)
def test_advisories_that_were_not_reached_are_not_none(tmp_path, said, code, ends):
    (tmp_path / "bin").mkdir()
    for name, body in (("python", "exit 9"), ("pip-audit", f"printf '%b\\n' '{said}'; exit {code}")):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    command = ["bash", "tools/advisories.sh", "python3", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == ends, done.stderr
    assert ("not known" in done.stderr) is (ends == 2)
