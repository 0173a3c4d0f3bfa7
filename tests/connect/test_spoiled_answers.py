"""Answers that no WeCom should give: each has a clear outcome in both tongues, nothing is gone and nothing half written."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import override

from linli.connect import api as connect
from linli.connect.models import CorpLine, SyncRun
from linli.customers import api as customers
from linli.customers.models import Customer, Follow, Tag
from linli.directory import api as directory
from linli.directory.models import Department, Staff
from linli.groups import api as groups
from linli.groups.models import GroupChat, Member
from linli.kit.errors import LinliError
from linli.wecom import errors
from linli.wecom.client import Client
from linli.wecom.message_calls import ChatType, MassMessageSpec
from tests.connect.spoiling import MB, SPOILS, Spoiler
from tests.connect.staged import befriend

# What each room reads, call by call.
READINGS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "directory": (directory.reconcile, ("department/list", "user/list")),
    "customers": (
        customers.reconcile,
        (
            "externalcontact/get_follow_user_list", "externalcontact/batch/get_by_user", "externalcontact/get_corp_tag_list",
            "externalcontact/get",
        ),
    ),
    "groups": (groups.reconcile, ("externalcontact/groupchat/list", "externalcontact/groupchat/get")),
}  # fmt: skip
# What is no trouble: the answer is whole, or says less than there is.
HARMLESS = {"an unknown field", "an unknown enumeration value", "a page that is short", "empty collections without one"}


PAGED = {"externalcontact/batch/get_by_user", "externalcontact/groupchat/list", "externalcontact/get"}
# Ids that nobody here knows are asked for, and WeCom says that there are no such groups; departments and tags carry no such ids.
STRANGERS = {"externalcontact/groupchat/list", "department/list", "externalcontact/get_corp_tag_list"}
# Nobody can tell that fewer members are shown than there are, and it is an answer about this very group.
BELIEVED = ("externalcontact/groupchat/get", "a page that is short")


def harmless(api: str, name: str) -> bool:
    return (
        name in HARMLESS
        or (name == "a cursor that repeats" and api not in PAGED)
        or (name == "ids from another corp" and api in STRANGERS)
    )


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch):
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.0)


@pytest.fixture
def spoiler(line, stage):
    one = Spoiler(stage.hosted.url)
    CorpLine.objects.filter(corp_id=line.id).update(base_url=one.hosted.url)
    yield one
    one.stop()


@pytest.fixture
def house(line, stage, spoiler):
    """Everything read once: staff, friends with tags, groups with members."""
    directory.sync(corp_id=line.id)
    friends = [befriend(stage, n, f"clerk{n % 2}-0") for n in range(4)]
    stage.contact("add_corp_tag", {"group_name": "口味", "tag": [{"name": "手冲"}, {"name": "拿铁"}]})
    stage.act("create_group", owner="clerk0-0", name="一群", members=[friends[0]])
    stage.act("create_group", owner="clerk1-0", name="二群", members=[friends[1]])
    customers.sync(corp_id=line.id)
    groups.sync(corp_id=line.id)
    return line


def standing() -> dict[str, set[Any]]:
    """All that could be lost."""
    return {
        "departments": set(Department.objects.filter(gone_at=None).values_list("wecom_id", flat=True)),
        "staff": set(Staff.objects.exclude(status=Staff.Status.LEFT).values_list("userid", flat=True)),
        "customers": set(Customer.objects.values_list("external_userid", flat=True)),
        "follows": set(Follow.objects.filter(live=True).values_list("staff__userid", "customer__external_userid")),
        "tags": set(Tag.objects.filter(deleted_at=None).values_list("name", flat=True)),
        "groups": set(GroupChat.objects.filter(dismissed_at=None).values_list("chat_id", "name")),
        "members": set(Member.objects.filter(left_at=None).values_list("group__chat_id", "member_id")),
    }


def in_both_tongues(run_id: int) -> tuple[str, str]:
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            runs = connect.latest_runs(corp_id=SyncRun.objects.get(id=run_id).corp_id, limit=1)
            found.append("\n".join(one["why"] for one in runs[0].missing))
    return found[0], found[1]


@pytest.mark.parametrize("room", READINGS)
def test_a_spoiled_answer_loses_nothing_and_is_told_of_in_both_tongues(house, stage, spoiler, room, monkeypatch):
    monkeypatch.setattr("linli.wecom.exchange.LARGEST", 4 * MB)  # the real one is tried below
    reconcile, calls = READINGS[room]
    before, wrong = standing(), []
    for api in calls:
        for name in SPOILS:
            spoiler.api, spoiler.spoil, spoiler.spoiled = api, name, 0
            last = SyncRun.objects.order_by("-id").values_list("id", flat=True).first()
            with contextlib.suppress(LinliError, errors.WecomError):
                reconcile(corp_id=house.id)
            spoiler.spoil = ""
            run = SyncRun.objects.filter(id__gt=last).latest("id")
            lost = {key: held - standing()[key] for key, held in before.items() if held - standing()[key]}
            strange = [one for one in standing()["staff"] | standing()["customers"] if one.startswith("zz")]
            case = f"{api}: {name}"
            if (api, name) == BELIEVED:
                assert lost.keys() == {"members"}
                reconcile(corp_id=house.id)  # the next whole answer brings them back
                continue
            if lost or strange:
                wrong.append(f"{case}: lost {lost}, took in {strange}")
            if run.state == "running" or (run.state == "done" and not harmless(api, name) and spoiler.spoiled):
                wrong.append(f"{case}: the run is {run.state}")
            if run.state in {"failed", "partial"}:
                zh, en = in_both_tongues(run.pk)
                if not any("一" <= letter <= "鿿" for letter in zh) or any("一" <= letter <= "鿿" for letter in en):
                    wrong.append(f"{case}: said {zh!r} and {en!r}")
    assert not wrong, "\n".join(wrong)
    SyncRun.objects.all().delete()
    found = reconcile(corp_id=house.id)
    assert found.unread == ()
    assert {key: held - standing()[key] for key, held in before.items()} == {key: set() for key in before}


EXPECTED = {
    "not JSON": errors.NoAnswer, "half JSON": errors.NoAnswer, "nothing": errors.NoAnswer, "no object": errors.NoAnswer,
    "no errcode": errors.NoAnswer, "nested without end": errors.NoAnswer, "HTTP 502": errors.NoAnswer,
    "HTTP 302": errors.BadAnswer, "empty collections with an error": errors.ApiError,
    "busy (-1)": errors.RateLimited, "lists of another type": errors.BadAnswer, "50 MB": errors.BadAnswer, "a cursor that repeats": errors.BadAnswer,
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILS)
def test_the_client_gives_each_its_error_or_the_whole_answer(house, spoiler, name):
    client: Client = connect.client(corp_id=house.id)
    spoiler.api, spoiler.spoil = "externalcontact/groupchat/list", name
    kind = EXPECTED.get(name)
    if kind is None:
        assert all(one.chat_id for one in client.group_chats(["clerk0-0"]))
        return
    with pytest.raises(kind) as caught:
        list(client.group_chats(["clerk0-0"]))
    words = connect.explain_error(caught.value)
    assert any("一" <= letter <= "鿿" for letter in words.zh)
    assert not any("一" <= letter <= "鿿" for letter in words.en)
    again = kind in {errors.NoAnswer, errors.RateLimited}
    assert spoiler.spoiled == (5 if again else 2 if name == "a cursor that repeats" else 1)


SURE = {"empty collections with an error": errors.ApiError, "HTTP 302": errors.BadAnswer}
DONE = {"empty collections without one", "a cursor that repeats", "a page that is short", "lists of another type",
        "an unknown field", "an unknown enumeration value", "ids from another corp"}  # fmt: skip


@pytest.mark.parametrize("name", SPOILS)
def test_a_call_that_changes_something_is_made_once_whatever_comes_back(house, stage, spoiler, name):
    client: Client = connect.client(corp_id=house.id)
    spec = MassMessageSpec(chat_type=ChatType.SINGLE, sender="clerk0-0", text="上新")
    spoiler.api, spoiler.spoil = "externalcontact/add_msg_template", name
    if name in DONE:
        assert client.add_mass_message(spec).msgid
    else:
        with pytest.raises(SURE.get(name, errors.OutcomeUnknown)):
            client.add_mass_message(spec)
    assert spoiler.spoiled == 1
    assert len(stage.sandbox.world.corps["ww0123456789abcdef"].mass_tasks) == 1
