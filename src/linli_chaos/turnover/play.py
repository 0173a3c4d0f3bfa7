"""One seed of this kind: what differs from the first kind's telling, and what is judged besides."""

import base64
import contextlib
import hashlib
from functools import partial
from typing import Any

from linli_chaos import resting, shuffling
from linli_chaos.forks import ask
from linli_chaos.outcome import TURNOVER, Outcome
from linli_chaos.plot import Act, Fates, Plot
from linli_chaos.seed import HOUR, Play, Seen
from linli_chaos.turnover import doors, judging
from linli_chaos.turnover.beginning import CLERKS, CORP, SECRET
from linli_chaos.turnover.elsewhere import Elsewhere
from linli_chaos.turnover.plot import WAITING, TurnoverPlot, fates

HAND_OVER_ODDS, ELSEWHERE_ODDS, LISTS_ODDS = 0.25, 0.2, 0.05
NIGHTS = 3
STARTS = 1_780_243_200.0  # 2026-06-01 in China: WeCom lists codes made since 2021
PATIENT_S = 2.0
UNREAD_S = 2 * 86_400
# What this kind waits for besides; each column names what is still to be done.
_LEFT = """
SELECT (SELECT count(*) FROM handover_handover WHERE state = 'running') AS handovers,
       (SELECT count(*) FROM handover_customermove WHERE remark_due) AS remarks,
       (SELECT count(*) FROM archive_media WHERE state = 'waiting') AS files,
       (SELECT %s - coalesce(max(seq), 0) FROM archive_archiveline) AS archive
"""
# A minute passes for who looks at the archive once a minute of the real clock.
_A_MINUTE = "UPDATE archive_archiveline SET asked_at = NULL"
_READ = "SELECT extract(epoch FROM coalesce(pulled_at, changed_at)) FROM archive_archiveline"
_MARKING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'customers.%%' AND status IN ('todo', 'doing')"
_SINCE_THE_NIGHT = """
SELECT count(*) FROM handover_handover WHERE started_at > (SELECT max(r.started_at) FROM connect_syncrun r WHERE r.kind = 'handover')
"""


