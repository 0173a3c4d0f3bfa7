"""The morning page: what needs a person, what goes out today, how far the story is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.insights.models import StoryProgress
from linli.insights.queries.ground import Ground, ask
from linli.ledger import api as ledger

GROUP_LIMIT = 200  # WeCom opens the next group at 200 members (wire.md C.6)
NEARLY_FULL = GROUP_LIMIT * 9 // 10
# The order in which things press: what loses data or customers first.
ORDER = (
    "parked", "stuck", "sync_failed", "import_failed", "join_way", "code_refused", "handover", "unassigned", "group_full",
    "tasks", "approval", "import", "conflicts", "not_taken", "sync_partial", "codes_paused",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that needs a person: its kind (one of ORDER), what it is about, and its one or two figures."""

    kind: str
    ref: int | None
    name: str
    n: int
    m: int = 0


@dataclass(frozen=True, kw_only=True)
class SendToday:
    """A send of today, or one that is going on."""

    id: int
    name: str
    state: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PeopleNow:
    """Standing figures, and how many messages reached somebody between two moments."""

    friends: int
    groups: int
    in_groups: int
    messages_sent: int


@dataclass(frozen=True, kw_only=True)
class StoryStep:
    """A chapter of a story that is being played."""

    key: str
    done: int
    total: int
    note: str
    updated_at: datetime

    @property
    def over(self) -> bool:
        """Has it come to its end?"""
        return self.done >= self.total > 0


def waiting(on: Ground) -> list[Waiting]:
    """What needs a person, the most pressing first."""
    rows = ask("waiting", on, week_ago=on.as_of - timedelta(days=7), nearly_full=NEARLY_FULL)
    found = [Waiting(**row) for row in rows]
    health = ledger.health(corp_id=on.corp_id)
    if health.parked:
        found.append(Waiting(kind="parked", ref=None, name="", n=health.parked))
    found += [Waiting(kind="stuck", ref=None, name=name, n=1) for name in health.stuck]
    return sorted(found, key=lambda one: ORDER.index(one.kind))


def sends_today(on: Ground) -> list[SendToday]:
    """Sends of today and sends going on, in the order of their time."""
    tomorrow = on.begins(on.today + timedelta(days=1))
    return [SendToday(**row) for row in ask("sends_today", on, start=on.begins(on.today), stop=tomorrow)]


def people_now(on: Ground) -> PeopleNow:
    """Friends, groups, people in groups; messages of yesterday."""
    (row,) = ask("people_now", on, start=on.begins(on.yesterday), stop=on.begins(on.today))
    return PeopleNow(**row)


def story(corp_id: int) -> list[StoryStep]:
    """The chapters of this corp's story and of stories before any corp, in the order they began."""
    rows = StoryProgress.objects.filter(corp_id=corp_id) | StoryProgress.objects.filter(corp__isnull=True)
    return [
        StoryStep(key=row.key, done=row.done, total=row.total, note=row.note, updated_at=row.updated_at)
        for row in rows.order_by("id")
    ]
