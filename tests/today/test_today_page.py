"""The morning page: it counts what waits, says so when nothing does, and shows a story that is running."""

import pytest

from linli.commerce.models import ImportRun
from linli.connect.models import SyncRun
from linli.customers.models import IdentityConflict
from linli.groups.models import JoinWay, JoinWayChat, Member
from linli.insights import api as insights
from linli.ledger.models import InboxRow, Parked
from tests.insights.world import at

pytestmark = pytest.mark.django_db


def text_of(console, address="/"):
    answer = console.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_house_leads_to_the_connection(console, corp):
    text = text_of(console)
    assert "今天没有事等你" in text
    assert 'href="/connection/"' in text


def everything_waits(world):
    corp_id = world.corp_id
    world.task(world.send("唤醒沉睡客", tasked=at(-1)), size=326)
    world.send("会员日", state="planned")
    SyncRun.objects.create(
        corp_id=corp_id, kind="customers", state="failed", started_at=at(-1), missing=[{"what": "a"}]
    )
    SyncRun.objects.create(corp_id=corp_id, kind="groups", state="failed", started_at=at(-2))
    SyncRun.objects.create(corp_id=corp_id, kind="groups", state="done", started_at=at(-1))
    ImportRun.objects.create(
        corp_id=corp_id, source="mall", file_name="11月.csv", state="done", problem_count=3, created_at=at(-1)
    )
    InboxRow.objects.create(
        corp_id=corp_id,
        payload_hash=b"1",
        kind="x",
        object_key="x",
        payload=b"",
        event_at=at(-1),
        received_at=at(-1),
        state=2,
    )
    Parked.objects.create(
        corp_id=corp_id, inbox_id=1, kind="x", subject="x", state=Parked.State.PARKED, noted_at=at(-1), parked_at=at(-1)
    )
    Member.objects.bulk_create(
        Member(corp_id=corp_id, group=world.group, member_id=f"m{n}", kind=2, joined_at=at(-5)) for n in range(181)
    )
    holder, claimant = world.customer(), world.customer()
    IdentityConflict.objects.create(
        corp_id=corp_id, kind="phone", value="1", holder=holder, claimant=claimant, seen_at=at(-1)
    )
    world.code.paused_at = at(-1)
    world.code.save()


def test_what_waits_is_counted_and_ordered(console, world):
    everything_waits(world)
    kinds = [one.kind for one in insights.waiting(corp_id=world.corp_id)]
    assert kinds == ["parked", "sync_failed", "group_full", "tasks", "approval", "import", "conflicts", "codes_paused"]
    text = text_of(console)
    assert "今天有 8 件事等你" in text
    assert "“唤醒沉睡客”还有 1 个任务没确认，涉及 326 人" in text
    assert "最近一次同步客户失败了" in text
    assert "“11月.csv”有 3 行没导进来" in text
    assert "“徐汇日月光店福利群”已有 181 人，没有下一个群" in text


def test_settled_things_wait_no_more(console, world):
    everything_waits(world)
    IdentityConflict.objects.update(settled_at=at(0))
    way = JoinWay.objects.create(
        corp_id=world.corp_id, shop=world.shop, state="g1", room_base_name="群", created_at=at(-9)
    )
    JoinWayChat.objects.create(corp_id=world.corp_id, join_way=way, chat_id=world.group.chat_id, position=0)
    world.code.closed_at = at(0)
    world.code.save()
    kinds = {one.kind for one in insights.waiting(corp_id=world.corp_id)}
    assert kinds == {"parked", "sync_failed", "tasks", "approval", "import"}


def test_another_corps_troubles_are_not_mine(console, world, other_world):
    everything_waits(other_world)
    assert insights.waiting(corp_id=world.corp_id) == []
    assert "今天没有事等你" in text_of(console)


def test_yesterdays_figures_are_yesterdays(console, world):
    for when in (at(-1), at(-1), at(0, 8), at(-2)):
        one = world.scanned(when)
        world.order(one, when, "10")
    world.order(None, at(-1), "60")
    text = text_of(console)
    assert "80.00 GBP" in text
    assert "25.0%" in text
    assert "数据截至 09:30:00" in text


def test_more_rows_are_no_more_queries(console, world, django_assert_max_num_queries):
    everything_waits(world)
    for n in range(10):
        send = world.send(f"第{n}次", tasked=at(-1))
        for _ in range(3):
            world.recipient(send, world.customer(), "sent")
        world.task(send)
    console.get("/")
    with django_assert_max_num_queries(24):
        text_of(console)


def test_a_running_story_is_shown_until_it_is_told(console, world):
    assert "故事" not in text_of(console)
    insights.note_story(corp_id=None, key="prepare", done=1, total=1)
    insights.note_story(corp_id=world.corp_id, key="year", done=40, total=365, note="2011-01-10")
    text = text_of(console)
    assert "故事正在进行" in text
    assert "一年过去" in text
    assert "40 / 365 2011-01-10" in text
    assert 'hx-get="/story"' in text_of(console, "/story")
    insights.note_story(corp_id=world.corp_id, key="year", done=365, total=365)
    told = text_of(console, "/story")
    assert "故事讲完了" in told
    assert "hx-get" not in told
    assert "故事" not in text_of(console)


def test_english(console, world):
    console.cookies["django_language"] = "en"
    everything_waits(world)
    text = text_of(console)
    assert "8 things wait for you today" in text


def test_nobody_enters_unsigned(client, world):
    assert client.get("/").status_code == 302
    assert client.get("/story").status_code == 302
