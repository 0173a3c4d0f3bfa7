"""The full reading: the house equals WeCom, and what no callback told is found."""

import pytest

from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers.handlers import on_external_contact, on_external_tag
from linli.customers.models import Customer, Follow, Tag
from linli.customers.queries import checksums
from linli.directory import api as directory
from linli.ledger.models import FactRow
from tests.connect.staged import SHOPS, befriend, seed
from tests.customers.acting import created, event, ours, said, theirs


@pytest.fixture
def chain(line, stage):
    """60 clerks, 500 people of whom every fifth has two clerks; tags on every third."""
    stage.control("seed", {**seed(shops=30, clerks=2), "reset": True})
    for n in range(30):
        for c in range(2):
            stage.way(f"s{n}-{c}", (f"clerk{n}-{c}",))
    acts = [scan(person, person % 30, person % 2) for person in range(500)]
    acts += [scan(person, (person + 7) % 30, 0) for person in range(0, 500, 5)]
    results = stage.control("acts", {"acts": acts})["results"]
    assert all(result["ok"] for result in results)
    tags = stage.act("admin_creates_tags", group_name="口味", names=["手冲", "拿铁", "冷萃"])["tag_ids"]
    marks = [
        {"kind": "staff_tags", "userid": r["userid"], "external_userid": r["external_userid"], "add": tags[: 1 + n % 3]}
        for n, r in enumerate(results)
        if n % 3 == 0
    ]
    assert all(result["ok"] for result in stage.control("acts", {"acts": marks})["results"])
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    return stage


def scan(person: int, shop: int, clerk: int) -> dict[str, object]:
    return {
        "kind": "scan",
        "state": f"s{shop}-{clerk}",
        "person": {"unionid": f"union{person}", "name": f"顾客{person}", "gender": person % 3},
    }


def test_first_sync_equals_the_sandbox_by_checksum(line, chain, django_assert_max_num_queries):
    with django_assert_max_num_queries(400):  # six pages of a hundred, whatever their content
        done = customers.sync(corp_id=line.id)
    assert (done.read, done.missed_callbacks) == (600, 0)
    assert checksums(ours(line.id)) == checksums(theirs(chain))
    assert Customer.objects.count() == 500
    assert Customer.objects.filter(home_shop_id=None).count() == 0
    run = connect.latest_runs(corp_id=line.id)[0]
    assert (run.kind, run.state, run.done) == ("customers", "done", 600)
    causes = FactRow.objects.filter(kind="customers.follow_added").values_list("data__cause", flat=True)
    assert set(causes) == {"sync"}


def test_second_sync_finds_nothing(line, chain):
    customers.sync(corp_id=line.id)
    before = said(line.id)
    again = customers.reconcile(corp_id=line.id)
    assert (again.added, again.changed, again.ended) == (0, 0, 0)
    assert said(line.id) == before


def test_reconcile_finds_lost_callbacks(line, chain):
    customers.sync(corp_id=line.id)
    state = chain.control("state")["follows"]
    chain.control("clock", {"advance": 1000})
    for row in state[:3]:
        chain.act("staff_deletes", userid=row["userid"], external_userid=row["external_userid"])
    chain.control("acts", {"acts": [scan(9000 + n, n, 1) for n in range(4)]})
    chain.act("staff_remarks", userid=state[9]["userid"], external_userid=state[9]["external_userid"], remark="记得")
    before = FactRow.objects.order_by("-id").values_list("id", flat=True)[0]
    found = customers.reconcile(corp_id=line.id)
    assert (found.added, found.changed, found.ended) == (4, 1, 3)
    assert checksums(ours(line.id)) == checksums(theirs(chain))
    causes = FactRow.objects.filter(id__gt=before, kind__startswith="customers.follow_")
    assert set(causes.values_list("data__cause", flat=True)) == {"missed_callback"}
    assert Follow.objects.filter(live=False, lost_by="").count() == 3


