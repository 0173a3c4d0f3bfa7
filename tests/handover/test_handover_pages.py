"""The operator's and the keeper's pages: live counts, who got whom, what waits, the rule."""

import csv

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.access.api import EVERYTHING, Scope
from linli.access.audit_models import AuditRow
from linli.access.models import Account
from linli.directory import api as directory
from linli.handover import api
from linli.handover.models import Handover

TAKER = "clerk0-2"


def account(firm, role: str, scope: Scope = EVERYTHING) -> Account:
    key, _password = access.invite(corp_id=firm.corp_id, username=f"{role}-x", name="周岚", role=role, scope=scope)
    Account.objects.filter(id=key).update(initial_until=None)
    return Account.objects.get(id=key)


@pytest.fixture
def operator(client, firm):
    client.force_login(account(firm, "operator"))
    return client


def text(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def form(firm, **more):
    return {
        "asked": "1",
        "giver": firm.staff("clerk0-1"),
        "customers": "1",
        "split": "even",
        "groups_to": "stay",
        **more,
    }


def test_empty_pages_say_what_comes_here(operator):
    assert "还没交接过客户" in text(operator.get(reverse("handover:index")))
    assert "还没读过企业微信的名单" in text(operator.get(reverse("handover:unassigned")))
    assert "谁的客户要交给同事？" in text(operator.get(reverse("handover:new")))
    assert "这里没有人" in text(operator.get(reverse("handover:who")))


def test_the_form_counts_with_every_change_and_writes_nothing(firm, operator):
    firm.befriended(5)
    page = text(operator.get(reverse("handover:new"), {"giver": firm.staff("clerk0-1")}))
    assert "店员01的客户，谁来接着照顾？" in page
    for given, sums in ((form(firm), ("+3", "+2")), (form(firm, taker=firm.staff(TAKER)), ("+5",))):
        shown = text(operator.get(reverse("handover:preview"), given))
        for one in sums:
            assert f">{one}</td>" in shown
    nothing = {key: one for key, one in form(firm).items() if key != "customers"}
    assert "至少选客户或群中的一样" in text(operator.get(reverse("handover:preview"), nothing))
    assert not Handover.objects.exists()
    assert firm.calls() == 0


def test_the_preview_shows_the_words_in_a_phone_and_who_stays_by_name(firm, operator):
    firm.befriended(2)
    api.set_rule(corp_id=firm.corp_id, mode="off", split="even", groups_to="stay", customer_cap=1, author="x")
    shown = text(
        operator.get(reverse("handover:preview"), form(firm, taker=firm.staff(TAKER), message="小周接着照顾您"))
    )
    assert "小周接着照顾您" in shown
    assert "接替人都满了" in shown
    assert "多选几位接替人" in shown


def test_begun_on_the_page_it_is_followed_to_its_end(firm, operator):
    _one, shy = firm.befriended(2)
    began = operator.post(reverse("handover:new"), form(firm, taker=firm.staff(TAKER)))
    row = Handover.objects.get()
    assert began.url == reverse("handover:detail", args=[row.pk])
    assert "2 位客户接替中" in text(operator.get(began.url))
    firm.work(row.pk)
    firm.stage.act("customer_refuses_transfer", external_userid=shy)
    firm.hear()
    page = text(operator.get(began.url))
    assert "客户拒绝了" in page
    assert "等待接替（24 小时）" in page
    firm.a_day()
    assert operator.post(reverse("handover:results", args=[row.pk])).status_code == 302
    firm.work(row.pk)
    page = text(operator.get(began.url))
    assert "1 位客户没接成" in page
    assert "这周有 1 位客户没接成" in text(operator.get(reverse("today:index")))
    assert "让店员先聊一句再试" in page
    audit = AuditRow.objects.filter(action="handover:new").latest("id")
    assert (audit.subject, audit.after["takers"]) == (f"handover:{row.pk}", 1)
    assert AuditRow.objects.filter(action="handover.ended", subject=f"handover:{row.pk}").exists()


def test_nothing_that_goes_is_said_and_nothing_is_written(firm, operator):
    answer = operator.post(reverse("handover:new"), form(firm), follow=True)
    assert "一个人也交不出去" in text(answer)
    assert not Handover.objects.exists()


def test_a_proposal_is_shown_as_of_now_changed_begun_or_put_aside(firm, operator):
    firm.befriended(2)
    firm.leaves()
    firm.deliver()
    row = Handover.objects.get()
    assert "1 位店员离职了，方案等你同意" in text(operator.get(reverse("handover:index")))
    assert "2 位客户" in text(operator.get(reverse("handover:detail", args=[row.pk])))
    assert "店员01的客户" in text(operator.get(reverse("handover:new"), {"proposal": row.pk}))
    today = text(operator.get(reverse("today:index")))
    assert "1 位店员离职了，交接方案等你同意" in today
    operator.post(reverse("handover:start", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.author) == ("running", "周岚")
    assert "状态已经变了" in text(operator.post(reverse("handover:dismissal", args=[row.pk]), follow=True))
    firm.leaves("clerk1-1")
    stopped = operator.post(reverse("handover:stop", args=[row.pk]), follow=True)
    assert "2 个留在原处" in text(stopped)


def test_who_got_whom_is_found_and_taken_away_as_a_file_without_names_unless_seen(firm, operator):
    firm.befriended(3)
    key = firm.begin(takers=(TAKER,))
    assert "谁接了谁：3 位客户" in text(operator.get(reverse("handover:who")))
    assert "找到 1 位客户" in text(operator.get(reverse("handover:who"), {"q": "顾客1"}))
    assert "找到 3 位客户" in text(operator.get(reverse("handover:who"), {"q": "店员02"}))

    def rows() -> list[list[str]]:
        answer = operator.get(reverse("handover:file"), {"handover": key})
        return list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))

    assert len(rows()) == 4
    assert rows()[0][:3] == ["客户", "谁交出", "谁接"]
    assert "顾客1" not in {row[0] for row in rows()}
    operator.post(reverse("privacy:reveal"))
    assert {row[0] for row in rows()[1:]} == {"顾客0", "顾客1", "顾客2"}
    assert rows()[1][1:5] == ["店员01", "店员02", "在职继承", "等待接替（24 小时）"]


