"""The first full sync of a large corp: 1,000,000 customers and 5,000 groups out of the sandbox beside it.

`python -m bench.fullsync [customers] [groups]`; about a quarter of an hour for the record, so it is not in `bench.all`. All processes are
real, the worker reads, and meanwhile new people scan a code once a second: their welcome must not wait.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.busy import Busy, watched
from bench.ground import house
from bench.memory import pss_mb
from linli_demo.sandbox import Sandbox, command, wait

GOAL, WELCOME_MS, CALLS = 3_000, 3_000, 1.05
LIMIT_S = 7_200
CORP, AGENT, SECRET = "ww0bench0bench0bench", 1000002, "opens-only-the-sandbox"
PORTS = {"LINLI_CONSOLE_PORT": "18620", "LINLI_INGRESS_PORT": "18621"}
STAFF, ROWS_A_PAGE = 1_000, 100


@contextmanager
def large_corp(folder: Path, customers: int, groups: int) -> Iterator[tuple[Sandbox, int]]:
    """A sandbox with so many people, and its process id."""
    process = subprocess.Popen(command(18622, folder, datetime.now(UTC).isoformat()))
    try:
        sandbox = wait("http://127.0.0.1:18622", process)
        sandbox.post("seed", {
            "corp_id": CORP, "corp_name": "邻里", "departments": [{"id": 1, "name": "总部", "parentid": 0, "order": 1}], "users": [],
            "apps": [{"agentid": AGENT, "name": "邻里", "secret": SECRET}],
            "generate": {"customers": customers, "staff": STAFF, "groups": groups, "members": 100, "seed": 1},
        })  # fmt: skip
        sandbox.post("tunables", {"rate_per_minute": 1_000_000})
        yield sandbox, process.pid
    finally:
        process.kill()
        process.wait()


def main(customers: int = 1_000_000, groups: int = 5_000) -> bool:
    """Prints relations a second, calls against the fewest, welcomes and memory; True when calls and welcomes hold their goals."""
    with house() as (folder, postgres), large_corp(folder, customers, groups) as (sandbox, pid):
        os.environ |= PORTS | {"LINLI_LOG": "text"}
        from linli.connect import api as connect
        from linli.kit.settings import read_settings
        from linli.project.supervisor import Supervisor, children

        corp_id = _connected(sandbox)
        supervisor = Supervisor(children(read_settings()))
        supervisor.start()
        stop = threading.Event()
        scans = threading.Thread(target=_scan, args=(sandbox, stop))
        try:
            before = sum(sandbox.get("counters")["api_calls"].values())
            asked = connect.start_reconciliation(corp_id=corp_id, by="bench")
            scans.start()
            pids = {one.name: one.process.pid for one in supervisor.crew if one.process}
            pids |= {"postgres": postgres.process.pid, "sandbox": pid}
            _awaited(corp_id, asked, lambda one: "customers" in {run.kind for run in one.runs})
            with watched(pids) as busy:
                _awaited(corp_id, asked, lambda one: _of_customers(one).finished_at)
            _tell_busy(busy)
            done = _awaited(corp_id, asked, lambda one: one.finished_at)
            stop.set()
            scans.join()
            sandbox.settle()
            calls = sandbox.get("counters")["api_calls"]
            for name, one in pids.items():
                print(f"memory {name:14}{pss_mb(one):8.0f} MB")
            return _told(corp_id, done, calls, sum(calls.values()) - before)
        finally:
            stop.set()
            supervisor.halt()


def _connected(sandbox: Sandbox) -> int:
    import httpx

    from linli.access import api as access
    from linli.connect import api as connect
    from linli.wecom.tokens import fetch_token

    corp_id = access.create_corp(wecom_id=CORP, name="邻里").id
    connect.connect_corp(corp_id=corp_id, base_url=sandbox.base, agent_id=AGENT, secret=SECRET)
    line = connect.callback_settings(corp_id=corp_id)
    at = line.url.replace(line.url.split("/callback/")[0], f"http://127.0.0.1:{PORTS['LINLI_INGRESS_PORT']}")
    wishes = {"url": at, "token": line.token, "aes_key": line.encoding_aes_key, "verify": False}
    sandbox.post("callback", {"corp_id": CORP, "agentid": AGENT, **wishes})
    token = fetch_token(sandbox.base, CORP, SECRET, httpx.Client()).value
    httpx.post(
        f"{sandbox.base}/cgi-bin/externalcontact/add_contact_way?access_token={token}",
        json={"type": 1, "scene": 2, "user": ["clerk1_00001"], "state": "bench"},
    ).raise_for_status()
    return corp_id


def _scan(sandbox: Sandbox, stop: threading.Event) -> None:
    n = 0
    while not stop.wait(1):
        n += 1
        sandbox.act("scan", state="bench", person={"unionid": f"bench{n}", "name": f"新客{n}"})


def _of_customers(done):
    return next(run for run in done.runs if run.kind == "customers")


def _awaited(corp_id: int, asked: int | None, holds: Callable):
    from linli.connect import api as connect

    said, deadline = 0.0, time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        one = next(x for x in connect.latest_reconciliations(corp_id=corp_id) if x.id == asked)
        if holds(one):
            return one
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print("; ".join(f"{run.kind} {run.done:,}" for run in one.runs), flush=True)
        time.sleep(0.5)  # a look twice a second at work of minutes
    raise RuntimeError(f"the reading had not ended after {LIMIT_S} s")


def _tell_busy(busy: Busy) -> None:
    """What each process had of a processor while customers were read, and so what holds the reading up."""
    took = busy.lasted_s
    for name, seconds in busy.seconds().items():
        print(f"processor {name:11}{seconds:8.1f} s = {seconds / took:6.1%} of one")
    cores, all_of_them = os.cpu_count() or 1, sum(busy.seconds().values()) / took
    print(f"processor, all       {all_of_them:8.1%} of {cores} × 100 %")
    print(f"bottleneck           {next(iter(busy.seconds()))}")


def _told(corp_id: int, done, calls: dict[str, int], made: int) -> bool:
    from linli.ledger import api as ledger

    counts = {}
    for run in done.runs:
        took = (run.finished_at - run.started_at).total_seconds()
        counts[run.kind] = run.done
        print(f"{run.kind:20} {run.done:10,} read in {took:7.1f} s: {run.done / max(took, 0.001):8.0f}/s   {run.state}")
    fewest = {
        "externalcontact/batch/get_by_user": -(-counts["customers"] // ROWS_A_PAGE),
        "externalcontact/groupchat/get": counts["groups"],
    }
    print(f"goal                 {GOAL:10,}/s for customers")
    ratio = sum(calls.get(path, 0) for path in fewest) / max(1, sum(fewest.values()))
    welcomes = ledger.welcome_figures(corp_id=corp_id)
    print(f"calls                {made:10,} in all; of readings {ratio:.3f} × the fewest (goal ≤ {CALLS})")
    print(
        f"welcomes meanwhile   {welcomes.in_time:10,} said, {welcomes.too_late} too late; p99 {welcomes.p99_ms} ms (goal ≤ {WELCOME_MS})"
    )
    said = welcomes.p99_ms is not None and not welcomes.too_late and welcomes.p99_ms <= WELCOME_MS
    return done.state == "done" and ratio <= CALLS and said


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
