"""What a seed makes happen: who does what, what goes wrong, who dies and when. Pure: the same seed plans the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from linli.kit.killpoints import POINTS
from linli_chaos.beginning import CLERKS

Act = dict[str, Any]
# Points that a story of this kind passes; imports and replays have tests of their own.
OURS = tuple(
    one for one in POINTS if not one.startswith(("archive.", "commerce.", "customers.", "handover.", "replay."))
)
RARE = ("messaging.", "worker.", "marking.", "delivery.", "sequencer.", "handover.", "archive.", "customers.")
MORTALS = ("ingress", "drain", "welcome", "deliver", "worker", "postgres")
BATCH = 6
_WEIGHTS = {
    "scan": 30, "join": 16, "staff_remarks": 10, "staff_tags": 8, "leave": 7, "customer_deletes": 7, "again": 6,
    "staff_deletes": 4, "invite": 4, "kick": 3, "admin_edits_tag": 2, "admin_creates_tags": 2, "create_group": 1,
    "dismiss_group": 1, "admin_deletes_tag": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Fates:
    """A seed's misfortunes: the sandbox's plan, LINLI_KILL_AT, and who is killed at which batch."""

    faults: dict[str, Any]
    kill_at: str
    kills: dict[int, str]
    one_way: bool


def fates(seed: int, events: int) -> Fates:
    """Two enumerated points, in turn over all of them, and two moments."""
    rng = Random(f"fates/{seed}")  # noqa: S311 - repeatable, not secret
    return misfortunes(rng, seed, events, [OURS[at % len(OURS)] for at in (2 * seed, 2 * seed + 1)])


def misfortunes(rng: Random, seed: int, events: int, points: Sequence[str]) -> Fates:
    """Deaths at these points and at two moments; faults of every kind."""
    words = [f"{one}:{rng.randint(1, 2 if one.startswith(RARE) else max(2, events // 12))}" for one in points]
    batches = max(2, events // BATCH)
    rules = [
        {"fault": "double", "odds": 0.05}, {"fault": "reorder", "odds": 0.05}, {"fault": "drop", "odds": 0.03},
        {"fault": "delay", "odds": 0.02, "seconds": 5}, {"fault": "slow", "odds": 0.01, "seconds": 0.3},
        *({"fault": code, "odds": 0.01} for code in ("45009", "45033", "-1")),
        *({"fault": code, "odds": 0.003} for code in ("40014", "42001")),
        {"fault": "slow_answer", "odds": 0.01, "seconds": 0.3}, {"fault": "answer_lost", "odds": 0.02},
    ]  # fmt: skip
    return Fates(
        faults={"seed": seed, "rules": rules},
        kill_at=",".join(dict.fromkeys(words)),
        kills={rng.randrange(batches): rng.choice(MORTALS) for _ in range(2)},
        one_way=rng.random() < 0.5,
    )


def _about(act: Act) -> set[str]:
    """The objects whose events an act makes; many may scan one contact way, each is an object of their own."""
    keys = (
        ("external_userid", "chat_id", "id") if act["kind"] == "scan" else ("external_userid", "chat_id", "state", "id")
    )
    return {str(act[key]) for key in keys if key in act} | {str(one) for one in act.get("external_userids", [])}


@dataclass
class Plot:
    """Chooses the next acts from what the sandbox's people are by now."""

    seed: int
    codes: list[str]
    ways: list[str]
    people: int = 0
    rng: Random = field(init=False)
    stream: ClassVar[str] = "plot"
    weights: ClassVar[Mapping[str, int]] = _WEIGHTS

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.stream}/{self.seed}")  # noqa: S311 - repeatable, not secret

    def batch(self, state: dict[str, Any]) -> list[Act]:
        """Acts about different objects: the wire's times have a grain of a second, and one object's order must show."""
        used: set[str] = set()
        acts = []
        for _ in range(self.rng.randint(1, 2 * BATCH - 1)):
            kind = self.rng.choices(list(self.weights), list(self.weights.values()))[0]
            act = getattr(self, f"_{kind}", self._on_relation)(kind, state)
            if act and not (about := _about(act)) & used:
                used |= about
                acts.append(act)
        return acts

    def _scan(self, kind: str, state: dict[str, Any]) -> Act:
        del state
        self.people += 1
        person = {"unionid": f"chaos-{self.seed}-{self.people}", "name": f"客{self.people}", "gender": self.people % 3}
        return {"kind": kind, "state": self.rng.choice(self.codes), "person": person}

    def _again(self, kind: str, state: dict[str, Any]) -> Act | None:
        """Somebody known scans some code: an old friend, one who had left, one whom only a group knows."""
        del kind
        if not state["customers"]:
            return None
        one = self.rng.choice(state["customers"])["external_userid"]
        return {"kind": "scan", "state": self.rng.choice(self.codes), "external_userid": one}

    def _join(self, kind: str, state: dict[str, Any]) -> Act | None:
        if not state["customers"]:
            return None
        one = self.rng.choice(state["customers"])["external_userid"]
        return {"kind": kind, "state": self.rng.choice(self.ways), "external_userid": one}

    def _invite(self, kind: str, state: dict[str, Any]) -> Act | None:
        if not state["customers"]:
            return None
        some = self.rng.sample(state["customers"], min(3, len(state["customers"])))
        chat = self.rng.choice(state["groups"])["chat_id"]
        return {"kind": kind, "chat_id": chat, "external_userids": [one["external_userid"] for one in some]}

    def _leave(self, kind: str, state: dict[str, Any]) -> Act | None:
        inside = [one for one in state["members"] if one["type"] == 2]
        if not inside:
            return None
        one = self.rng.choice(inside)
        return {"kind": kind, "chat_id": one["chat_id"], "external_userid": one["userid"]}

    _kick = _leave

    def _create_group(self, kind: str, state: dict[str, Any]) -> Act:
        return {"kind": kind, "owner": self.rng.choice(CLERKS), "name": f"群{len(state['groups'])}", "members": []}

    def _dismiss_group(self, kind: str, state: dict[str, Any]) -> Act | None:
        own = [one for one in state["groups"] if one["name"].startswith("群")]
        return {"kind": kind, "chat_id": self.rng.choice(own)["chat_id"]} if own else None

    def _admin_creates_tags(self, kind: str, state: dict[str, Any]) -> Act:
        return {"kind": kind, "group_name": "等级", "names": [f"签{len(state['tags'])}-{self.rng.randrange(999)}"]}

    def _admin_edits_tag(self, kind: str, state: dict[str, Any]) -> Act | None:
        own = [one for one in state["tags"] if one["group_name"] == "等级"]
        return (
            {"kind": kind, "id": self.rng.choice(own)["id"], "name": f"改{self.rng.randrange(9999)}"} if own else None
        )

    def _admin_deletes_tag(self, kind: str, state: dict[str, Any]) -> Act | None:
        own = [one for one in state["tags"] if one["group_name"] == "等级"]
        return {"kind": kind, "id": self.rng.choice(own)["id"]} if own else None

    def _on_relation(self, kind: str, state: dict[str, Any]) -> Act | None:
        """What a clerk or a customer does to their relation."""
        if not state["follows"]:
            return None
        one = self.rng.choice(state["follows"])
        act: Act = {"kind": kind, "userid": one["userid"], "external_userid": one["external_userid"]}
        if kind == "staff_remarks":
            act["remark"] = f"记{self.rng.randrange(9999)}"
        if kind == "staff_tags":
            own = [tag["id"] for tag in state["tags"] if tag["group_name"] == "等级"]
            if not own:
                return None
            tag = self.rng.choice(own)
            act["remove" if tag in one["tags"] else "add"] = [tag]
        return act
