"""The sandbox as a program of its own: a wheel without Linli, started by one command, beside either wechatpy."""

import ast
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

import wecom_sandbox
from tests.sandbox.test_sandbox_strange_client import HOME as STRANGE
from tests.sandbox.test_sandbox_strange_client import strange_python

__all__ = ["strange_python"]

NAMES = {"yaml": "pyyaml"}
HERE = Path(wecom_sandbox.__file__).parent


def installed(python: Path, *what: str) -> None:
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *what]
    got = subprocess.run(pip, capture_output=True, text=True, check=False, timeout=300)
    if got.returncode:
        pytest.skip(f"NOT INSTALLED ALONE: {got.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "wecom_sandbox"
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--disable-pip-version-check",
        str(source),
        "-w",
        str(folder),
    ]
    got = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if got.returncode:
        pytest.skip(f"NOT INSTALLED ALONE: the wheel cannot be built: {got.stderr.strip()[-300:]}")
    (made,) = folder.glob("*.whl")
    return made


def started(program: Path) -> None:
    """One command, and it answers."""
    process = subprocess.Popen(
        [str(program), "--play", "--port", "0"], stderr=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"listening on (http://\S+),", line)
        assert found, line
        with httpx.Client(base_url=found[1], trust_env=False) as http:
            query = {"corpid": "wwplay", "corpsecret": "play-secret"}
            assert http.get("/cgi-bin/gettoken", params=query).json()["errcode"] == 0
            assert "从这里开始" in http.get("/").text
            assert "## Five minutes" in http.get("/readme").text
            assert http.get("/qr/door").headers["content-type"].startswith("image/")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.xdist_group("strange")
def test_it_is_installed_and_started_without_linli(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    installed(home / "bin" / "python", str(wheel))
    listed = subprocess.run(
        [str(home / "bin" / "python"), "-m", "pip", "list", "--format=freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.split("==")[0].lower() for line in listed.stdout.splitlines()}
    assert {"wecom-sandbox", "starlette", "wechatpy"} <= names
    assert not names & {"linli", "django", "psycopg", "procrastinate", "granian"}
    started(home / "bin" / "wecom-sandbox")


@pytest.mark.slow
@pytest.mark.xdist_group("strange")
def test_it_lives_beside_wechatpy_2(wheel: Path, strange_python: Path, tmp_path: Path) -> None:
    home = tmp_path / "env"
    shutil.copytree(STRANGE, home, symlinks=True)
    installed(home / "bin" / "python", str(wheel))
    shown = subprocess.run(
        [str(home / "bin" / "python"), "-m", "pip", "show", "wechatpy"], capture_output=True, text=True, check=True
    )
    assert "Version: 2.0.0a26" in shown.stdout
    program = tmp_path / "wecom-sandbox"
    program.write_text(f'#!/bin/sh\nexec "{home}/bin/python" -m wecom_sandbox "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    started(program)


def test_what_it_imports_is_what_it_asks_for() -> None:
    own = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.match(r"[\w-]+", row)[0].lower() for row in own["dependencies"]}
    imported = set()
    for path in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported |= {name.split(".")[0] for name in names}
    foreign = {NAMES.get(name, name) for name in imported - set(sys.stdlib_module_names) - {"wecom_sandbox"}}
    assert foreign <= asked
    # wechatpy encrypts with cryptography, which it does not ask for itself.
    assert asked - foreign == {"cryptography"}


def test_what_it_needs_alone_is_what_linli_brings() -> None:
    own = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    linli = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = lambda rows: {re.match(r"[\w-]+", row)[0] for row in rows}  # noqa: E731
    assert names(own["dependencies"]) <= names(linli["dependencies"])
    assert own["scripts"]["wecom-sandbox"] == linli["scripts"]["wecom-sandbox"]
    assert own["version"] == linli["version"]
