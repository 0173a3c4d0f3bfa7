"""Clerks whom WeCom shows no more without a word: an operator says that they left, an administrator who they are now."""

import pytest
from django.urls import reverse

from linli.access.audit_models import AuditRow
from linli.customers.models import Follow
from linli.directory import api as directory
from linli.directory.models import Staff
from linli.handover.models import Handover
from tests.customers.test_customers_special import rename_at_wecom
from tests.handover.test_handover_pages import account, text

OLD, NEW = "clerk0-1", "lin.ke"


@pytest.fixture
def gone(firm):
    """The clerk has another UserID, and no callback says so."""
    firm.befriended(3, OLD)
    rename_at_wecom(firm.stage, OLD, NEW)
    directory.sync(corp_id=firm.corp_id)
    return Staff.objects.get(userid=OLD)


def unread(firm) -> list[str]:
    return [one["what"] for one in directory.reconcile(corp_id=firm.corp_id).unread]


def test_the_list_says_who_and_with_what(firm, client, gone):
    client.force_login(account(firm, "operator"))
    assert "1 位在企业微信里看不到了" in text(client.get(reverse("handover:index")))
    page = text(client.get(reverse("handover:away")))
    assert "有 1 位同事在企业微信里看不到了" in page
    assert OLD in page
    assert NEW not in page  # who somebody is now is for an administrator to say: the account goes along


def test_who_left_is_handed_over_and_makes_no_run_partial_any_more(firm, client, gone):
    assert unread(firm) == [OLD]
    client.force_login(account(firm, "operator"))
    client.post(reverse("handover:left", args=[gone.pk]))
    gone.refresh_from_db()
    assert (gone.status, gone.out_of_sight_at) == (Staff.Status.LEFT, None)
    firm.deliver()
    assert Handover.objects.get(giver=gone).state == Handover.State.PROPOSED
    assert unread(firm) == []
    assert AuditRow.objects.filter(subject=f"staff:{gone.pk}").count() == 1
    again = client.post(reverse("handover:left", args=[gone.pk]), follow=True)
    assert "请刷新再看" in text(again)


def test_of_somebody_at_work_nobody_can_say_so(firm, client, gone):
    client.force_login(account(firm, "operator"))
    shown = Staff.objects.get(userid=NEW)
    client.post(reverse("handover:left", args=[shown.pk]))
    shown.refresh_from_db()
    assert shown.status == Staff.Status.ACTIVE
    assert client.post(reverse("handover:same", args=[gone.pk]), {"staff": shown.pk}).status_code == 403
    gone.refresh_from_db()
    assert gone.userid == OLD


def test_an_administrator_says_who_they_are_now(firm, client, gone):
    client.force_login(account(firm, "administrator"))
    page = text(client.get(reverse("handover:away")))
    shown = Staff.objects.get(userid=NEW)
    options = page[page.index("<select") :]
    first = options.index(f'value="{shown.pk}"')
    assert first < min(options.index(f'value="{one.pk}"') for one in Staff.objects.exclude(pk__in=[shown.pk, gone.pk]))
    answer = client.post(reverse("handover:same", args=[gone.pk]), {"staff": shown.pk}, follow=True)
    assert "已合并为同一个人" in text(answer)
    firm.deliver()
    gone.refresh_from_db()
    assert (gone.userid, gone.out_of_sight_at) == (NEW, None)
    assert set(Follow.objects.filter(live=True).values_list("staff_id", flat=True)) == {gone.pk}
    assert unread(firm) == []
    refused = client.post(reverse("handover:same", args=[gone.pk]), {"staff": "x"}, follow=True)
    assert "只能把一位" in text(refused)


def test_a_long_list_asks_no_more(firm, client, gone, django_assert_max_num_queries):
    client.force_login(account(firm, "administrator"))
    client.get(reverse("handover:away"))
    with django_assert_max_num_queries(40) as few:
        client.get(reverse("handover:away"))
    Staff.objects.filter(userid__startswith="clerk1").update(out_of_sight_at=gone.out_of_sight_at)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(reverse("handover:away"))