class TurnoverPlay(Play):
    """Clerks come, go and change their id, hand over, talk; others make codes and links."""

    kind, starts = TURNOVER, STARTS
    plot: TurnoverPlot

    def _planned(self, begun: dict[str, list[str]]) -> tuple[Fates, Plot]:
        self.said: dict[str, tuple[str, str, str]] = {}  # msgid → who said it, its kind, a word of it
        self.archived, self.batches = 0, 0
        self.figures = dict.fromkeys(("left", "renamed", "came", "moments", "files"), 0)
        return fates(self.seed, self.events), TurnoverPlot(self.seed, begun["codes"], begun["ways"])

    def _tunables(self) -> dict[str, Any]:
        more = {"archive_silence_agrees": True, "archive_piece_bytes": 1000, "link_profile_events": True}
        return {**super()._tunables(), **more}

    def _story(self) -> None:
        self.others = Elsewhere(self.sandbox.base, CORP, SECRET)
        ask(partial(doors.set_rule, ("carry_out", "propose")[self.seed % 2]), log=self.stage.log)
        super()._story()

    def _made(self) -> int:
        """Who says much makes no events: the archive's own, one a message, are left out of the story's length."""
        counters = self.sandbox.get("counters")
        notified = counters["kinds"].get(judging.NOTIFIED, {"made": 0})["made"]
        made: int = counters["events"] - notified
        return made

    def _people_act(self) -> None:
        state = {**self.sandbox.get("state"), **self.sandbox.get("census")}
        acts = self.plot.batch(state)
        for act, result in zip(acts, self.sandbox.acts(acts), strict=True):
            if result["ok"]:
                self._note(act, result)
        rng, self.batches = self.plot.rng, self.batches + 1
        if rng.random() < ELSEWHERE_ODDS and (wish := self.plot.elsewhere(state)):
            self.others.ask(wish["path"], wish["body"])
        draws = rng.random(), rng.random()
        with contextlib.suppress(RuntimeError):  # it fell with the database: the operator tries another time
            if draws[0] < HAND_OVER_ODDS:
                ask(partial(doors.hand_over, f"{self.seed}/{self.batches}"), log=self.stage.log)
            if draws[1] < LISTS_ODDS:
                ask(doors.read_lists, log=self.stage.log)
        self._a_minute_passes()

    def _note(self, act: Act, result: dict[str, Any]) -> None:
        """Keep what was said and archived, as the judgement wants to find it; and count what this kind is about."""
        kind = act["kind"]
        self.figures["left"] += kind == "staff_leaves"
        self.figures["came"] += kind == "admin_adds_member"
        self.figures["renamed"] += "new_userid" in act
        self.figures["moments"] += kind == "post_moment"
        if not result.get("archived"):
            return
        self.figures["files"] += "file" in act
        by_clerk = kind == "staff_writes"
        who = act["userid"] if by_clerk else act.get("external_userid") or self.said[act["msgid"]][0]
        self.said[result["msgid"]] = (who, *_words(act))
        self.plot.said = [*self.plot.said, result["msgid"]][-20:]

    def _a_minute_passes(self) -> None:
        with contextlib.suppress(Exception):  # the database may be away, and then the next minute will do
            self.stage.rows(_A_MINUTE)

    def _night(self) -> None:
        """What is under way goes on to its end, and where more was handed over since, another night compares it."""
        self.archived = self.sandbox.get("census")["archived"]
        super()._night()
        for _ in range(NIGHTS):
            self._settle()
            self._rest()
            if not self.stage.rows(_SINCE_THE_NIGHT)[0][0]:
                return
            self._reconciled()
            self._rest()

    def _settle(self) -> None:
        """WeCom keeps what was said for five days: where the machine is slow, the story waits for the archive to be read."""
        super()._settle()

        def read() -> bool:
            self._a_minute_passes()
            resting.nudge(self.stage)
            self._look_for_progress()
            return self.sandbox.now() - float(self.stage.rows(_READ)[0][0]) < UNREAD_S

        self._until("the archive is read", read)

    def _left(self) -> dict[str, int]:
        found = super()._left()
        row = self.stage.rows(_LEFT, self.archived)[0]
        more = dict(zip(("handovers", "remarks", "files", "archive"), row, strict=True))
        if more["archive"] or more["files"]:
            self._a_minute_passes()
            resting.nudge(self.stage)
        return found | {name: count for name, count in more.items() if count}

    def _pass(self, seconds: float) -> None:
        """Stop where a customer's day of grace is over: WeCom tells of a hand-over in the second in which it is done."""
        until = self.sandbox.now() + seconds
        for due in sorted(
            {one["due_at"] for one in self.sandbox.get("census")["transfers"] if one["status"] == WAITING}
        ):
            if self.sandbox.now() < due <= until:
                self.sandbox.post("clock", {"to": due + 0.01, "force": True})
        super()._pass(max(0.0, until - self.sandbox.now()))

    def _passing(self) -> float:
        """Each minute that passes gives every hand-over another turn: what is queued comes first."""
        return PATIENT_S if "jobs" in self.waits else super()._passing()

    def _marking(self) -> bool:
        """Other jobs come and go all the time here."""
        return bool(self.stage.rows(_MARKING)[0][0])

    def _pace(self) -> int:
        """A customer has a day to refuse: where only that is waited for, hours pass at once."""
        return 6 * HOUR if self.waits and self.waits.keys() <= {"handovers", "jobs", "sends"} else super()._pace()

    def _other_orders(self) -> list[str]:
        now = {one: self.plot.renamed.get(one, one) for one in CLERKS}
        untold = {one for was in self.unheard for one in (was, self.plot.renamed.get(was, was))}
        steady = [one for one in now.values() if one in self.staff and one not in untold]
        return shuffling.differing(
            self.stage, self.seed, partial(doors.compared, clerks=steady, untold=frozenset(untold))
        )

    def _seen(self) -> Seen:
        """The sandbox's state and Linli's mirror as they can be compared: clerks who left are judged by pairs alone."""
        seen, self.census = super()._seen(), self.sandbox.get("census")
        self.held = ask(doors.figures, log=self.stage.log)
        self.staff = {one["userid"] for one in self.census["staff"]}
        self.unheard = judging.unheard(seen.undelivered)
        notified = self.stage.rows("SELECT count(*) FROM ledger_inbox WHERE kind = %s", judging.NOTIFIED)[0][0]
        return judging.comparable(seen, self.held, self.plot.renamed, notified)

    def _judge(self, outcome: Outcome) -> None:
        super()._judge(outcome)
        outcome.wrong += judging.wrongs(
            self.held, self.census, self.said, self.plot.codes, judging.stale(self.held, self.unheard)
        )
        done = [row for row in self.held["moves"] if row[1] == "done"]
        self.figures |= {
            "handed over": len(done), "of leavers": sum(row[4] for row in done),
            "refused": sum(row[1] in {"refused", "full", "failed"} for row in self.held["moves"]),
            "groups handed over": sum(row[1] == "done" for row in self.held["rooms"]), "messages": len(self.said),
        }  # fmt: skip
        outcome.figures = self.figures

    def _never_told(self) -> set[str]:
        return judging.NEVER_TOLD


def _words(act: Act) -> tuple[str, str]:
    """The kind of what an act says, and what the archive must hold of it."""
    if act["kind"] == "takes_back":
        return "revoke", ""
    if "file" in act:
        return "image", hashlib.md5(base64.b64decode(act["file"]), usedforsecurity=False).hexdigest()
    return "text", act["text"]
