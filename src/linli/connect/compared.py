"""What comparing a mirror with WeCom came to: one shape for every room, counted from the facts that were written."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from linli.ledger.api import NewFact

# Causes of facts. A missed callback's fact names in `missed` the callbacks that would have told of it.
SYNC = "sync"
MISSED = "missed_callback"
ELSEWHERE = "changed_elsewhere"
_FOUND = frozenset({SYNC, MISSED, ELSEWHERE})


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one reading came to: things `read`, and the differences that were applied, each written as a fact.

    `missed` counts callbacks that must have been missed, by WeCom's name; `elsewhere` changes that fire no callback, by
    fact; `undetectable` what cannot be made good or known any more; `kept_out` erased people whom WeCom still shows;
    `unread` is {what, why} of what was not compared.
    """

    read: int
    added: int
    changed: int
    ended: int
    missed: Mapping[str, int]
    elsewhere: Mapping[str, int]
    undetectable: Mapping[str, int]
    kept_out: int
    unread: tuple[Mapping[str, str], ...]

    @property
    def missed_callbacks(self) -> int:
        """How many callbacks must have been missed."""
        return sum(self.missed.values())


@dataclass
class Finds:
    """The counts of a run that is going on."""

    effects: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    undetectable: Counter[str] = field(default_factory=Counter)
    kept_out: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Finds":
        """The counts of a run that are kept (`as_json`), to be counted on."""
        counts = {name: Counter(kept.get(name, {})) for name in ("effects", "missed", "elsewhere", "undetectable")}
        return cls(**counts, kept_out=kept.get("kept_out", 0))

    def take(self, facts: Iterable[NewFact], *, added: Collection[str] = (), ended: Collection[str] = ()) -> None:
        """Count facts that were written with a cause; several that one callback would have told of are one."""
        seen: set[tuple[object, ...]] = set()
        for fact in facts:
            cause, data = fact.data.get("cause"), fact.data
            if cause not in _FOUND:
                continue
            for name in data["missed"] if cause == MISSED else [fact.kind]:
                one = (name, fact.subject, data.get("follow"), data.get("member"))
                if one in seen:
                    continue
                seen.add(one)
                effect = "added" if fact.kind in added else "ended" if fact.kind in ended else "changed"
                self.effects[effect] += 1
                if cause != SYNC:
                    (self.missed if cause == MISSED else self.elsewhere)[name] += 1

    def as_json(self) -> dict[str, Any]:
        """What is kept with the run."""
        return {
            "effects": dict(self.effects), "missed": dict(self.missed), "elsewhere": dict(self.elsewhere),
            "undetectable": dict(self.undetectable), "kept_out": self.kept_out,
        }  # fmt: skip


def compared(*, read: int, found: Mapping[str, Any], unread: Iterable[Mapping[str, str]]) -> Compared:
    """The frozen shape of a run's counts, running or kept."""
    effects = found.get("effects", {})
    return Compared(
        read=read, added=effects.get("added", 0), changed=effects.get("changed", 0), ended=effects.get("ended", 0),
        missed=found.get("missed", {}), elsewhere=found.get("elsewhere", {}),
        undetectable=found.get("undetectable", {}), kept_out=found.get("kept_out", 0), unread=tuple(unread),
    )  # fmt: skip