def test_the_unassigned_are_counted_by_clerk_and_read_when_asked(firm, operator):
    firm.befriended(2)
    firm.stage.act("staff_leaves", userid="clerk0-1")
    api.set_rule(corp_id=firm.corp_id, mode="off", split="even", groups_to="stay", customer_cap=5, author="x")
    assert operator.post(reverse("handover:reading")).status_code == 302
    api.reconcile(corp_id=firm.corp_id)
    page = text(operator.get(reverse("handover:unassigned")))
    assert "2 位客户没人管" in page
    assert f"{reverse('handover:new')}?giver={firm.staff('clerk0-1')}" in page
    assert "2 位客户没人管，也没有交接方案" in text(operator.get(reverse("today:index")))


def test_the_rule_is_set_and_on_record(firm, operator):
    given = {"mode": "carry_out", "split": "load", "groups_to": "shared", "customer_cap": "800"}
    operator.post(reverse("handover:rule"), given)
    assert "店员离职时，本店马上接过来" in text(operator.get(reverse("handover:rule")))
    row = AuditRow.objects.filter(action="handover:rule").latest("id")
    assert (row.before["mode"], row.after["mode"], row.after["cap"]) == ("propose", "carry_out", 800)
    assert "填 1 到 50,000 的数" in text(
        operator.post(reverse("handover:rule"), {**given, "customer_cap": "x"}, follow=True)
    )


def test_a_keeper_sees_their_own_shop_and_begins_nothing(client, firm):
    firm.befriended(2)
    firm.befriended(2, "clerk1-1", start=10)
    own = firm.begin(takers=(TAKER,))
    other = firm.begin("clerk1-1", takers=("clerk1-2",))
    from linli.directory.models import Staff

    shop = Staff.objects.get(userid="clerk0-1").shop_id
    client.force_login(account(firm, "keeper", Scope(frozenset({("shop", shop)}))))
    page = text(client.get(reverse("handover:index")))
    assert "店员01" in page
    assert "店员11" not in page
    assert client.get(reverse("handover:detail", args=[own])).status_code == 200
    assert client.get(reverse("handover:detail", args=[other])).status_code == 404
    assert "谁接了谁：2 位客户" in text(client.get(reverse("handover:who")))
    assert client.get(reverse("handover:new")).status_code == 403
    assert client.post(reverse("handover:stop", args=[own])).status_code == 403


def test_the_customers_own_page_tells_from_whom_to_whom(firm, operator):
    (one,) = firm.befriended(1)
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    firm.work(key)
    from linli.customers import api as customers

    (customer_id,) = customers.customer_by_external(corp_id=firm.corp_id, external_userids=[one]).values()
    page = text(operator.get(reverse("customers:detail", args=[customer_id])))
    assert "由店员01交给了店员02" in page


def test_pages_ask_as_many_questions_for_fifty_as_for_two(firm, operator, django_assert_max_num_queries):
    firm.befriended(50)
    key = firm.begin(takers=(TAKER, "clerk0-0"))
    for name, args, most in (
        ("handover:index", [], 30), ("handover:detail", [key], 30), ("handover:who", [], 22), ("handover:unassigned", [], 22),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert operator.get(reverse(name, args=args)).status_code == 200
    with django_assert_max_num_queries(45):
        assert operator.get(reverse("handover:new"), {"giver": firm.staff("clerk0-1")}).status_code == 200


def test_a_clerk_whom_wecom_does_not_show_is_not_said_to_have_left(operator, firm):
    firm.befriended(2)
    firm.stage.act("staff_leaves", userid="clerk0-1")
    directory.reconcile(corp_id=firm.corp_id)
    page = text(operator.get(reverse("handover:new"), {"giver": firm.staff("clerk0-1")}))
    assert "起不再显示此人：可能已离职，也可能不在应用可见范围内" in page
    assert "还在职" not in page
