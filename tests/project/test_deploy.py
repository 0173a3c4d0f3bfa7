"""The documented way of one's own server: every unit's own ExecStart runs against a given PostgreSQL, and compose says the same."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from tests.project.house import ROOT, a_database, free_ports

UNITS = sorted((ROOT / "deploy/systemd").glob("linli-*.service"))
LONG = {"console", "ingress", "drain", "welcome", "deliver", "worker"}


def lines(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def name(unit: Path) -> str:
    return unit.stem.removeprefix("linli-")


def command(unit: Path, env: dict[str, str]) -> list[str]:
    """The ExecStart as systemd would run it, with this checkout in the place of /opt/linli."""
    (text,) = lines(unit, "ExecStart")
    text = re.sub(r"\$\{(\w+)\}", lambda found: env[found[1]], text)
    text = text.replace("/opt/linli/venv/bin/linli", f"{sys.executable} -m linli.project.cli")
    return shlex.split(text.replace("/opt/linli/venv/bin/python", sys.executable))


def as_documented() -> dict[str, str]:
    """The variables of linli.env.example."""
    pairs = (
        line.split("=", 1) for line in (ROOT / "deploy/linli.env.example").read_text().splitlines() if "=" in line[:40]
    )
    return {key: value for key, value in pairs if re.fullmatch(r"[A-Z_]+", key)}


@pytest.mark.slow
def test_each_unit_runs_by_its_own_command():
    base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="deploy-", dir=base))
    console, ingress = free_ports(2)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LINLI_")}
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        with a_database() as url, (folder / "log").open("w") as log:
            env = clean | as_documented() | {
                "LINLI_DATA_DIR": str(folder), "DATABASE_URL": url, "LINLI_CONSOLE_PORT": console, "LINLI_INGRESS_PORT": ingress,
                "PYTHONPATH": "src",
            }  # fmt: skip
            by_name = {name(unit): unit for unit in UNITS}
            assert set(by_name) == LONG | {"migrate"}
            subprocess.run(
                command(by_name["migrate"], env), env=env, cwd=ROOT, check=True, timeout=300, stdout=log, stderr=log
            )
            assert (folder / "first-sign-in").stat().st_mode & 0o777 == 0o600
            for one in sorted(LONG):
                running[one] = subprocess.Popen(command(by_name[one], env), env=env, cwd=ROOT, stdout=log, stderr=log)
            for port in (console, ingress):
                assert soon_ready(f"http://127.0.0.1:{port}/readyz") == {"ok"}, (folder / "log").read_text()
            soon_alive(f"http://127.0.0.1:{console}/metrics")
            with psycopg.connect(url) as connection:
                (sessions,) = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                ).fetchone()
            assert sessions > len(LONG)
            assert {one: process.poll() for one, process in running.items()} == dict.fromkeys(running), (
                folder / "log"
            ).read_text()
            for process in running.values():
                process.send_signal(signal.SIGTERM)
            for process in running.values():
                process.wait(120)
            password = (folder / "first-sign-in").read_text().split()[1]
            assert password not in (folder / "log").read_text()
    finally:
        for process in running.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def soon_ready(url: str, limit_s: float = 120) -> set[str]:
    deadline, parts = time.monotonic() + limit_s, {"not asked"}
    while parts != {"ok"} and time.monotonic() < deadline:
        try:
            parts = set(httpx.get(url, timeout=5).json()["parts"].values())
        except httpx.TransportError:
            time.sleep(0.2)
    return parts


def soon_alive(url: str, limit_s: float = 120) -> None:
    """Every process shows its memory in the figures that the console gives out."""
    deadline = time.monotonic() + limit_s
    while True:
        text = httpx.get(url, timeout=10).text
        found = set(re.findall(r'linli_process_memory_bytes\{process="(\w+)"\} [1-9]', text))
        if found == LONG:
            return
        assert time.monotonic() < deadline, f"{found} of {LONG}"
        time.sleep(0.2)


def test_units_are_hardened_and_the_target_wants_them_all():
    wanted = set((ROOT / "deploy/systemd/linli.target").read_text().split())
    for unit in UNITS:
        if name(unit) == "migrate":
            continue
        assert lines(unit, "Restart") == ["always"]
        assert lines(unit, "User") == ["linli"]
        assert lines(unit, "Environment") == [f"LINLI_PROCESS={name(unit)}"]
        for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictSUIDSGID"):
            assert lines(unit, key) == ["yes"], f"{unit.name} {key}"
        assert any(unit.name in word for word in wanted)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_itself_takes_the_units(tmp_path):
    for unit in [*UNITS, ROOT / "deploy/systemd/linli.target"]:
        text = re.sub(r"/opt/linli/venv/bin/\w+", sys.executable, unit.read_text())
        (tmp_path / unit.name).write_text(text)
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "linli" in line]
    assert ours == []


def test_compose_runs_the_same_processes_with_secrets_in_files():
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == LONG | {"migrate", "postgres"}
    assert services["postgres"]["image"] == "postgres:16"
    for one in LONG:
        assert services[one]["command"] == [one]
        assert services[one]["read_only"]
        assert services[one]["cap_drop"] == ["ALL"]
    assert set(compose["secrets"]) == {"postgres_password", "database_url"}
    for service in services.values():
        for key, value in service["environment"].items():
            assert key.endswith("_FILE") or "PASSWORD" not in key.upper(), (key, value)
    for one in ("console", "ingress", "postgres"):
        assert services[one]["healthcheck"]


def test_the_images_entry_reads_secrets_from_files_and_starts_one_process(tmp_path):
    (tmp_path / "url").write_text("postgresql://linli@127.0.0.1:1/none")
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": "src",
        "LINLI_DATA_DIR": str(tmp_path / "house"),
    }
    done = subprocess.run(
        ["/bin/sh", "deploy/entry.sh", "migrate"], env=env | {"DATABASE_URL_FILE": str(tmp_path / "url")}, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("linli: DATABASE_URL does not answer"), done.stderr
