"""Drafts: made, changed, planned, approved."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kit.clock import now
from linli.ledger import api as ledger
from linli.messaging import content as contents
from linli.messaging import facts, months, planning, variants
from linli.messaging.content import Content
from linli.messaging.errors import BadContent, NobodyLeft, NoSend, WrongState
from linli.messaging.models import Recipient, Send, SendChange
from linli.segments import api as segments

MAX_HOLDOUT = 50
OPEN = (Send.State.DRAFT, Send.State.PLANNED)
_COPY = (
    "COPY messaging_recipient (corp_id, send_id, customer_id, staff_id, shop_id, userid, external_userid, state,"
    " reason, state_at, planned_at) FROM STDIN"
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person can change before a send goes out."""

    name: str
    definition: segments.Definition
    content: Content
    holdout_percent: int = 10
    send_at: datetime | None = None
    segment_id: int | None = None


def create(corp_id: int, draft: Draft, *, author: str) -> Send:
    """Keep a new draft."""
    _check(draft)
    moment = now()
    with transaction.atomic():
        row = Send.objects.create(
            corp_id=corp_id, seed=secrets.token_hex(8), author=author, created_at=moment, changed_at=moment,
            **_columns(draft),
        )  # fmt: skip
        note(row, row.state, author)
    return row


def change(corp_id: int, send_id: int, draft: Draft, *, author: str) -> Send:
    """Keep a draft's next version; a plan made before is dropped."""
    _check(draft)
    with transaction.atomic():
        row = locked(corp_id, send_id, OPEN)
        columns = _columns(draft)
        if all(getattr(row, name) == value for name, value in columns.items()):
            return row
        for name, value in columns.items():
            setattr(row, name, value)
        row.version += 1
        row.changed_at = now()
        row.author = author
        if row.state == Send.State.PLANNED:
            _drop_plan(row, author)
        row.save()
    return row


def reopen(corp_id: int, send_id: int, *, author: str) -> Send:
    """Drop the plan: the send is a draft again."""
    with transaction.atomic():
        row = locked(corp_id, send_id, (Send.State.PLANNED,))
        _drop_plan(row, author)
        row.save()
    return row


def _drop_plan(row: Send, author: str) -> None:
    months.of_send(row).delete()
    row.state, row.planned_at = Send.State.DRAFT, None
    note(row, row.state, author)


def discard(corp_id: int, send_id: int, *, author: str) -> None:
    """Give a draft up; it stays in the list of what was cancelled."""
    with transaction.atomic():
        row = locked(corp_id, send_id, OPEN)
        months.of_send(row).delete()
        row.state = Send.State.CANCELLED
        row.done_at = now()
        row.save()
        note(row, row.state, author)


def plan(corp_id: int, send_id: int, *, author: str) -> planning.Plan:
    """Make the plan: a row for everyone in the segment, with the reason where they get nothing."""
    with transaction.atomic():
        row = locked(corp_id, send_id, OPEN)
        contents.check(contents.parse(row.content))
        made = write_plan(row, max(now(), row.send_at or now()))
        variants.split(corp_id, contents.parse(row.content), made.choices)
        row.state, row.planned_at, row.moved_from = Send.State.PLANNED, now(), made.moved_from
        if row.send_at is not None or made.moved_from is not None:
            row.send_at = made.send_at
        row.save()
        note(row, row.state, author)
        data = {"planned": len(made.choices), "to_send": made.count("planned"), "holdout": made.count("holdout")}
        say(row, facts.SEND_PLANNED, {"name": row.name, **data, "excluded": dict(made.losses())})
    return made


def write_plan(row: Send, at: datetime) -> planning.Plan:
    """Plan and replace the send's recipient rows, in the caller's transaction."""
    made = planning.make(audience(row), at)
    moment = now()
    months.of_send(row).delete()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for one in made.choices:
            copy.write_row((
                row.corp_id, row.pk, one.customer_id, one.staff_id, one.shop_id, one.userid, one.external_userid,
                one.state, one.reason, moment, moment,
            ))  # fmt: skip
    return made


def approve(corp_id: int, send_id: int, *, author: str) -> Send:
    """Let a planned send go out at its time; Refused when nobody would receive it."""
    with transaction.atomic():
        row = locked(corp_id, send_id, (Send.State.PLANNED,))
        if not months.of_send(row).filter(state=Recipient.State.PLANNED).exists():
            raise NobodyLeft
        row.state, row.approved_at = Send.State.APPROVED, now()
        row.send_at = row.send_at or now()
        row.save()
        note(row, row.state, author)
        say(row, facts.SEND_APPROVED, {"name": row.name, "author": author, "send_at": row.send_at.isoformat()})
    return row


def audience(row: Send) -> planning.Audience:
    """What a plan of this send is made for."""
    return planning.Audience(
        corp_id=row.corp_id,
        definition=segments.parse(row.definition),
        content=contents.parse(row.content),
        holdout_percent=row.holdout_percent,
        send_id=row.pk,
        seed=row.seed,
    )


def locked(corp_id: int, send_id: int, states: tuple[str, ...]) -> Send:
    """The send, locked, if it is in one of these states."""
    row = Send.objects.select_for_update().filter(corp_id=corp_id, id=send_id).first()
    if row is None:
        raise NoSend
    if row.state not in states:
        raise WrongState
    return row


def note(row: Send, state: str, author: str, text: str = "") -> None:
    """Write the step down with time and author."""
    SendChange.objects.create(corp_id=row.corp_id, send=row, state=state, at=now(), author=author, note=text)


def say(row: Send, kind: str, data: dict[str, object]) -> None:
    """Publish a fact about the send."""
    ledger.publish(corp_id=row.corp_id, kind=kind, subject=f"send:{row.pk}", data=data)


def _check(draft: Draft) -> None:
    if not 0 <= draft.holdout_percent <= MAX_HOLDOUT:
        raise BadContent(_("Hold out between 0 and %(most)d percent.") % {"most": MAX_HOLDOUT})
    if not draft.name.strip():
        raise BadContent(_("Give the send a name; only colleagues see it."))


def _columns(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name.strip()[:100],
        "definition": segments.to_json(draft.definition),
        "content": contents.to_json(draft.content),
        "holdout_percent": draft.holdout_percent,
        "send_at": draft.send_at,
        "segment_id": draft.segment_id,
    }
