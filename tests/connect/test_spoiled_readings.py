"""The same answers that no WeCom should give, for the other kinds of readings: unassigned, sends, codes, moments, days."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition.models import LiveCode, OtherCode, OtherLink
from linli.connect.models import CorpLine, SyncRun
from linli.customers import api as customers
from linli.customers.models import Customer, Follow
from linli.directory import api as directory
from linli.directory import days as staff_days
from linli.directory.models import Staff, StaffDay
from linli.groups import api as groups
from linli.groups import days as group_days
from linli.groups.models import OwnerDay
from linli.handover import api as handover
from linli.handover.models import CustomerMove, Reading, Unassigned
from linli.kit.clock import frozen
from linli.kit.errors import LinliError
from linli.messaging import api as messaging
from linli.messaging.models import Moment, MomentCopy, MomentReaction, Recipient, StaffTask
from linli.messaging.moments import reading as moments
from linli.wecom import errors
from tests.connect.spoiling import MB, SPOILS, Spoiler
from tests.connect.staged import SHOPS, befriend
from tests.connect.test_spoiled_answers import in_both_tongues
from tests.messaging.acting import Chain
from tests.messaging.test_moments import corp_moment

DAY = 86_400
CLERK, OTHER, LEAVER, SECOND = "clerk0-0", "clerk1-0", "clerk0-1", "clerk1-1"
WHOLE = ("an unknown field", "an unknown enumeration value", "a page that is short", "empty collections without one")
CIRCLE, ELSEWHERE = "a cursor that repeats", "ids from another corp"
NO_LISTS = "lists of another type"  # where the answer has none
CONTACT = "externalcontact/"


@dataclass(frozen=True)
class Kind:
    """A kind of reading: what makes its house, what reads it, and its calls, each with the spoils that are no trouble to it.

    `believed`: (call, spoil) of answers about that very thing which say less than there is; the next whole one mends it.
    """

    furnish: Callable[[Any, Any], None]
    reconcile: Callable[..., Any]
    calls: dict[str, tuple[str, ...]]
    believed: tuple[tuple[str, str], ...] = ()


def handing_over(line, stage) -> None:
    """Two customers without a clerk, a third, of another who left, on the way to the next clerk."""
    for n, clerk in enumerate((LEAVER, LEAVER, SECOND)):
        befriend(stage, n, clerk)
    customers.sync(corp_id=line.id)
    for clerk in (LEAVER, SECOND):
        stage.act("staff_leaves", userid=clerk)
    handover.reconcile(corp_id=line.id)
    giver, taker = (Staff.objects.get(userid=one).pk for one in (SECOND, CLERK))
    wish = handover.Wish(giver_id=giver, taker_ids=(taker,), groups_to="stay", split="even")
    key = handover.start(corp_id=line.id, wish=wish, author="周岚")
    handover.carry_out(corp_id=line.id, handover_id=key)
    handover.reconcile(corp_id=line.id)


def sending(line, stage) -> None:
    """A send that one clerk has confirmed and another has not."""
    for n in range(4):
        befriend(stage, n, CLERK if n % 2 else OTHER)
    customers.sync(corp_id=line.id)
    messaging.set_quiet_hours(
        corp_id=line.id, starts=time(0), ends=time(0), move=True, valid_from=date(2000, 1, 1), author="test"
    )
    chain = Chain(line.id, stage, [])
    chain.confirm(chain.tasks(chain.launched())[0])


def unread_again() -> None:
    """What a clean answer settled is open once more, so that every answer is met by an open task."""
    StaffTask.objects.update(state=StaffTask.State.CREATED, confirmed_at=None, settled_at=None)
    Recipient.objects.update(state=Recipient.State.TASKED)


def coding(line, stage) -> None:
    """Codes of our own, one of another program, and two links."""
    for number in range(2):
        stage.act("create_group", owner=f"clerk{number}-0", name=f"群{number}")
    groups.sync(corp_id=line.id)
    acquisition.ensure_shop_codes(corp_id=line.id)
    stage.way("poster", (CLERK,))
    link = {"link_name": "门店", "range": {"user_list": [CLERK]}}
    url = stage.contact("customer_acquisition/create_link", link)["link"]["url"]
    stage.act("admin_buys_quota", count=1)
    stage.act("opens_link", url=url, person={"unionid": "u-link", "name": "客"})
    acquisition.reconcile(corp_id=line.id)


def posting(line, stage) -> None:
    """A moment that one of two clerks published; a customer likes it."""
    fan = befriend(stage, 1, CLERK)
    befriend(stage, 2, CLERK)
    customers.sync(corp_id=line.id)
    moment_id = corp_moment(stage, senders=(CLERK, OTHER))
    stage.act("publish_moment", moment_id=moment_id, userid=CLERK)
    stage.act("like_moment", moment_id=moment_id, userid=CLERK, external_userid=fan)
    moments.reconcile(corp_id=line.id)


def counting(line, stage) -> None:
    """A day in which somebody wrote, in a chat and in a group."""
    external = befriend(stage, 1, CLERK)
    stage.act("customer_writes", userid=CLERK, external_userid=external)
    chat = stage.act("create_group", owner=CLERK, name="一群", members=[external])["chat_id"]
    stage.act("create_group", owner=OTHER, name="二群", members=[])
    stage.act("customer_writes", chat_id=chat, external_userid=external)
    stage.control("clock", {"advance": DAY, "force": True})
    groups.sync(corp_id=line.id)
    staff_days.reconcile(corp_id=line.id)
    group_days.reconcile(corp_id=line.id)


RESULT = CONTACT + "resigned/transfer_result"
REACTIONS = CONTACT + "get_moment_comments"
KINDS = {
    "handover": Kind(
        handing_over,
        handover.reconcile,
        {
            CONTACT + "get_follow_user_list": (*WHOLE[:3], CIRCLE),
            CONTACT + "get_unassigned_list": WHOLE[:3],
            RESULT: (*WHOLE, ELSEWHERE),
        },
        # Who is not in a list that came whole, and of whom WeCom says by their own id that nobody has them, is over.
        believed=((CONTACT + "get_unassigned_list", "a page that is short"),),
    ),
    "messaging": Kind(
        sending,
        messaging.reconcile,
        {
            CONTACT + "get_groupmsg_task": WHOLE,
            CONTACT + "get_groupmsg_send_result": WHOLE,
        },
    ),
    "acquisition": Kind(
        coding,
        acquisition.reconcile,
        {
            CONTACT + "get_contact_way": (*WHOLE, CIRCLE, NO_LISTS),
            # Codes that nobody here knows are asked for, and WeCom says that there are none.
            CONTACT + "list_contact_way": (*WHOLE, ELSEWHERE),
            CONTACT + "customer_acquisition/list_link": WHOLE,
            CONTACT + "customer_acquisition/get": (*WHOLE, CIRCLE, NO_LISTS, ELSEWHERE),
            CONTACT + "customer_acquisition/customer": (*WHOLE, ELSEWHERE),
        },
    ),
    "moments": Kind(
        posting,
        moments.reconcile,
        {
            # Moments that nobody here knows are asked for, and WeCom says that there are none.
            CONTACT + "get_moment_list": (*WHOLE, ELSEWHERE),
            CONTACT + "get_moment_task": WHOLE,
            CONTACT + "get_moment_customer_list": WHOLE,
            CONTACT + "get_moment_send_result": WHOLE,
            REACTIONS: (*WHOLE, CIRCLE, ELSEWHERE),
        },
        # The answer holds all reactions, and is about this very copy.
        believed=tuple((REACTIONS, name) for name in ("empty collections without one", ELSEWHERE)),
    ),
    "staff_days": Kind(
        counting, staff_days.reconcile, {CONTACT + "get_user_behavior_data": (*WHOLE, CIRCLE, ELSEWHERE)}
    ),
    "group_days": Kind(counting, group_days.reconcile, {CONTACT + "groupchat/statistic": WHOLE}),
}


def standing() -> dict[str, set[Any]]:
    """All that could be lost."""
    told = StaffDay.Told.FIGURES
    return {
        "staff": set(Staff.objects.exclude(status=Staff.Status.LEFT).values_list("userid", flat=True)),
        "customers": set(Customer.objects.values_list("external_userid", flat=True)),
        "follows": set(Follow.objects.filter(live=True).values_list("staff__userid", "customer__external_userid")),
        "able": {one for row in Reading.objects.all() for one in row.able[:1]},
        "unassigned": set(Unassigned.objects.filter(gone_at=None).values_list("staff__userid", "external_userid")),
        "moves": set(CustomerMove.objects.values_list("external_userid", "state")),
        "receivers": set(Recipient.objects.values_list("customer_id", flat=True)),
        "codes": set(LiveCode.objects.filter(step="made").values_list("config_id", "state", "problem")),
        "other codes": set(OtherCode.objects.filter(gone_at=None).values_list("config_id", "state")),
        "links": set(OtherLink.objects.filter(gone_at=None).values_list("link_id", "name")),
        "moments": set(Moment.objects.filter(gone_at=None).values_list("moment_id", "text")),
        "copies": set(MomentCopy.objects.exclude(published_by=None).values_list("moment__moment_id", "staff__userid")),
        "reactions": set(MomentReaction.objects.values_list("kind", "external_userid")),
        "days": set(StaffDay.objects.filter(told=told).values_list("staff__userid", "day", "chats", "messages")),
        "owners' days": set(
            OwnerDay.objects.filter(told=told).values_list("staff__userid", "day", "groups", "messages")
        ),
    }


def lost(before: dict[str, set[Any]]) -> dict[str, set[Any]]:
    after = standing()
    return {key: held - after[key] for key, held in before.items() if held - after[key]}


def half_written() -> list[str]:
    """A task's receivers are all as they were, or all as after its confirmation; of whom nothing is told yet is open."""
    found = []
    for task in StaffTask.objects.all():
        states = set(Recipient.objects.filter(task_id=task.pk).values_list("state", flat=True))
        if "tasked" in states and len(states) > 1:
            found.append(f"task {task.pk}: {states}")
    return found


