"""The pages about sends, by the front door."""

import json

import pytest

from linli.access import api as access
from linli.access.audit_models import AuditRow
from linli.access.models import Account
from linli.messaging import api
from linli.messaging.models import Send, StaffTask
from linli.segments import api as segments
from linli.segments.definition import Everyone, Not, Tag, to_json


@pytest.fixture
def console(client, line):
    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    return client


@pytest.fixture
def mine(console, chain):
    """The account belongs to clerk1-0, of shop 1; who is bound anew signs in anew."""
    account = access.account_named(username="admin")
    assert account is not None
    access.bind(corp_id=chain.corp_id, account_id=account[0], userid="clerk1-0", name="周岚")
    console.force_login(Account.objects.get(id=account[0]))


def text_of(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_from_a_segment_to_sent_by_pages_alone(console, chain):
    saved = segments.create(corp_id=chain.corp_id, name="所有人", definition=Everyone(), author="周岚")
    assert text_of(console.get("/sends/"))
    begun = console.post("/sends/", {"segment": saved.id})
    url = begun.url
    assert text_of(console.get(url))
    live = text_of(
        console.post(f"{url}draft/", {"name": "唤醒", "text": "来{shop}坐坐", "holdout": "10", "send_at": ""})
    )
    assert "来0 号店坐坐" in live or "来1 号店坐坐" in live or "来2 号店坐坐" in live
    assert text_of(console.get(f"{url}phone/?place=3"))
    console.post(f"{url}plan/")
    assert f"{url}approval/" in text_of(console.get(url))
    console.post(f"{url}approval/")
    row = Send.objects.get()
    assert row.state == "approved"
    api.launch(corp_id=chain.corp_id, send_id=row.pk)
    waiting = text_of(console.get(url))
    assert "店员" in waiting
    assert f"{url}reminders/" in waiting
    task = StaffTask.objects.first()
    console.post(f"{url}reminders/", {"task": task.pk})
    for one in StaffTask.objects.all():
        chain.confirm(one)
    chain.pull(row.pk)
    assert text_of(console.get(url))
    assert chain.funnel(row.pk).sent == 11
    assert text_of(console.get(f"{url}progress/"))


def test_the_composer_shows_why_it_cannot_be_sent(console, chain):
    send_id = chain.draft("亲爱的{name}")
    console.post(f"/sends/{send_id}/plan/")
    assert Send.objects.get(id=send_id).state == "draft"
    assert "{name}" in text_of(console.get(f"/sends/{send_id}/"))


def test_conditions_are_changed_in_the_composer(console, chain):
    send_id = chain.draft()
    empty = json.dumps({"kind": "and", "all": []})
    page = console.post(
        f"/sends/{send_id}/builder/",
        {"definition": empty, "kind": "reached", "path": "", "c-days": "7", "exclude": "1"},
    )
    assert text_of(page)
    assert Send.objects.get(id=send_id).definition == to_json(segments.And((Not(segments.Reached(7)),)))


def test_attachments_are_added_and_removed(console, chain):
    send_id = chain.draft()
    console.post(f"/sends/{send_id}/attachments/", {"kind": "link", "title": "新品", "url": "https://shop.example/new"})
    assert "新品" in text_of(console.get(f"/sends/{send_id}/"))
    console.post(f"/sends/{send_id}/attachments/", {"kind": "link", "title": ""})
    assert len(Send.objects.get(id=send_id).content["attachments"]) == 1
    console.post(f"/sends/{send_id}/attachments/", {"remove": "0"})
    assert Send.objects.get(id=send_id).content["attachments"] == []


def test_cancelling_by_page(console, chain):
    send_id = chain.launched()
    console.post(f"/sends/{send_id}/cancellation/")
    assert chain.funnel(send_id).cancelled == {"by_operator": 12}
    assert text_of(console.get(f"/sends/{send_id}/"))


def test_names_and_texts_are_escaped(console, chain):
    send_id = chain.draft("<script>alert(1)</script>", name="<b>x</b>")
    page = text_of(console.get(f"/sends/{send_id}/"))
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page


def test_the_list_takes_the_same_queries_however_long_it_is(console, chain, django_assert_max_num_queries):
    for n in range(25):
        chain.draft(name=f"第 {n} 次")
    with django_assert_max_num_queries(18):
        console.get("/sends/")


def test_another_corps_send_is_not_there(console, chain):
    other = access.create_corp(wecom_id="wwother", name="别家")
    theirs = api.create(
        corp_id=other.id, draft=api.Draft(name="别家", definition=Tag((1,)), content=api.Content("x")), author=""
    )
    for path in ("", "phone/", "progress/"):
        assert console.get(f"/sends/{theirs.id}/{path}").status_code == 404
    for path in ("plan/", "approval/", "cancellation/", "draft/", "builder/", "attachments/", "reminders/", "results/"):
        answer = console.post(f"/sends/{theirs.id}/{path}", {"definition": "{}"})
        assert answer.status_code in {302, 404, 409, 422}
    assert Send.objects.get(id=theirs.id).state == "draft"


def test_the_author_reads_it_on_their_own_phone_first_and_no_customer_does(console, chain, mine):
    link = api.Link(title="新品", url="https://example.com/new")
    send_id = chain.draft("来{shop}坐坐，找{staff}", attachments=(link,))
    page = text_of(console.post(f"/sends/{send_id}/trial/", follow=True))
    assert "已发到您的手机" in page
    got = chain.stage.control("staff/clerk1-0/messages")["messages"]
    assert len(got) == 1
    said = json.dumps(got, ensure_ascii=False)
    assert "来1 号店坐坐" in said
    assert "{" not in got[0].get("content", {}).get("content", "")
    assert "https://example.com/new" in said
    assert chain.theirs() == []
    assert not StaffTask.objects.exists()
    assert Send.objects.get(id=send_id).state == "draft"
    row = AuditRow.objects.latest("id")
    assert (row.action, row.subject) == ("sends:trial", f"send:{send_id}")


def test_who_has_no_userid_is_told_how_to_get_one(console, chain):
    send_id = chain.draft()
    assert "没绑定企业微信 userid" in text_of(console.post(f"/sends/{send_id}/trial/", follow=True))
    assert AuditRow.objects.latest("id").error == "messaging.no_receiver"
    assert [chain.stage.control(f"staff/clerk{n}-0/messages")["messages"] for n in range(3)] == [[], [], []]


def test_a_trial_that_wecom_refuses_is_said_and_nothing_is_tried_twice(console, chain, mine):
    send_id = chain.draft()
    chain.stage.control("faults", {"rules": [{"fault": 45009, "odds": 1, "paths": ["message/send"]}]})
    assert "已发到您的手机" not in text_of(console.post(f"/sends/{send_id}/trial/", follow=True))
    assert chain.stage.control("staff/clerk1-0/messages")["messages"] == []
    assert AuditRow.objects.latest("id").error == "messaging.trial_refused"


def test_a_trial_to_who_has_no_licence_does_not_claim_to_have_arrived(console, chain, mine):
    send_id = chain.draft()
    chain.stage.control("act", {"kind": "admin_edits_member", "userid": "clerk1-0", "licensed": False})
    page = text_of(console.post(f"/sends/{send_id}/trial/", follow=True))
    assert "已发到您的手机" not in page
    assert "互通账号" in page
    assert AuditRow.objects.latest("id").error == "messaging.trial_refused"
