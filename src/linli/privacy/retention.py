"""How long each kind of personal data is kept, and the sweep of a night.

A setting is a row with time and author; the newest counts. What a default is and why stands in KINDS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.commerce import api as commerce
from linli.kit.clock import now, wall
from linli.kit.errors import BadInput
from linli.ledger import api as ledger
from linli.privacy.models import RetentionRule, SweepRun

HOUR = 3  # in the corp's zone, by the real clock
PEOPLE_A_NIGHT = 500


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of personal data: its default days (None: for good), the bounds, and why."""

    label: str | Promise
    why: str | Promise
    default: int | None
    least: int
    most: int
    may_be_off: bool = True


KINDS = {
    "lost_customers": Kind(
        label=_("Lost customers: no clerk and no order for so many days"), default=None, least=30, most=3650,
        why=_("Off: whether somebody who left may be won back is the brand’s decision. They may come in again by themselves."),
    ),
    "exports": Kind(
        label=_("Files of exports"), default=7, least=1, most=30, may_be_off=False,
        why=_("A week is enough to hand a file over; every copy more is a risk."),
    ),
    "uploads": Kind(
        label=_("Uploaded order files that were never imported"), default=7, least=1, most=90, may_be_off=False,
        why=_("Files go when their import ends. What still lies there after a week was forgotten."),
    ),
    "bad_lines": Kind(
        label=_("Lines of order files that did not get in"), default=90, least=1, most=3650,
        why=_("A quarter to mend and upload them; they hold the words of the file."),
    ),
    "welcome_codes": Kind(
        label=_("Welcome codes in received callbacks"), default=1, least=1, most=365, may_be_off=False,
        why=_("A code works for 20 seconds; a day is for looking into trouble."),
    ),
}  # fmt: skip


def days(*, corp_id: int, kind: str) -> int | None:
    """How many days this kind is kept now; None: for good."""
    rule = RetentionRule.objects.filter(corp_id=corp_id, kind=kind).order_by("-at", "-id").first()
    return rule.days if rule is not None else KINDS[kind].default


def set_days(*, corp_id: int, kind: str, kept: int | None, author: str) -> None:
    """A new setting; the same again writes nothing."""
    known = KINDS.get(kind)
    if known is None:
        raise BadInput("kind", _("This kind is not known."))
    if kept is None and not known.may_be_off:
        raise BadInput("days", _("This kind cannot be kept for good."))
    if kept is not None and not known.least <= kept <= known.most:
        message = _("Between %(least)s and %(most)s days.") % {"least": known.least, "most": known.most}
        raise BadInput("days", message)
    if kept != days(corp_id=corp_id, kind=kind):
        RetentionRule.objects.create(corp_id=corp_id, kind=kind, days=kept, author=author, at=now())


def sweep_if_due(*, corp_id: int) -> bool:
    """Sweep once a night at three o'clock of the corp's zone; True when it did."""
    here = wall().astimezone(ZoneInfo(access.corp(corp_id=corp_id).zone))
    if here.hour != HOUR:
        return False
    try:
        with transaction.atomic():
            run = SweepRun.objects.create(corp_id=corp_id, on=here.date(), at=wall())
    except IntegrityError:
        return False
    run.counts = sweep(corp_id=corp_id)
    run.save(update_fields=["counts"])
    return True


def sweep(*, corp_id: int) -> dict[str, int]:
    """Take away what was kept long enough; how much of each kind."""
    from linli.privacy import exports, latecomers

    return {
        "exports": exports.forget_expired(corp_id=corp_id),
        "uploads": _limit(corp_id, "uploads", now(), commerce.forget_drafts),
        "bad_lines": _limit(corp_id, "bad_lines", now(), commerce.forget_problems),
        "welcome_codes": _limit(corp_id, "welcome_codes", wall(), ledger.forget_welcome_codes),
        "lost_customers": _erase_lost(corp_id),
        "latecomers": latecomers.scrub(corp_id=corp_id),
    }


def _limit(corp_id: int, kind: str, at: datetime, forget: Callable[..., int]) -> int:
    kept = days(corp_id=corp_id, kind=kind)
    return 0 if kept is None else forget(corp_id=corp_id, before=at - timedelta(days=kept))


_LOST = """
SELECT customer.id FROM customers_customer AS customer
LEFT JOIN commerce_customertotals AS bought ON bought.corp_id = customer.corp_id AND bought.customer_id = customer.id
WHERE customer.corp_id = %(corp)s AND customer.erased_at IS NULL AND customer.external_userid IS NOT NULL
  AND (bought.last_paid_at IS NULL OR bought.last_paid_at < %(before)s)
  AND NOT EXISTS (SELECT 1 FROM customers_follow AS one WHERE one.customer_id = customer.id AND (
      one.live OR one.lost_at IS NULL OR one.lost_at >= %(before)s))
  AND EXISTS (SELECT 1 FROM customers_follow AS one WHERE one.customer_id = customer.id)
ORDER BY customer.id LIMIT %(most)s
"""


def lost_before(*, corp_id: int, before: datetime, most: int = PEOPLE_A_NIGHT) -> list[int]:
    """Customers from WeCom whom no clerk has reached and who bought nothing since this business moment."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"corp": corp_id, "before": before, "most": most})
        return [row[0] for row in cursor.fetchall()]


def _erase_lost(corp_id: int) -> int:
    from linli.privacy import erasures

    kept = days(corp_id=corp_id, kind="lost_customers")
    if kept is None:
        return 0
    people = lost_before(corp_id=corp_id, before=now() - timedelta(days=kept))
    for customer_id in people:
        erasures.begin(corp_id=corp_id, customer_id=customer_id, author="", reason="retention", suppress=False)
    return len(people)
