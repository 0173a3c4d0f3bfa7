"""A plan names everyone of the segment and the reason for each who gets nothing; the holdout is drawn last, exactly."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kit.clock import frozen
from linli.messaging import api, holdout, power
from linli.messaging.errors import BadContent, NobodyLeft, WrongState
from linli.messaging.models import Recipient, Send
from linli.messaging.policy import Cap, Quiet
from linli.messaging.queries import Funnel
from linli.segments.definition import And, Everyone, LastPurchase, Not, Reached
from tests.segments import people

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = people.NOON


@pytest.fixture
def noon():
    with frozen(NOON) as clock:
        yield clock


def draft(corp_id: int, *, text: str = "到{shop}坐坐", **more) -> int:
    values = {"name": "唤醒", "definition": Everyone(), "holdout_percent": 10, **more}
    made = api.Draft(content=api.Content(text, values.pop("attachments", ())), **values)
    return api.create(corp_id=corp_id, draft=made, author="周岚").id


def plan(corp_id: int, send_id: int) -> api.PlanInfo:
    return api.plan(corp_id=corp_id, send_id=send_id, author="周岚")


FATES = ("fine", "stranger", "lost", "clerk_left", "no_consent", "capped", "unknown_to_wecom")
EXPECTED = {
    "stranger": "no_staff",
    "lost": "no_staff",
    "clerk_left": "no_staff",
    "no_consent": "no_consent",
    "capped": "capped_own",
    "unknown_to_wecom": "unreachable",
}


def settle(corp_id: int, fates: list[str]) -> dict[int, str]:
    """Customers with these fates; returns the fate of each."""
    working, gone = people.clerk(corp_id, 1), people.clerk(corp_id, 2, status=5)
    crowd = people.customers(corp_id, len(fates))
    for one, fate in zip(crowd, fates, strict=True):
        one.consent = fate != "no_consent"
        one.external_userid = None if fate == "unknown_to_wecom" else one.external_userid
        one.save()
        if fate != "stranger":
            people.follow(corp_id, gone if fate == "clerk_left" else working, [one], live=fate != "lost")
    before = draft(corp_id, name="上一次")
    Recipient.objects.bulk_create(
        Recipient(
            corp_id=corp_id,
            send_id=before,
            customer=one,
            state="sent",
            state_at=NOON,
            tasked_at=NOON - timedelta(hours=1),
        )
        for one, fate in zip(crowd, fates, strict=True)
        if fate == "capped"
    )
    api.set_cap(corp_id=corp_id, source="own", per="day", limit_count=1, valid_from=date(2000, 1, 1), author="")
    return {one.id: fate for one, fate in zip(crowd, fates, strict=True)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(st.sampled_from(FATES), max_size=25), percent=st.integers(0, 50))
def test_everyone_has_a_row_with_the_right_reason_and_the_lines_add_up(db, fates, percent):
    from django.db import transaction

    from linli.access import api as access

    with transaction.atomic(), frozen(NOON):
        corp = access.create_corp(wecom_id="wwplan", name="邻里")
        fate_of = settle(corp.id, fates)
        send_id = draft(corp.id, holdout_percent=percent)
        made = plan(corp.id, send_id)
        fine = [one for one, fate in fate_of.items() if fate == "fine"]
        assert made.planned == len(fates) == made.to_send + made.holdout + sum(made.excluded.values())
        assert made.holdout == holdout.size(len(fine), percent)
        assert made.excluded == Counter(EXPECTED[fate] for fate in fates if fate != "fine")
        for row in Recipient.objects.filter(send_id=send_id):
            assert row.reason == EXPECTED.get(fate_of[row.customer_id], "")
        held = set(Recipient.objects.filter(send_id=send_id, state="holdout").values_list("customer_id", flat=True))
        assert held <= set(fine)
        seed = Send.objects.get(id=send_id).seed
        assert held == holdout.draw(send_id, seed, fine, percent)
        assert api.funnel(corp_id=corp.id, send_id=send_id).planned == len(fates)
        transaction.set_rollback(True)


@given(st.sets(st.integers(1, 10**9), max_size=300), st.integers(0, 50), st.integers(1, 99))
def test_the_holdout_is_exact_and_does_not_depend_on_order(ids, percent, send_id):
    drawn = holdout.draw(send_id, "seed", list(ids), percent)
    assert drawn == holdout.draw(send_id, "seed", sorted(ids, reverse=True), percent)
    assert drawn <= ids
    assert len(drawn) == (len(ids) * percent + 50) // 100
    if len(ids) > 60 and percent == 50:
        assert drawn != holdout.draw(send_id + 1, "seed", list(ids), percent)


def test_the_home_shops_clerk_carries_it_before_the_youngest_relation(corp, noon):
    home, other = people.shop(corp.id, 1), people.shop(corp.id, 2)
    near, far, further = (
        people.clerk(corp.id, 1, home),
        people.clerk(corp.id, 2, other),
        people.clerk(corp.id, 3, other),
    )
    one, two = people.customers(corp.id, 2)
    one.home_shop_id = home.id
    one.save()
    for person in (one, two):
        people.follow(corp.id, near, [person], at=NOON - timedelta(days=9))
        people.follow(corp.id, far, [person], at=NOON - timedelta(days=1))
        people.follow(corp.id, further, [person], at=NOON - timedelta(days=5))
    send_id = draft(corp.id, holdout_percent=0)
    plan(corp.id, send_id)
    carriers = dict(Recipient.objects.filter(send_id=send_id).values_list("customer_id", "staff_id"))
    assert carriers == {one.id: near.id, two.id: far.id}


def test_quiet_hours_move_the_send_or_leave_everyone_out(corp):
    crowd = people.customers(corp.id, 3)
    people.follow(corp.id, people.clerk(corp.id, 1), crowd)
    midnight = datetime(2026, 7, 16, 16, 30, tzinfo=UTC)  # 00:30 in Shanghai
    with frozen(midnight):
        moved = plan(corp.id, draft(corp.id))
        assert moved.send_at == datetime(2026, 7, 17, 8, 0, tzinfo=SHANGHAI)
        assert moved.moved_from == midnight
        api.set_quiet_hours(
            corp_id=corp.id, starts=time(22), ends=time(8), move=False, valid_from=date(2026, 1, 1), author=""
        )
        left = plan(corp.id, draft(corp.id))
        assert left.excluded == {"quiet_hours": 3}
        send_id = draft(corp.id)
        plan(corp.id, send_id)
        with pytest.raises(NobodyLeft):
            api.approve(corp_id=corp.id, send_id=send_id, author="周岚")


@given(st.times(), st.times(), st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)))
def test_the_end_of_quiet_hours_is_not_quiet_and_never_further_than_a_day(starts, ends, at):
    moment = at.replace(tzinfo=SHANGHAI)
    rule = Quiet(starts.replace(tzinfo=None), ends.replace(tzinfo=None), move=True)
    end = rule.end_after(moment, SHANGHAI)
    assert moment <= end <= moment + timedelta(days=1)
    assert (end == moment) == (not rule.holds(moment, SHANGHAI))
    assert starts == ends or not rule.holds(end, SHANGHAI)


def test_caps_follow_the_corps_calendar():
    february = datetime(2028, 2, 10, tzinfo=UTC)
    month = Cap("platform", "month", None)
    assert month.allowed(february, SHANGHAI) == 29
    assert month.window(datetime(2026, 7, 31, 16, 30, tzinfo=UTC), SHANGHAI) == (
        datetime(2026, 8, 1, tzinfo=SHANGHAI),
        datetime(2026, 9, 1, tzinfo=SHANGHAI),
    )
    monday, next_monday = Cap("own", "week", 7).window(datetime(2026, 7, 16, tzinfo=UTC), SHANGHAI)
    assert (monday.date(), next_monday.date()) == (date(2026, 7, 13), date(2026, 7, 20))
    assert Cap("own", "day", 1).window(february, SHANGHAI)[1] - Cap("own", "day", 1).window(february, SHANGHAI)[
        0
    ] == timedelta(days=1)


def test_the_platforms_month_is_a_cap_without_any_setting(corp, noon):
    crowd = people.customers(corp.id, 2)
    people.follow(corp.id, people.clerk(corp.id, 1), crowd)
    for n in range(31):
        before = draft(corp.id, name=f"第 {n} 次")
        Recipient.objects.create(
            corp_id=corp.id,
            send_id=before,
            customer=crowd[0],
            state="sent",
            state_at=NOON,
            tasked_at=NOON - timedelta(minutes=n),
        )
    made = plan(corp.id, draft(corp.id, holdout_percent=0))
    assert (made.to_send, made.excluded) == (1, {"capped": 1})


def test_reached_lately_can_be_excluded_by_a_condition(corp, noon):
    crowd = people.customers(corp.id, 3)
    people.follow(corp.id, people.clerk(corp.id, 1), crowd)
    before = draft(corp.id)
    for n, state in enumerate(("sent", "cancelled", "holdout")):
        Recipient.objects.create(
            corp_id=corp.id,
            send_id=before,
            customer=crowd[n],
            state=state,
            state_at=NOON,
            tasked_at=None if state == "holdout" else NOON,
        )
    made = plan(corp.id, draft(corp.id, definition=And((Everyone(), Not(Reached(7))))))
    assert made.planned == 2


@pytest.mark.parametrize(
    ("text", "attachments"),
    [
        ("", ()),
        ("亲爱的{name}", ()),
        ("好" * 1334, ()),
        ("好", tuple(api.Link(title=str(n), url="https://a.example/") for n in range(10))),
        ("好", (api.Link(title="", url="https://a.example/"),)),
    ],
)
def test_what_wecom_would_refuse_is_refused_before(corp, noon, text, attachments):
    people.follow(corp.id, people.clerk(corp.id, 1), people.customers(corp.id, 1))
    send_id = draft(corp.id, text=text, attachments=attachments)
    with pytest.raises(BadContent):
        plan(corp.id, send_id)
    assert not Recipient.objects.filter(send_id=send_id).exists()
    assert api.send(corp_id=corp.id, send_id=send_id).state == "draft"


def test_a_shop_name_that_makes_the_text_too_long_is_found_when_planning(corp, noon):
    shop = people.shop(corp.id, 1)
    shop.name = "很长的店名" * 4
    shop.save()
    people.follow(corp.id, people.clerk(corp.id, 1, shop), people.customers(corp.id, 1))
    with pytest.raises(BadContent):
        plan(corp.id, draft(corp.id, text="好" * 1320 + "{shop}"))


def test_shops_without_a_group_code_lose_their_customers_with_that_reason(corp, noon):
    people.follow(corp.id, people.clerk(corp.id, 1, people.shop(corp.id, 1)), people.customers(corp.id, 2))
    made = plan(corp.id, draft(corp.id, attachments=(api.GroupCode(title="进群"),)))
    assert made.excluded == {"no_group_code": 2}


def test_changing_a_planned_send_drops_its_plan_and_approving_needs_one(corp, noon):
    people.follow(corp.id, people.clerk(corp.id, 1), people.customers(corp.id, 4))
    send_id = draft(corp.id)
    with pytest.raises(WrongState):
        api.approve(corp_id=corp.id, send_id=send_id, author="周岚")
    plan(corp.id, send_id)
    changed = api.Draft(name="唤醒", definition=LastPurchase("never"), content=api.Content("改过"))
    assert api.change(corp_id=corp.id, send_id=send_id, draft=changed, author="周岚").state == "draft"
    assert not Recipient.objects.filter(send_id=send_id).exists()


def test_planning_takes_the_same_queries_for_ten_and_for_five_hundred(corp, noon, django_assert_max_num_queries):
    clerk = people.clerk(corp.id, 1)
    people.follow(corp.id, clerk, people.customers(corp.id, 500))
    send_id = draft(corp.id)
    with django_assert_max_num_queries(24):
        plan(corp.id, send_id)


def test_a_funnel_that_does_not_add_up_cannot_be_made():
    Funnel(planned=3, excluded={"no_staff": 1}, holdout=1, tasked=1, unconfirmed=1)
    with pytest.raises(AssertionError):
        Funnel(planned=3, excluded={"no_staff": 1}, tasked=1, unconfirmed=1)
    with pytest.raises(AssertionError):
        Funnel(planned=1, tasked=1, confirmed=1)


def test_power_says_what_a_drawing_of_434_and_48_can_show():
    found = power.detectable(434, 48, 0.316)
    assert found.lift is not None
    assert 0.61 < found.lift < 0.64
    assert power.detectable(434, 0, 0.3).lift is None
    assert power.detectable(10, 10, None).rate == power.FALLBACK_RATE
