"""Points at which a test may kill a process: nothing by default, exactly once a house when asked, and none is only listed."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from linli.kit import killpoints

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, words: str, code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": "src", "LINLI_DATA_DIR": str(folder), "LINLI_KILL_AT": words}
    command = [sys.executable, "-c", f"from linli.kit.killpoints import passing\n{code}"]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_process_dies_at_the_named_pass_and_its_successor_lives(tmp_path):
    code = "for n in range(5):\n  print(n, flush=True); passing('drain.handled'); passing('welcome.said')"
    first = run(tmp_path, "drain.handled:3,ingress.kept", code)
    assert first.returncode == -signal.SIGKILL
    assert first.stdout.split() == ["0", "1", "2"]
    assert (tmp_path / "killed").read_text() == "drain.handled:3\n"
    again = run(tmp_path, "drain.handled:3,ingress.kept", code)
    assert (again.returncode, again.stdout.split()) == (0, ["0", "1", "2", "3", "4"])


def test_an_unknown_point_is_refused(tmp_path):
    done = run(tmp_path, "drain.nowhere", "")
    assert done.returncode == 1
    assert "drain.nowhere" in done.stderr


def test_without_the_variable_passing_does_nothing():
    assert killpoints.prepared() is killpoints.passing


def test_every_point_is_listed_and_every_listed_point_is_passed_somewhere():
    called = [
        point
        for path in (ROOT / "src" / "linli").rglob("*.py")
        for point in re.findall(r"passing\(\"([a-z._]+)\"\)", path.read_text(encoding="utf-8"))
    ]
    assert sorted(set(called)) == sorted(set(killpoints.POINTS) - {"replay.committed"})
