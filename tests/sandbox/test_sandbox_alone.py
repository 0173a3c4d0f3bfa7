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
from tests.sandbox.strange.envs import alone, kept_environment, pip
from tests.sandbox.test_sandbox_strange_client import WANTED

NAMES = {"yaml": "pyyaml"}
WECHATPY = WANTED[0]
HERE = Path(wecom_sandbox.__file__).parent


def dependencies() -> list[str]:
    own = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    return [*own["project"]["dependencies"], *own["build-system"]["requires"]]


def installed(python: Path, folder: Path) -> set[str]:
    """Build the wheel and put it into an environment that has what it asks for; gives what is there."""
    source = folder / "wecom_sandbox"
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    pip(python, "wheel", "--no-deps", "--no-build-isolation", str(source), "-w", str(folder))
    (wheel,) = folder.glob("*.whl")
    pip(python, "install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
    pip(python, "check")
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True, env=alone()
    )
    return set(listed.stdout.lower().splitlines())


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
def test_it_is_installed_and_started_without_linli(tmp_path: Path) -> None:
    python = kept_environment("alone", *dependencies())
    names = {line.split("==")[0].split(" @")[0] for line in installed(python, tmp_path)}
    assert {"wecom-sandbox", "starlette", "wechatpy"} <= names
    assert not names & {"linli", "django", "psycopg", "procrastinate", "granian"}
    started(python.with_name("wecom-sandbox"))


@pytest.mark.slow
@pytest.mark.xdist_group("strange")
def test_it_lives_beside_wechatpy_2(tmp_path: Path) -> None:
    others = [one for one in dependencies() if not one.startswith("wechatpy")]
    python = kept_environment("beside", WECHATPY, *others)
    assert WECHATPY in installed(python, tmp_path)
    started(python.with_name("wecom-sandbox"))


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
    assert foreign == asked


def test_what_it_needs_alone_is_what_linli_brings() -> None:
    own = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    linli = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = lambda rows: {re.match(r"[\w-]+", row)[0] for row in rows}  # noqa: E731
    assert names(own["dependencies"]) <= names(linli["dependencies"])
    assert own["scripts"]["wecom-sandbox"] == linli["scripts"]["wecom-sandbox"]
    assert own["version"] == linli["version"]
