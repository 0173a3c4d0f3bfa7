"""kill -9 of every process, at every dangerous point and at any moment, while WeCom keeps talking: nothing lost, nothing doubled."""

import itertools
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from linli.kit import killpoints
from linli.project.supervisor import Child, Supervisor
from tests.connect.staged import running_stage
from tests.project.house import a_house, soon
from tests.project.kill_house import Staged

POINTS = {
    "ingress.kept": 3, "drain.claimed": 5, "drain.handled": 9, "welcome.claimed": 3, "welcome.said": 6, "sequencer.placed": 3,
    "sequencer.committed": 5, "delivery.handled": 4, "delivery.committed": 6, "worker.fetched": 2, "worker.done": 3,
    "marking.called": 1,
}  # fmt: skip
LATER = {"audit.answered": 1}  # nobody asks the console for anything before its own test
ELSEWHERE = {
    "replay.committed", "messaging.intent", "messaging.called", "commerce.chunk", "commerce.chunk_kept", "handover.intent",
    "handover.called", "archive.fetched", "archive.kept", "archive.piece_kept", "customers.known_kept", "customers.page_kept",
}  # fmt: skip
numbers = itertools.count(1)
sandbox = pytest.fixture(running_stage, scope="module")


@pytest.fixture(scope="module")
def house(sandbox):
    words = ",".join(f"{point}:{n}" for point, n in (POINTS | LATER).items())
    sandbox.control(
        "tunables", {"callback_backoff_s": 20}
    )  # on a busy machine a killed ingress is back later than WeCom waits
    with a_house(
        kind=Staged, LINLI_SANDBOX=sandbox.hosted.url, LINLI_KILL_AT=words, LINLI_HANG_LIMIT="15", LINLI_FSYNC="1"
    ) as house:
        house.up()
        house.connect(sandbox)
        yield house


class Traffic:
    """People who scan, are tagged by clerks, found groups and leave, one after the other, in a thread of their own."""

    def __init__(self, house: Staged, people: int) -> None:
        self.house, self.people = house, people
        self._executor = ThreadPoolExecutor(1)

    def __enter__(self):
        self._coming = self._executor.submit(self._run)
        return self

    def __exit__(self, *error):
        self._executor.shutdown()
        self._coming.result()

    def flows(self) -> bool:
        return not self._coming.done()

    def _run(self) -> None:
        for _ in range(self.people):
            self._person(next(numbers))

    def _person(self, n: int) -> None:
        stage, states = self.house.stage, self.house.states
        person = {"unionid": f"killed{n}", "name": f"顾客{n}"}
        who = stage.act("scan", state=states[n % len(states)], person=person)["external_userid"]
        follow = next(f for f in stage.control("state")["follows"] if f["external_userid"] == who)
        if n % 3 == 0:
            stage.act("staff_remarks", userid=follow["userid"], external_userid=who, remark=f"熟客{n}")
        if n % 10 == 0:
            stage.act("create_group", owner=follow["userid"], name=f"群{n}", members=[who])
        if n % 7 == 0 and self.house.read:  # whom the API showed before: of who is gone sooner it reveals nothing
            gone = self.house.read.pop()
            stage.act("customer_deletes", userid=gone["userid"], external_userid=gone["external_userid"])


def holds(house: Staged) -> None:
    """What must be true when all is quiet, whoever died."""
    house.read = house.stage.control("state")["follows"]
    counters = house.stage.control("counters")
    assert counters["callbacks_sent"] == counters["events"], "every event was acknowledged"
    inbox = Counter(dict(house.rows("SELECT state, count(*) FROM ledger_inbox GROUP BY 1")))
    assert inbox == {1: counters["callbacks_sent"]}, "every acknowledged callback is there and applied"
    facts, top = house.rows("SELECT count(*), max(position) FROM ledger_fact")[0]
    assert facts == top > 0, "positions have no gaps"
    for what, same in house.hand("mirror").items():
        assert same["linli"] == same["wecom"], (what, same)
    added = "SELECT count(*) FROM ledger_fact WHERE kind = 'customers.follow_added'"
    doubled = "SELECT count(*) FROM (SELECT subject, data->>'follow' FROM ledger_fact WHERE kind = '{}' GROUP BY 1, 2 HAVING count(*) > 1) d"
    assert house.one(doubled.format("customers.follow_added")) == 0
    tags = house.one(
        "SELECT count(*) FROM acquisition_livecodetag WHERE code_id = (SELECT min(code_id) FROM acquisition_livecodetag)"
    )
    assert tags > 0
    marks = house.rows(
        "SELECT count(*), count(DISTINCT (follow_id, tag_id)), count(*) FILTER (WHERE state = 'done') FROM customers_markintent"
    )
    assert marks[0][0] == marks[0][1] == tags * house.one(added), "the subscriber asked for each tag once"
    welcomes = dict(house.rows("SELECT welcome_state, count(*) FROM ledger_inbox WHERE welcome_state > 0 GROUP BY 1"))
    said = Counter(
        message["kind"]
        for one in house.stage.control("state")["customers"]
        for message in house.stage.control(f"inbox/{one['external_userid']}")["messages"]
    )
    assert welcomes.get(3, 0) == counters["welcomes_sent"] == said["welcome"] > 0, (
        "what was said is known, and was said once"
    )
    assert set(welcomes) <= {3, 4}, "none is open, none refused"
    jobs = dict(house.rows("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"))
    assert not jobs.get("doing"), jobs