def test_late_callback_after_reconcile_tells_who(line, chain):
    """The reading only knew that it was over; the callback that comes late says who ended it and when."""
    customers.sync(corp_id=line.id)
    row = chain.control("state")["follows"][0]
    chain.act("customer_deletes", userid=row["userid"], external_userid=row["external_userid"])
    customers.reconcile(corp_id=line.id)
    told = event("del_follow_user", row["userid"], row["external_userid"], row["createtime"] + 5)
    on_external_contact(told, corp_id=line.id)
    follow = Follow.objects.get(staff__userid=row["userid"], customer__external_userid=row["external_userid"])
    assert not follow.live
    assert ours(line.id)["follows"] == theirs(chain)["follows"]


def test_absent_once_and_back_is_restored(line, chain):
    """A loss that was only concluded gives way to a fresher reading that shows the relation."""
    from linli.customers.operations import apply
    from linli.customers.readings import Note
    from linli.kit.clock import now

    customers.sync(corp_id=line.id)
    row = chain.control("state")["follows"][0]
    concluded = Note(
        external_userid=row["external_userid"], userid=row["userid"], kind="lost", at=now(), cause="missed_callback"
    )
    apply(corp_id=line.id, notes=[concluded])
    assert ours(line.id)["follows"] != theirs(chain)["follows"]
    customers.reconcile(corp_id=line.id)
    assert ours(line.id)["follows"] == theirs(chain)["follows"]
    assert said(line.id)[-1] == "customers.follow_restored"


def test_member_whom_wecom_refuses_hides_nobody_else(line, chain):
    """A clerk in our list whom WeCom does not know (60111) fails the call for all: the others are read alone."""
    customers.sync(corp_id=line.id)
    from linli.wecom.client import Client

    real = Client.follow_users
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "follow_users", lambda self, **more: (*real(self, **more), "ghost"))
        customers.reconcile(corp_id=line.id)
    run = connect.latest_runs(corp_id=line.id)[0]
    assert run.state == "partial"
    assert [one["key"] for one in run.missing] == ["ghost"]
    assert "60111" in run.missing[0]["why"]
    assert checksums(ours(line.id)) == checksums(theirs(chain))


def test_one_way_relation_stays_lost(line, chain):
    """The customer deleted the clerk; WeCom goes on showing the relation (wire.md A.3, 84061)."""
    customers.sync(corp_id=line.id)
    chain.control("tunables", {"one_way_after_customer_deletes": True})
    row = chain.control("state")["follows"][0]
    chain.act("customer_deletes", userid=row["userid"], external_userid=row["external_userid"])
    told = event("del_follow_user", row["userid"], row["external_userid"], row["createtime"] + 5)
    on_external_contact(told, corp_id=line.id)
    customers.reconcile(corp_id=line.id)
    follow = Follow.objects.get(staff__userid=row["userid"], customer__external_userid=row["external_userid"])
    assert (follow.live, follow.lost_by) == (False, "customer")


def test_tag_callbacks_bring_names_and_take_deleted_tags_off(line, chain):
    from linli.wecom.events import parse_event
    from tests.sandbox.stage import CORP

    customers.sync(corp_id=line.id)
    tag = chain.control("state")["tags"][0]
    chain.act("admin_edits_tag", id=tag["id"], name="新名")

    def tell(change: str) -> None:
        text = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1700000000"
            f"</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_tag]]></Event>"
            f"<Id><![CDATA[{tag['id']}]]></Id><TagType><![CDATA[tag]]></TagType><ChangeType><![CDATA[{change}]]></ChangeType></xml>"
        )
        on_external_tag(parse_event(text.encode()), corp_id=line.id)

    tell("update")
    assert Tag.objects.get(wecom_id=tag["id"]).name == "新名"
    chain.act("admin_deletes_tag", id=tag["id"])
    tell("delete")
    tell("delete")
    assert Tag.objects.get(wecom_id=tag["id"]).deleted_at is not None
    assert checksums(ours(line.id)) == checksums(theirs(chain))
    assert said(line.id, "customers.tag_deleted") == ["customers.tag_deleted"]


def test_events_after_a_sync_are_known_already(line, chain):
    external = befriend(chain, 7777, "clerk3-1", "s3-1")
    customers.sync(corp_id=line.id)
    before = said(line.id)
    told = event("add_external_contact", "clerk3-1", external, created(chain, "clerk3-1", external), State="s3-1")
    on_external_contact(told, corp_id=line.id)
    assert said(line.id) == before
