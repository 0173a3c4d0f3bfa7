"""One seed, from the beginning to the judgement."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from linli.connect.api import KINDS
from linli.project.subscriptions import SUBSCRIPTIONS
from linli_chaos import doors, resting, shuffling
from linli_chaos.forks import ask
from linli_chaos.outcome import TRADE, Outcome
from linli_chaos.plot import Fates, Plot, fates
from linli_chaos.stage import START, Stage
from linli_demo.faulty import account, arrived, same

SETTLE_EVERY = 3  # batches; each moves the clock 2 s, and a welcome has 20
PATIENCE_S = 90.0
AT_ALL_S, EVENT_S = 600.0, 0.1  # how long anything may be waited for, however much goes on meanwhile
HOUR = 3600
NIGHTS = 3
TIME_PASSES_S = 0.3  # of real time, for each minute that the clock is moved on while Linli comes to rest
UNMARKED_S = 0.3
_DONE = """
SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'), (SELECT sum(done) FROM connect_syncrun)
"""
_SUBSCRIBERS = [one.name for one in SUBSCRIPTIONS]


@dataclass
class Seen:
    """What the judgement is made of: what Linli says of itself, and what the sandbox knows."""

    linli: dict[str, Any]
    counters: dict[str, Any]
    state: dict[str, Any]
    undelivered: list[dict[str, Any]]


class Play:
    """The telling of one seed on a stage that was set back; another kind of story overrides what differs."""

    kind, starts = TRADE, START

    def __init__(self, stage: Stage, seed: int, events: int, begun: dict[str, list[str]]) -> None:
        self.stage, self.seed, self.events = stage, seed, events
        self.sandbox = stage.set_back()
        self.fates, self.plot = self._planned(begun)
        self.waits: dict[str, int] = {}
        self.done: tuple[Any, ...] = ()
        self.moved = 0.0  # when something went on last, of the monotonic clock

    def _planned(self, begun: dict[str, list[str]]) -> tuple[Fates, Plot]:
        return fates(self.seed, self.events), Plot(self.seed, begun["codes"], begun["ways"])

    def tell(self) -> Outcome:
        """Everything goes wrong, then the night comes, then the judgement."""
        outcome, began = Outcome(self.seed, self.kind), time.monotonic()
        self.stage.kill_at = self.fates.kill_at
        self.sandbox.post("tunables", self._tunables())
        self.stage.start()
        self.sandbox.post("faults", self.fates.faults)
        try:
            self._story()
            self._night()
            self._judge(outcome)
            if not outcome.wrong:
                self._end_linli()
                outcome.wrong += [f"another order ends otherwise in {one}" for one in self._other_orders()]
        except Exception as error:  # noqa: BLE001 - a seed that falls is a finding, kept with its reason
            outcome.wrong.append(f"{type(error).__name__}: {error}"[-1500:])
        outcome.deaths = dict(self.stage.deaths)
        noted = self.stage.folder / "killed"
        outcome.points = noted.read_text().split() if noted.exists() else []
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome

    def _tunables(self) -> dict[str, Any]:
        return {
            "one_way_after_customer_deletes": self.fates.one_way, "callback_backoff_s": 0.5, "room_qr_limit": 12,
            "reorder_silence_s": 0.1,
        }  # fmt: skip

    def _other_orders(self) -> list[str]:
        return shuffling.differing(self.stage, self.seed)

    def _people_act(self) -> None:
        self.sandbox.acts(self.plot.batch(self.sandbox.get("state")))

    def _made(self) -> int:
        made: int = self.sandbox.get("counters")["events"]
        return made

    def _story(self) -> None:
        made, batch, asked = 0, 0, False
        while made < self.events:
            if batch in self.fates.kills:
                self.stage.kill(self.fates.kills[batch])
            self._people_act()
            self.stage.mend()
            if asked:  # before a send there are no tasks
                self._confirm()
            batch += 1
            made = self._made()
            if batch % SETTLE_EVERY == 0:
                self._settle()
                self._pass(HOUR * self.plot.rng.randint(1, 9))
            else:
                self._pass(2)
            if not asked and made > self.events // 3:
                asked = True
                self._until("the database answers", lambda: bool(self.stage.rows("SELECT 1")))
                with contextlib.suppress(RuntimeError):  # nobody to write to yet: no send in this seed
                    ask(doors.plan_a_send, log=self.stage.log)

    def _pass(self, seconds: float) -> None:
        """The clock moves on."""
        self.sandbox.post("clock", {"advance": seconds, "force": True})

    def _confirm(self) -> None:
        """Half of the clerks confirm what they find."""
        for task in self.sandbox.get("tasks", status="open")["tasks"]:
            if self.plot.rng.random() < 0.5:
                self.sandbox.act("confirm", msgid=task["msgid"], userid=task["userid"])

    def _settle(self) -> None:
        """Until each callback has its answer and each welcome that can be said was said or is too old."""

        def quiet() -> bool:
            left = self.sandbox.get("outstanding")
            return not left["callbacks_queued"] and not left["callbacks_in_flight"] and not left["welcomes_open"]

        self._until("callbacks and welcomes settle", quiet)

    def _night(self) -> None:
        """Nothing goes wrong any more; what is delayed comes, what waits is done, everything is read."""
        self.played = {fault: sum(kinds.values()) for fault, kinds in self.sandbox.get("faults")["played"].items()}
        self.sandbox.post("faults", {})
        self._pass(60)
        self._settle()
        self._rest()
        for _ in range(NIGHTS):
            if self._reconciled() == "done":
                break  # another follows where a death or a refusal left a room out, as the next night would
        self._rest()

    def _reconciled(self) -> str:
        """One reconciliation, by the worker; how it ended."""
        asked: int = ask(doors.begin_night, log=self.stage.log)
        state = "running"

        def ended() -> bool:
            nonlocal state
            resting.nudge(self.stage)
            self._look_for_progress()
            state = str(self.stage.rows("SELECT state FROM connect_reconciliation WHERE id = %s", asked)[0][0])
            return state != "running"

        self._until("the reconciliation ends", ended)
        return state

    def _rest(self) -> None:
        """Until nothing waits in Linli; where only patience is asked for, time passes."""
        passed, least = 0.0, float("inf")
        unmarked: float | None = None

        def still() -> bool:
            nonlocal passed, least, unmarked
            at = time.monotonic()
            if at - passed >= self._passing():
                passed = at
                self._pass(self._pace())
            self.waits = self._left()
            self._look_for_progress()
            resting.hasten(self.stage, self.waits)
            if self.waits.get("callbacks", 0) < least:
                least, self.moved = self.waits.get("callbacks", 0), at
            # What is asked for is given to a job at once; where that job fell, the sweep of each minute gives it to another.
            unmarked = (unmarked or at) if "marks" in self.waits and not self._marking() else None
            if unmarked is not None and at - unmarked > UNMARKED_S:
                ask(doors.sweep, log=self.stage.log)
            return not self.waits

        self._until("Linli rests", still)

    def _passing(self) -> float:
        """After so many seconds of real time the clock is moved on."""
        return TIME_PASSES_S

    def _pace(self) -> int:
        """Seconds that pass at once: a send that was moved out of the quiet hours waits for the morning."""
        return HOUR if self.waits.keys() == {"sends"} else 61

    def _look_for_progress(self) -> None:
        """Where the worker ends one job after the other, or reads on, it is no standstill, however slow the machine is."""
        done = self.stage.rows(_DONE)[0]
        if done != self.done:
            self.done, self.moved = done, time.monotonic()

    def _marking(self) -> bool:
        """Is there a job that may be marking?"""
        return "jobs" in self.waits

    def _left(self) -> dict[str, int]:
        return resting.left(self.stage, _SUBSCRIBERS)

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        self.moved, pause = time.monotonic(), 0.01
        end = self.moved + AT_ALL_S + self.events * EVENT_S  # jobs of the clock are no progress, and never end
        while time.monotonic() < min(end, self.moved + PATIENCE_S):
            self.stage.mend()
            with contextlib.suppress(psycopg.OperationalError):
                if holds():
                    return
            time.sleep(pause)
            pause = min(0.2, pause * 1.3)  # on a busy machine, looking must not take what the work needs
        raise RuntimeError(f"it stands still: {what} {self.waits}")

    def _judge(self, outcome: Outcome) -> None:
        """0 lost, 0 doubled, and the same as WeCom."""
        seen = self._seen()
        linli, counters, state, undelivered = seen.linli, seen.counters, seen.state, seen.undelivered
        told = account(undelivered, state, linli["mirror"])
        outcome.events, outcome.dropped, outcome.reconciled = counters["events"], told["dropped"], told["reconciled"]
        outcome.undetectable = sum(told["undetectable"].values())
        missing = counters["events"] - len(undelivered) - linli["received"]
        # What was kept but given up by WeCom before it was answered counts on both sides.
        outcome.lost = max(0, missing) + told["differing"]
        outcome.welcomes = counters["welcomes_sent"]
        theirs = {one["msgid"] for one in self.sandbox.get("tasks", status="all")["tasks"]}
        outcome.tasks = len(theirs)
        outcome.played = self.played
        wrong = outcome.wrong
        if outcome.lost:
            wrong.append(f"{outcome.lost} lost (missing {missing}, differing {told['differing']})")
        open_ends = {name: linli[name] for name in ("parked", "stuck", "waiting", "unplaced", "behind") if linli[name]}
        if open_ends:
            wrong.append(f"not at its end: {open_ends}")
        if linli["doubled"]:
            wrong.append(f"said twice: {linli['doubled'][:3]}")
        if theirs - linli["msgids"]:
            wrong.append(f"{len(theirs - linli['msgids'])} tasks at WeCom that Linli does not know")
        heard, sent, said = counters["welcomes_heard"], counters["welcomes_sent"], linli["welcomes_said"]
        outcome.late = heard - sent
        # The clock runs on while a process is dead: late may happen on a slow machine, but never twice, and never unnoticed.
        if sent != said or heard - sent > linli["welcomes_late"]:
            wrong.append(f"welcomes: {heard} codes heard in time, {sent} said, {said} held as said, {linli['notes']}")
        for what, one in same(state, undelivered, linli["mirror"]).items():
            if one["linli"] != one["wecom"]:
                wrong.append(f"{what} differ: {one['only_linli']} against {one['only_wecom']}")
        wrong += self._untagged(state)
        wrong += _of_the_night(linli["night"], {one["kind"] for one in undelivered} | self._never_told())
        outcome.missed = sum(linli["night"]["missed"].values())

    def _seen(self) -> Seen:
        return Seen(
            linli=ask(doors.figures, log=self.stage.log), counters=self.sandbox.get("counters"),
            state=self.sandbox.get("state"), undelivered=self.sandbox.get("undelivered")["events"],
        )  # fmt: skip

    def _never_told(self) -> set[str]:
        """Callbacks that WeCom sends for nothing in this story, though what they would tell may happen."""
        return set()

    def _untagged(self, state: dict[str, Any]) -> list[str]:
        one_way = {(one["userid"], one["external_userid"]) for one in state["one_way"]}
        found = [
            one["external_userid"]
            for one in state["follows"]
            if one["state"] in self.plot.codes
            and not one["tags"]
            and (one["userid"], one["external_userid"]) not in one_way
        ]
        return [f"without the tag of their code: {found[:3]}"] if found else []

    def _end_linli(self) -> None:
        for name in list(self.stage.crew):
            self.stage.kill(name)
        time.sleep(0.05)


def _of_the_night(night: dict[str, Any], undelivered: set[str]) -> list[str]:
    """Every room was compared, and what Linli says it missed is of a kind that never came."""
    wrong = []
    if night["state"] != "done" or night["rooms"] != KINDS or night["unread"]:
        wrong.append(f"the night: {night['state']} of {night['rooms']}, not read: {night['unread']}")
    if found := arrived(night["missed"], undelivered):
        wrong.append(f"the night says that these were missed, and they came: {found}")
    return wrong
