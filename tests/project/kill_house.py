"""A whole house in processes of its own, connected to a sandbox, for killing its parts; run as a module it is the house's hand."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[2]
_WORDS = {
    "ingress": "linli.ingress.app:application", "console": "linli.project.wsgi:application", "drain": "linli.project.cli drain",
    "welcome": "linli.project.cli welcome", "deliver": "linli.project.cli deliver", "worker": "linli.project.cli worker",
}  # fmt: skip


class House:
    """`linli up` on a directory and ports of its own; `stage` is the sandbox that plays WeCom and its people."""

    def __init__(self, stage: Any, ports: list[str], **env: str) -> None:
        base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
        self.stage = stage
        self.folder = Path(tempfile.mkdtemp(prefix="kills-", dir=base))
        keep = {k: v for k, v in os.environ.items() if not k.startswith("LINLI_") and k != "DATABASE_URL"}
        self.env = keep | {
            "LINLI_DATA_DIR": str(self.folder), "LINLI_CONSOLE_PORT": ports[0], "LINLI_INGRESS_PORT": ports[1],
            "PYTHONPATH": "src", "LINLI_SANDBOX": stage.hosted.url, "LINLI_PRIVATE_NETWORKS": "127.0.0.1", **env,
        }  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self.up = subprocess.Popen(
                [sys.executable, "-m", "linli.project.cli", "up"], env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        self.until(lambda: self.answers("LINLI_CONSOLE_PORT") and self.answers("LINLI_INGRESS_PORT"), 240)
        from linli.project.postgres import Postgres

        self.url = Postgres(self.folder / "postgres").url()

    def close(self) -> None:
        self.up.send_signal(signal.SIGTERM)
        self.up.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def told(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-6000:]

    def until(self, holds: Callable[[], object], limit_s: float = 120) -> None:
        deadline = time.monotonic() + limit_s
        while not holds():
            assert self.up.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.1)

    def answers(self, port: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.env[port]}/healthz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def hand(self, what: str) -> Any:
        """One of the acts below, done in a process that sees the house as its own do."""
        env = self.env | {
            "DATABASE_URL": self.url, "LINLI_MASTER_KEY_FILE": str(self.folder / "master.key"), "LINLI_KILL_AT": "",
            "LINLI_SECRET_KEY": "only for tests", "DJANGO_SETTINGS_MODULE": "linli.project.settings",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.project.kill_house", what], env=env, cwd=ROOT, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload]

    def pids(self, name: str) -> list[int]:
        """The processes of this child; of a server its parent and its worker."""
        found = []
        for pid in subprocess.run(
            ["pgrep", "-f", _WORDS[name]], capture_output=True, text=True, check=False
        ).stdout.split():
            try:
                mine = f"LINLI_DATA_DIR={self.folder}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            if mine:
                found.append(int(pid))
        return found

    def kill(self, name: str, by: signal.Signals = signal.SIGKILL) -> list[int]:
        """kill -9 without warning; returns whom. The supervisor is left to find out."""
        self.until(lambda: self.pids(name))
        pids = self.pids(name)
        for pid in pids:
            os.kill(pid, by)
        return pids

    def quiet(self) -> None:
        """Until WeCom has nothing more to say and the house has nothing more to do."""

        def still() -> bool:
            left = self.stage.control("outstanding")
            return not left["callbacks_queued"] and not left["callbacks_in_flight"]

        self.until(still)
        self.until(lambda: self.one(
            """SELECT NOT EXISTS (SELECT 1 FROM ledger_inbox WHERE state = 0 OR welcome_state IN (1, 2))
                  AND NOT EXISTS (SELECT 1 FROM ledger_fact WHERE position IS NULL)
                  AND NOT EXISTS (SELECT 1 FROM ledger_parked)
                  AND (SELECT bool_and(c.position = s.position) AND count(*) = 2 FROM ledger_cursor c, ledger_sequence s)
                  AND NOT EXISTS (SELECT 1 FROM customers_markintent WHERE state = 'waiting')
                  AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'
                                  OR status = 'todo' AND coalesce(scheduled_at, now()) <= now())"""
        ))  # fmt: skip


def prepare() -> dict[str, Any]:
    """Connect the corp, find its shops, make their codes; the states that people scan."""
    from linli.access import api as access
    from linli.acquisition import api as acquisition
    from linli.connect import api as connect
    from linli.directory import api as directory
    from linli.groups import api as groups
    from tests.connect.staged import SHOPS
    from tests.sandbox.stage import AGENT, CORP, SECRET

    corp = access.create_corp(wecom_id=CORP, name="邻里百货")
    connect.connect_corp(corp_id=corp.id, base_url=os.environ["LINLI_SANDBOX"], agent_id=AGENT, secret=SECRET)
    directory.sync(corp_id=corp.id)
    directory.choose_shop_parent(corp_id=corp.id, parent_wecom_id=SHOPS)
    groups.sync(corp_id=corp.id)
    acquisition.ensure_shop_codes(corp_id=corp.id)
    line = connect.callback_settings(corp_id=corp.id)
    states = [code.state for code in acquisition.codes(corp_id=corp.id)]
    callback = {"url": line.url, "token": line.token, "aes_key": line.encoding_aes_key}
    return {"corp": corp.id, "states": states, "callback": callback}


def mirror() -> dict[str, Any]:
    """Linli against the sandbox by checksum."""
    from linli.access import api as access
    from linli.customers import api as customers
    from linli.groups import api as groups
    from linli_demo.compare import compare

    (corp,) = access.corps()
    wecom = httpx.get(os.environ["LINLI_SANDBOX"] + "/control/state").json()
    return compare(wecom, {**customers.digest(corp_id=corp.id), **groups.state_rows(corp_id=corp.id)})


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"prepare": prepare, "mirror": mirror}[sys.argv[1]]()))
