"""Who gets a send and who does not, each with the reason; reads much, writes nothing.

The order is fixed: in the segment, has a live relation with a clerk, consents, below the caps, not in quiet hours,
sendable; then, last, the holdout is drawn.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from linli.access import api as access
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.messaging import holdout, queries
from linli.messaging.content import Content
from linli.messaging.policy import Cap, Quiet
from linli.segments import api as segments

NO_STAFF = "no_staff"
NO_CONSENT = "no_consent"
CAPPED = "capped"
CAPPED_OWN = "capped_own"
QUIET = "quiet_hours"
UNREACHABLE = "unreachable"
NO_GROUP_CODE = "no_group_code"
REASONS = (NO_STAFF, NO_CONSENT, CAPPED, CAPPED_OWN, QUIET, UNREACHABLE, NO_GROUP_CODE)


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan for one customer: `state` planned, holdout, or excluded with its reason."""

    customer_id: int
    state: str
    reason: str = ""
    staff_id: int | None = None
    shop_id: int | None = None
    userid: str = ""
    external_userid: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan; `send_at` is when it may go out, `moved_from` where quiet hours found it."""

    choices: tuple[Choice, ...]
    send_at: datetime
    moved_from: datetime | None

    def count(self, state: str) -> int:
        """How many are in a state."""
        return sum(1 for one in self.choices if one.state == state)

    def losses(self) -> Counter[str]:
        """How many were left out for each reason."""
        return Counter(one.reason for one in self.choices if one.state == "excluded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What a plan is made for; `send_id` and `seed` make the holdout."""

    corp_id: int
    definition: segments.Definition
    content: Content
    holdout_percent: int
    send_id: int
    seed: str


@dataclass(frozen=True, slots=True)
class _Ground:
    people: dict[int, Any]
    follows: dict[int, list[Any]]
    clerks: dict[int, Any]
    codes: frozenset[int] | None
    counts: dict[int, tuple[int, ...]]
    caps: tuple[tuple[Cap, int], ...]
    quiet: bool


def make(audience: Audience, at: datetime) -> Plan:
    """Plan a send for a moment; a moment in quiet hours is moved, or leaves everyone out, as the rule says."""
    corp_id = audience.corp_id
    zone = ZoneInfo(access.corp(corp_id=corp_id).zone)
    rule: Quiet = queries.quiet_rule(corp_id, at.astimezone(zone).date())
    moment = rule.end_after(at, zone) if rule.move else at
    ids = segments.members(corp_id=corp_id, definition=audience.definition)
    ground = _look(audience, ids, moment, zone, quiet=not rule.move and rule.holds(at, zone))
    choices = {customer_id: _decide(customer_id, ground) for customer_id in ids}
    eligible = [one.customer_id for one in choices.values() if one.state == "planned"]
    for customer_id in holdout.draw(audience.send_id, audience.seed, eligible, audience.holdout_percent):
        one = choices[customer_id]
        choices[customer_id] = Choice(
            customer_id, "holdout", "", one.staff_id, one.shop_id, one.userid, one.external_userid
        )
    return Plan(tuple(choices.values()), moment, at if moment != at else None)


def _look(audience: Audience, ids: list[int], at: datetime, zone: ZoneInfo, *, quiet: bool) -> _Ground:
    corp_id = audience.corp_id
    caps = queries.cap_rules(corp_id, at.astimezone(zone).date())
    codes = None
    if audience.content.needs_shop_code:
        ways = groups.join_ways_by_shop(corp_id=corp_id)
        codes = frozenset(shop_id for shop_id, way in ways.items() if way.qr_code)
    return _Ground(
        people=customers.profiles(corp_id=corp_id, customer_ids=ids),
        follows=customers.follows_of(corp_id=corp_id, customer_ids=ids),
        clerks={one.id: one for one in directory.staff(corp_id=corp_id) if one.active},
        codes=codes,
        counts=queries.reached_counts(corp_id, ids, [cap.window(at, zone) for cap in caps]),
        caps=tuple((cap, cap.allowed(at, zone)) for cap in caps),
        quiet=quiet,
    )


def _decide(customer_id: int, ground: _Ground) -> Choice:
    person = ground.people.get(customer_id)
    home = person.home_shop_id if person else None
    follow = _carrier(ground.follows.get(customer_id, []), ground.clerks, home)
    if person is None or follow is None:
        return Choice(customer_id, "excluded", NO_STAFF)
    clerk = ground.clerks[follow.staff_id]
    shop_id = home or clerk.shop_id
    external = follow.external_userid or ""
    reason = _obstacle(customer_id, ground, consent=person.consent, reachable=bool(external), shop_id=shop_id)
    state = "excluded" if reason else "planned"
    return Choice(customer_id, state, reason, follow.staff_id, shop_id, follow.userid, external)


def _obstacle(customer_id: int, ground: _Ground, *, consent: bool, reachable: bool, shop_id: int | None) -> str:
    if not consent:
        return NO_CONSENT
    had = ground.counts.get(customer_id, ())
    for (cap, allowed), count in zip(ground.caps, had, strict=False):
        if count >= allowed:
            return CAPPED if cap.source == "platform" else CAPPED_OWN
    if ground.quiet:
        return QUIET
    if not reachable:
        return UNREACHABLE
    if ground.codes is not None and shop_id not in ground.codes:
        return NO_GROUP_CODE
    return ""


def _carrier(follows: list[Any], clerks: dict[int, Any], home: int | None) -> Any:
    """The relation that carries the message: a clerk of the home shop before others, the youngest of them."""
    live = [one for one in follows if one.live and one.staff_id in clerks]
    return max(
        live,
        key=lambda one: (
            home is not None and clerks[one.staff_id].shop_id == home,
            one.added_at.timestamp() if one.added_at else 0.0,
            one.follow_id,
        ),
        default=None,
    )