def test_killed_at_every_dangerous_point_nothing_is_lost_and_nothing_is_doubled(house):
    assert set(POINTS) | set(LATER) | ELSEWHERE == set(killpoints.POINTS)
    with Traffic(house, 60):
        pass
    wanted = {f"{point}:{n}" for point, n in POINTS.items()}

    def died() -> set[str]:
        return set((house.data / "killed").read_text().split())

    for _ in range(5):
        house.quiet()
        if died() == wanted:
            break
        with Traffic(house, 10):  # a process that was away while the first came passed its point too seldom
            pass
    assert died() == wanted
    assert len((house.data / "killed").read_text().split()) == len(wanted), "each once"
    house.quiet()
    holds(house)


def test_the_jobs_of_a_killed_worker_are_taken_up_when_its_successor_starts(house):
    # Each leaves an audit row, whether the job goes again or gives way to the same job that waits already.
    waits = house.rows(
        """SELECT extract(epoch FROM taken.at - max(begun.at)) FROM access_audit taken JOIN procrastinate_events begun
               ON taken.subject = 'job:' || begun.job_id AND begun.type = 'started' AND begun.at <= taken.at
           WHERE taken.action = 'jobs.taken_up' GROUP BY taken.id, taken.at"""
    )
    assert waits, "worker.fetched and worker.done left jobs in hand"
    assert max(wait for (wait,) in waits) < 60, (
        "before, they waited for the next look of each minute and 30 s of silence"
    )


@pytest.mark.parametrize("name", ["ingress", "drain", "welcome", "deliver", "worker", "console"])
def test_killed_at_any_moment_it_comes_back_and_goes_on(house, name):
    with Traffic(house, 12) as traffic:
        while traffic.flows():
            killed = house.kill(name)
            house.until(lambda killed=killed: set(house.of(name)) - set(killed))
    house.quiet()
    house.until(lambda: house.answers("LINLI_CONSOLE_PORT") and house.answers("LINLI_INGRESS_PORT"))
    holds(house)


def test_a_killed_supervisor_takes_all_with_it_and_the_next_goes_on(house, sandbox):
    """kill -9 of `linli up` alone: nothing of it holds a port or the directory, and the next start goes on."""
    sandbox.control("tunables", {"callback_backoff_s": 60})  # the next start takes its time on a busy machine
    came = house.one("SELECT count(*) FROM ledger_inbox")
    said, crew = house.server.log.stat().st_size, house.crew()
    with Traffic(house, 12):
        house.until(lambda: house.one("SELECT count(*) FROM ledger_inbox") > came)
        before = set(house.pids())
        house.kill_up()
        soon(lambda: not before & set(house.pids()), lambda: str(before & set(house.pids())))
        house.up()
    sandbox.control("tunables", {"callback_backoff_s": 20})
    house.quiet()
    holds(house)
    assert house.crew() == crew, "one process of each name, and of a server its worker"
    postgres = house.server.log.read_bytes()[said:]
    assert b"received fast shutdown request" in postgres
    assert b"was not properly shut down" not in postgres


def test_a_request_killed_before_its_audit_row_is_on_record_once_with_an_unknown_outcome(house):
    trail = "SELECT outcome, error FROM access_audit WHERE action = 'sign-in'"
    with httpx.Client(base_url=f"http://127.0.0.1:{house.env['LINLI_CONSOLE_PORT']}", timeout=60) as browser:
        browser.get("/sign-in")
        form = {"username": "nobody", "password": "x", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        with pytest.raises(httpx.TransportError):
            browser.post("/sign-in", data=form)
        assert "audit.answered:1" in (house.data / "killed").read_text()
        assert house.rows(trail) == []
        assert house.one("SELECT count(*) FROM access_audit_begun") == 1
        house.rows("UPDATE access_audit_begun SET at = at - interval '16 minutes' RETURNING id")
        house.until(lambda: house.rows(trail))
        house.until(lambda: house.answers("LINLI_CONSOLE_PORT"))
        assert browser.post("/sign-in", data=form).status_code < 500
    assert house.one("SELECT count(*) FROM access_audit_begun") == 0
    assert min(house.rows(trail)) == (0, "process_ended")
    assert len(house.rows(trail)) == 2, "the killed one, once, and the one that was answered"


def test_a_replay_by_command_beside_a_running_house(house):
    top = house.one("SELECT position FROM ledger_sequence")
    dry = house.well("replay", "groups.name_stays", "--from", "0", "--dry-run", LINLI_KILL_AT="")
    assert "the dry run is done" in dry
    real = house.well("replay", "groups.name_stays", "--from", "0", LINLI_KILL_AT="")
    assert "the replay is done" in real
    assert house.one("SELECT position FROM ledger_cursor WHERE name = 'groups.name_stays'") >= top
    assert "groups.name_stays" in house.refused("replay", "nobody", "--from", "0", LINLI_KILL_AT="")
    house.quiet()
    holds(house)


def test_a_hung_process_is_ended_and_started_again(house):
    hung = house.kill("drain", signal.SIGSTOP)
    with Traffic(house, 3):
        house.until(lambda: house.of("drain") and not set(house.of("drain")) & set(hung))
    assert "drain gave no sign of life for 15 s" in house.told()
    house.quiet()
    holds(house)


def test_only_silence_is_hanging(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "src")
    beating = ["python", "-c", "from linli.kit.heartbeat import beat_forever; beat_forever()"]
    child = Child("one", beating, beat_file=tmp_path / "alive" / "one")
    supervisor = Supervisor([child], hang_limit_s=2.5)
    supervisor.start()
    try:
        first = child.process.pid
        until(supervisor, child.beat_file.exists)
        seen = time.monotonic()
        until(supervisor, lambda: time.monotonic() - seen > 4)
        assert child.process.pid == first, "who beats is left alone"
        os.kill(first, signal.SIGSTOP)
        until(supervisor, lambda: child.process.pid != first)
        assert child.process.poll() is None
    finally:
        supervisor.halt()


def until(supervisor: Supervisor, condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        supervisor.mend()
        time.sleep(0.1)