@pytest.fixture
def clock(stage):
    """Ours stands two days after the sandbox's noon: whatever its scenes do, their days are over."""
    start = int(stage.control("clock")["now"] + 8 * 3600) // DAY * DAY - 8 * 3600 + DAY + DAY // 2
    stage.control("clock", {"to": start})
    with frozen(datetime.fromtimestamp(start, UTC)) as ours:
        yield ours


@pytest.fixture
def spoiler(line, stage):
    one = Spoiler(stage.hosted.url)
    CorpLine.objects.filter(corp_id=line.id).update(base_url=one.hosted.url)
    yield one
    one.stop()


@pytest.mark.parametrize("name", KINDS)
def test_a_spoiled_answer_loses_nothing_and_is_told_of_in_both_tongues(line, stage, spoiler, clock, monkeypatch, name):
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.0)
    monkeypatch.setattr("linli.wecom.exchange.LARGEST", 4 * MB)
    kind = KINDS[name]
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    if name.endswith("_days"):
        clock.forward(days=1)  # the sandbox follows when its scene is over
    kind.furnish(line, stage)
    before, wrong = standing(), []
    for api, harmless in kind.calls.items():
        for spoil in SPOILS:
            SyncRun.objects.all().delete()  # each begins anew, whatever place the one before kept
            unread_again()
            clock.forward(seconds=1)
            spoiler.api, spoiler.spoil, spoiler.spoiled = api, spoil, 0
            with contextlib.suppress(LinliError, errors.WecomError):
                kind.reconcile(corp_id=line.id)
            spoiler.spoil, case = "", f"{api}: {spoil}"
            run = SyncRun.objects.latest("id")
            if not spoiler.spoiled:
                wrong.append(f"{case}: the call was not made")
            if (api, spoil) in kind.believed:
                kind.reconcile(corp_id=line.id)
                before = standing() if spoil == "a page that is short" else before
            strange = [one for key in ("staff", "customers", "codes") for one in standing()[key] if "zz" in str(one)]
            if missing := lost(before) or strange or half_written():
                wrong.append(f"{case}: lost or taken in: {missing}")
            if run.state == "running" or (run.state == "done" and spoil not in harmless):
                wrong.append(f"{case}: the run is {run.state}")
            if run.state in {"failed", "partial"}:
                zh, en = in_both_tongues(run.pk)
                if not any("一" <= letter <= "鿿" for letter in zh) or any("一" <= letter <= "鿿" for letter in en):
                    wrong.append(f"{case}: said {zh!r} and {en!r}")
    assert not wrong, "\n".join(wrong)
    SyncRun.objects.all().delete()
    assert kind.reconcile(corp_id=line.id).unread == ()
    assert lost(before) == {}
