"""How often, and when not: set, undone and shown on a page, on record, and obeyed by the next plan."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from linli.access.audit_models import AuditRow
from linli.kit.clock import now
from linli.messaging import api
from linli.messaging.models import CapPolicy, QuietHours

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(corp):
    return now().astimezone(ZoneInfo(corp.zone)).date()


def own_cap(corp, day):
    caps, _quiet = api.rules(corp_id=corp.id, day=day)
    return next(((one.per, one.limit) for one in caps if one.source == "own"), None)


def last_row():
    return AuditRow.objects.latest("id")


def test_our_limit_is_set_and_taken_back_and_both_are_on_record(console, corp, today):
    page = console.get("/sends/rules/").text
    assert "只按企业微信的上限" in page
    assert "22:00–08:00 不打扰" in page
    answer = console.post("/sends/rules/own/", {"limit": "2", "per": "week", "valid_from": today}, follow=True)
    assert "每周 2 条" in answer.text
    assert own_cap(corp, today) == ("week", 2)
    row = last_row()
    assert (row.action, row.subject, row.after["limit"], row.before) == (
        "sends:own_rule",
        "rule:own",
        2,
        {"limit": None},
    )
    rule = CapPolicy.objects.get(corp_id=corp.id)
    answer = console.post(f"/sends/rules/own/{rule.pk}/take-back/", follow=True)
    assert "撤回了" in answer.text
    assert own_cap(corp, today) is None
    assert last_row().action == "sends:take_back_rule"
    assert last_row().before["valid_from"] == today.isoformat()


def test_a_rule_of_a_day_to_come_waits_for_its_day(console, corp, today):
    later = today + timedelta(days=5)
    console.post("/sends/rules/own/", {"limit": "1", "per": "day", "valid_from": later})
    assert own_cap(corp, today) is None
    assert own_cap(corp, later) == ("day", 1)
    assert "还没到" in console.get("/sends/rules/").text


def test_what_has_held_stays_on_record(console, corp, today):
    api.set_cap(
        corp_id=corp.id, source="own", per="week", limit_count=3, valid_from=today - timedelta(days=1), author="周"
    )
    rule = CapPolicy.objects.get(corp_id=corp.id)
    assert f"/own/{rule.pk}/take-back/" not in console.get("/sends/rules/").text
    assert "不能撤回" in console.post(f"/sends/rules/own/{rule.pk}/take-back/", follow=True).text
    assert CapPolicy.objects.filter(pk=rule.pk).exists()
    assert last_row().error == "messaging.rule_has_held"


def test_a_rule_is_not_taken_back_under_another_kind(console, corp, today):
    api.set_cap(corp_id=corp.id, source="own", per="week", limit_count=3, valid_from=today, author="周")
    rule = CapPolicy.objects.get(corp_id=corp.id)
    for kind in ("platform", "quiet", "other"):
        console.post(f"/sends/rules/{kind}/{rule.pk}/take-back/")
    assert CapPolicy.objects.filter(pk=rule.pk).exists()


def test_quiet_hours_are_set_and_switched_off(console, corp, today):
    given = {"on": "on", "starts": "21:30", "ends": "09:00", "move": "0", "valid_from": today}
    assert "21:30–09:00 不打扰" in console.post("/sends/rules/quiet/", given, follow=True).text
    _caps, quiet = api.rules(corp_id=corp.id, day=today)
    assert (f"{quiet.starts:%H:%M}", f"{quiet.ends:%H:%M}", quiet.move) == ("21:30", "09:00", False)
    console.post("/sends/rules/quiet/", {key: value for key, value in given.items() if key != "on"})
    _caps, quiet = api.rules(corp_id=corp.id, day=today)
    zone = ZoneInfo(corp.zone)
    assert not any(quiet.holds(now() + timedelta(hours=hour), zone) for hour in range(24))
    assert "不打扰" not in console.get("/sends/rules/").text


@pytest.mark.parametrize(
    ("page", "given"),
    [
        ("own", {"limit": "0", "per": "week"}),
        ("own", {"limit": "2", "per": "year"}),
        ("own", {"limit": "2", "per": "week", "valid_from": "2001-01-01"}),
        ("platform", {"choice": "none"}),
        ("quiet", {"on": "on", "starts": "22:00", "ends": "22:00", "move": "1"}),
        ("quiet", {"on": "on", "starts": "25:00", "ends": "22:00", "move": "1"}),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_entered(console, corp, today, page, given):
    answer = console.post(f"/sends/rules/{page}/", {"valid_from": today} | given)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert not CapPolicy.objects.exists()
    assert not QuietHours.objects.exists()


def test_wecoms_choice_of_seven_a_week(console, corp, today):
    console.post("/sends/rules/platform/", {"choice": "week", "valid_from": today})
    caps, _quiet = api.rules(corp_id=corp.id, day=today)
    assert [(one.source, one.per, one.limit) for one in caps] == [("platform", "week", 7)]
