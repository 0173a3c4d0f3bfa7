"""The door of insights: the morning's figures, the demo's report, and the progress of a story."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from linli.insights import operations
from linli.insights.queries import morning
from linli.insights.queries import report as reports
from linli.insights.queries.daily import Series, series
from linli.insights.queries.ground import Ground, ground
from linli.insights.queries.morning import PeopleNow, SendToday, StoryStep, Waiting
from linli.insights.queries.purchases import Repurchase, repurchase
from linli.messaging import api as messaging
from linli.messaging.api import Funnel

__all__ = ["Morning", "StoryStep", "Waiting", "morning_of", "note_story", "report", "story", "waiting"]

_RECENT_DAYS = 14
_REPURCHASE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Morning:
    """All that the morning page shows, as of `ground.as_of`; `recent` ends with yesterday."""

    ground: Ground
    recent: Series
    now: PeopleNow
    repurchase: Repurchase
    waiting: list[Waiting]
    sends: list[SendToday]
    funnels: dict[int, Funnel]
    story: list[StoryStep]


def morning_of(*, corp_id: int) -> Morning:
    """The morning page's figures; a constant number of queries."""
    on = ground(corp_id)
    sends = morning.sends_today(on)
    return Morning(
        ground=on,
        recent=series(on, on.yesterday - timedelta(days=_RECENT_DAYS - 1), on.yesterday),
        now=morning.people_now(on),
        repurchase=repurchase(on, on.yesterday - timedelta(days=_REPURCHASE_DAYS - 1), on.yesterday),
        waiting=morning.waiting(on),
        sends=sends,
        funnels=messaging.funnels(corp_id=corp_id, send_ids=[send.id for send in sends]),
        story=morning.story(corp_id),
    )


def waiting(*, corp_id: int) -> list[Waiting]:
    """What needs a person, the most pressing first."""
    return morning.waiting(ground(corp_id))


def report(*, corp_id: int, as_of: datetime | None = None) -> dict[str, Any]:
    """The figures of demo-report.json: orders, rfm by both methods, sends with their funnels, holdout comparisons."""
    on = ground(corp_id, as_of=as_of)
    sends = [info.id for info in messaging.sends(corp_id=corp_id)]
    return reports.report(on, messaging.funnels(corp_id=corp_id, send_ids=sends))


def story(*, corp_id: int) -> list[StoryStep]:
    """How far the story is that is being played; empty when there is none."""
    return morning.story(corp_id)


def note_story(*, corp_id: int | None, key: str, done: int, total: int, note: str = "") -> None:
    """Say how far a chapter is; `corp_id` None while the corp is not there yet."""
    operations.note_story(corp_id=corp_id, key=key, done=done, total=total, note=note)
