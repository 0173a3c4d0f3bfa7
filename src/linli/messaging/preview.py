"""What a draft would do, without writing anything: who is left at each step, and what one receiver would see."""

from dataclasses import dataclass
from datetime import datetime

from linli.customers import api as customers
from linli.kit.clock import monotonic, now
from linli.messaging import content as contents
from linli.messaging import planning, power, variants
from linli.messaging.errors import BadContent
from linli.messaging.models import Send
from linli.messaging.operations.drafts import audience
from linli.segments import api as segments

BASE_DAYS = 28
STEPS = (
    ("has_staff", (planning.NO_STAFF,)),
    ("consents", (planning.NO_CONSENT,)),
    ("below_cap", (planning.CAPPED, planning.CAPPED_OWN)),
    ("not_quiet", (planning.QUIET,)),
    ("sendable", (planning.UNREACHABLE, planning.NO_GROUP_CODE)),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of the waterfall: how many are left, and how many each reason took."""

    key: str
    left: int
    lost: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a draft would do if it went out at `send_at`."""

    steps: tuple[Step, ...]
    to_send: int
    holdout: int
    milliseconds: float
    as_of: datetime
    send_at: datetime
    moved_from: datetime | None
    tasks: int
    bytes: int
    power: power.Power
    problem: object
    choices: tuple[planning.Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One receiver and what they would see."""

    customer_name: str
    staff_name: str
    shop_name: str
    rendered: contents.Rendered
    place: int
    of: int


def look(row: Send) -> Preview:
    """Plan without writing."""
    started = monotonic()
    as_of = now()
    plan = planning.make(audience(row), max(as_of, row.send_at or as_of))
    content = contents.parse(row.content)
    problem: object = ""
    tasks: list[variants.Variant] = []
    try:
        contents.check(content)
        tasks = variants.split(row.corp_id, content, plan.choices)
    except BadContent as error:
        problem = error.message
    to_send, held = plan.count("planned"), plan.count("holdout")
    return Preview(
        steps=waterfall(plan),
        to_send=to_send,
        holdout=held,
        milliseconds=round((monotonic() - started) * 1000, 1),
        as_of=as_of,
        send_at=plan.send_at,
        moved_from=plan.moved_from,
        tasks=len(tasks),
        bytes=max((one.rendered.size for one in tasks), default=len(content.text.encode())),
        power=power.detectable(to_send, held, base_rate(row.corp_id, as_of)),
        problem=problem,
        choices=plan.choices,
    )


def waterfall(plan: planning.Plan) -> tuple[Step, ...]:
    """Everyone in the segment, then what each step leaves, the holdout last."""
    losses = plan.losses()
    left = len(plan.choices)
    steps = [Step(key="in_segment", left=left, lost={})]
    for key, reasons in STEPS:
        lost = {reason: losses[reason] for reason in reasons if losses[reason]}
        left -= sum(lost.values())
        steps.append(Step(key=key, left=left, lost=lost))
    held = plan.count("holdout")
    steps.append(Step(key="holdout", left=left - held, lost={"holdout": held} if held else {}))
    return tuple(steps)


def sight(row: Send, preview: Preview, place: int) -> Sight | None:
    """What the receiver at a place would see; None when nobody would get it."""
    planned = [one for one in preview.choices if one.state == "planned"]
    if not planned:
        return None
    one = planned[place % len(planned)]
    content = contents.parse(row.content)
    names = variants.Names(row.corp_id, content)
    person = customers.profiles(corp_id=row.corp_id, customer_ids=[one.customer_id]).get(one.customer_id)
    return Sight(
        customer_name=person.name if person else "",
        staff_name=names.clerks.get(one.staff_id or 0, ""),
        shop_name=names.shops.get(one.shop_id or 0, ""),
        rendered=names.render(shop_id=one.shop_id, staff_id=one.staff_id),
        place=place % len(planned),
        of=len(planned),
    )


def base_rate(corp_id: int, at: datetime) -> float | None:
    """What part of all customers bought in the last 28 days; None without customers or purchases."""
    everyone = segments.count(corp_id=corp_id, definition=segments.Everyone(), as_of=at).count
    bought = segments.LastPurchase("within", BASE_DAYS)
    buyers = segments.count(corp_id=corp_id, definition=bought, as_of=at).count
    return buyers / everyone if everyone and buyers else None
