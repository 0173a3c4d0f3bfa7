"""A whole house in processes of its own, connected to a sandbox, for killing its parts; run as a module it is the house's hand."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.project.house import ROOT, House
from tests.sandbox.stage import AGENT, CORP, SECRET

_WORDS = {
    "ingress": "linli.ingress.app:application", "console": "linli.project.wsgi:application", "drain": "linli.project.cli drain",
    "welcome": "linli.project.cli welcome", "deliver": "linli.project.cli deliver", "worker": "linli.project.cli worker",
}  # fmt: skip


@dataclass
class Staged(House):
    """`stage` is the sandbox that plays WeCom and its people."""

    stage: Any = None
    states: list[str] = field(default_factory=list)  # what people scan
    read: list[dict[str, Any]] = field(default_factory=list)  # relations that the API has shown

    def hand(self, what: str) -> Any:
        """One of the acts below, done in a process that sees the house as its own do."""
        env = self.env | {
            "DATABASE_URL": self.server.url(), "LINLI_MASTER_KEY_FILE": str(self.data / "master.key"), "LINLI_KILL_AT": "",
            "LINLI_SECRET_KEY": "only for tests", "DJANGO_SETTINGS_MODULE": "linli.project.settings",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.project.kill_house", what], env=env, cwd=ROOT, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def connect(self, stage: Any) -> None:
        """The corp of this sandbox, whose callbacks come here from now on."""
        self.stage = stage
        prepared = self.hand("prepare")
        self.states = prepared["states"]
        stage.control("callback", {"agentid": AGENT, "verify": True, **prepared["callback"]})

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database() as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload]

    def of(self, name: str) -> list[int]:
        """The processes of this child; of a server its parent and its worker."""
        return self.pids(_WORDS[name])

    def crew(self) -> dict[str, int]:
        """How many processes each name has."""
        return {name: len(self.of(name)) for name in _WORDS}

    def kill(self, name: str, by: signal.Signals = signal.SIGKILL) -> list[int]:
        """kill -9 without warning; returns whom. The supervisor is left to find out."""
        self.until(lambda: self.of(name))
        pids = self.of(name)
        for pid in pids:
            os.kill(pid, by)
        return pids

    def quiet(self) -> None:
        """Until WeCom has nothing more to say and the house has nothing more to do."""
        from linli.project.subscriptions import SUBSCRIPTIONS

        def still() -> bool:
            left = self.stage.control("outstanding")
            return not left["callbacks_queued"] and not left["callbacks_in_flight"]

        self.until(still)
        self.until(lambda: self.one(
            f"""SELECT NOT EXISTS (SELECT 1 FROM ledger_inbox WHERE state = 0 OR welcome_state IN (1, 2))
                  AND NOT EXISTS (SELECT 1 FROM ledger_fact WHERE position IS NULL)
                  AND NOT EXISTS (SELECT 1 FROM ledger_parked)
                  AND (SELECT bool_and(c.position = s.position) AND count(*) = {len(SUBSCRIPTIONS)} FROM ledger_cursor c, ledger_sequence s)
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
