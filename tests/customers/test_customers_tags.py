"""Tags made and marked at WeCom: intent, call, outcome."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job, Status

from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers import marking, operations
from linli.customers.handlers import on_external_contact, on_external_tag
from linli.customers.models import Follow, FollowTag, MarkIntent, Tag, TagIntent
from linli.customers.readings import from_detail, next_read_no
from linli.customers.retagging import known_tags
from linli.directory import api as directory
from linli.kit.clock import now
from linli.wecom.errors import OutcomeUnknown
from linli.wecom.events import Event, parse_event
from tests.connect.staged import befriend
from tests.customers.acting import created, event, ours, said, theirs
from tests.sandbox.stage import CORP


def jobs(line) -> int:
    """Marking jobs of this corp that wait (procrastinate's tables are not emptied between tests)."""
    waiting = ProcrastinateJob.objects.filter(task_name="customers.mark_tags", status="todo")
    return sum(job.args["corp_id"] == line.id for job in waiting)


@pytest.fixture
def follow(line, stage):
    directory.sync(corp_id=line.id)
    external = befriend(stage, 1, "clerk0-0")
    told = event("add_external_contact", "clerk0-0", external, created(stage, "clerk0-0", external))
    on_external_contact(told, corp_id=line.id)
    return Follow.objects.get()


def test_tags_are_made_once(line, stage):
    made = customers.ensure_tags(corp_id=line.id, group="渠道", names=["徐汇店", "静安店"])
    assert set(made) == {"徐汇店", "静安店"}
    calls = stage.control("counters")["api_calls"]["externalcontact/add_corp_tag"]
    assert customers.ensure_tags(corp_id=line.id, group="渠道", names=["静安店", "徐汇店"]) == made
    more = customers.ensure_tags(corp_id=line.id, group="渠道", names=["静安店", "浦东店"])
    assert more["静安店"] == made["静安店"]
    assert stage.control("counters")["api_calls"]["externalcontact/add_corp_tag"] == calls + 1
    assert ours(line.id)["tags"] == theirs(stage)["tags"]
    assert not TagIntent.objects.filter(settled_at=None).exists()


def test_tags_made_by_a_call_whose_answer_was_lost_are_looked_up(line, stage):
    """The tag is at WeCom, our row is not: the list is read before anything is made again."""
    stage.contact("add_corp_tag", {"group_name": "渠道", "tag": [{"name": "徐汇店"}]})
    customers.ensure_tags(corp_id=line.id, group="渠道", names=["徐汇店"])
    assert len(theirs(stage)["tags"]) == 1
    assert ours(line.id)["tags"] == theirs(stage)["tags"]


def test_marking_goes_out_after_the_commit_in_one_call(line, stage, follow):
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a", "b"])
    with transaction.atomic():
        customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
        customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["b"], tags["a"]])
        assert jobs(line) == 0
    assert jobs(line) == 1
    assert MarkIntent.objects.values("tag").distinct().count() == 2
    assert marking.mark_waiting(corp_id=line.id) == 1
    assert stage.control("counters")["api_calls"]["externalcontact/mark_tag"] == 1
    assert ours(line.id) == theirs(stage)
    assert len(ours(line.id)["follows"][0]["tags"]) == 2
    assert said(line.id)[-1] == "customers.tagged"


def test_rollback_asks_for_nothing(line, stage, follow):
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
        1 / 0  # noqa: B018
    assert not MarkIntent.objects.exists()
    assert jobs(line) == 0


def test_what_is_there_already_is_not_asked_again(line, stage, follow):
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    for _ in range(2):
        customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
        marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.count() == 1
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, remove_tag_ids=[tags["a"]])
    marking.mark_waiting(corp_id=line.id)
    assert not FollowTag.objects.exists()
    assert ours(line.id) == theirs(stage)


def test_ended_relation_is_refused_with_its_reason(line, stage, follow):
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
    stage.act("staff_deletes", userid="clerk0-0", external_userid=follow.customer.external_userid)
    marking.mark_waiting(corp_id=line.id)
    intent = MarkIntent.objects.get()
    assert (intent.state, intent.why) == ("refused", "84061")
    assert not FollowTag.objects.exists()
    assert "customers.tagged" not in said(line.id)


def test_reading_begun_before_our_mark_does_not_undo_it(line, stage, follow):
    from linli.connect import api as connect
    from linli.customers.operations import apply
    from linli.customers.readings import from_detail, next_read_no

    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    old_no = next_read_no()
    old = from_detail(connect.client(corp_id=line.id).customer(follow.customer.external_userid), old_no)
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
    marking.mark_waiting(corp_id=line.id)
    apply(corp_id=line.id, reads=[old])
    assert FollowTag.objects.count() == 1


def test_crash_after_the_call_is_made_good_by_the_sweep(line, stage, follow):
    """The call was made, the outcome never committed: the intent waits, the sweep starts the job, the call repeats."""
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    MarkIntent.objects.create(corp_id=line.id, follow=follow, tag_id=tags["a"], asked_at=now())
    assert jobs(line) == 0
    relation = marking._next(line.id)[0]
    from linli.connect import api as connect

    assert marking._call(connect.client(corp_id=line.id), relation) == ""
    assert marking.corps_with_waiting_marks() == [line.id]
    marking.start_marking(corp_id=line.id)
    marking.start_marking(corp_id=line.id)
    assert jobs(line) == 1
    marking.mark_waiting(corp_id=line.id)
    assert ours(line.id) == theirs(stage)


def test_a_marking_job_that_fails_while_another_waits_gives_way_to_it(line, stage, follow):
    """Found by faults: procrastinate could neither end nor queue it again, so it held up all marking of the corp."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    tags = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])
    stage.control(
        "faults", {"rules": [{"fault": "answer_lost", "paths": ["externalcontact/mark_tag"], "counts": [1, 1]}]}
    )
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tags["a"]])
    failing, error = fetched(), None
    try:
        marking.mark_waiting(corp_id=line.id)
    except OutcomeUnknown as unknown:
        error = unknown
    assert error is not None
    marking.start_marking(corp_id=line.id)
    assert jobs(line) == 1
    # The worker asks this question, and would put the job back into the queue where the other stands already.
    assert app.tasks["customers.mark_tags"].get_retry_exception(exception=error, job=failing) is None
    async_to_sync(app.job_manager.finish_job)(job=failing, status=Status.FAILED, delete_job=False)
    assert fetched().id != failing.id
    marking.mark_waiting(corp_id=line.id)
    assert ours(line.id)["follows"] == theirs(stage)["follows"]
    assert FollowTag.objects.filter(follow=follow).count() == 1


def fetched() -> Job:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
    job = async_to_sync(app.job_manager.fetch_job)(queues=None, worker_id=worker)
    assert job is not None
    return job


def test_a_mark_on_a_relation_that_ended_is_not_taken_for_one_on_its_successor(line, stage, follow):
    """The customer came back while the marking's outcome was on its way: the new relation has no tag, and is marked again."""
    tag = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])["a"]
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    external = follow.customer.external_userid
    stage.control("clock", {"advance": 60, "force": True})
    stage.act("staff_deletes", userid="clerk0-0", external_userid=external)
    stage.control("clock", {"advance": 60, "force": True})
    befriend(stage, 1, "clerk0-0")
    number = next_read_no()
    anew = from_detail(connect.client(corp_id=line.id).customer(external), number)
    MarkIntent.objects.update(state=MarkIntent.State.DONE, mark_no=next_read_no(), asked_at=follow.added_at)
    operations.apply(corp_id=line.id, reads=[anew])
    assert not FollowTag.objects.exists()
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    assert customers.marks_waiting(corp_id=line.id) == 1


@pytest.mark.parametrize("answer", ["", "84061", "relation has ended"])
def test_a_marking_that_began_before_the_relation_began_anew_leaves_what_was_asked_since(
    line, stage, follow, monkeypatch, answer
):
    """Found by chaos: the tag was asked for again while the old call was under way, and the call's end ended both."""
    tag = customers.ensure_tags(corp_id=line.id, group="渠道", names=["a"])["a"]
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    whole = marking._call

    def call(client, relation):
        monkeypatch.setattr(marking, "_call", whole)
        customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])  # ended, begun anew, asked again
        return answer

    monkeypatch.setattr(marking, "_call", call)
    marking.mark_waiting(corp_id=line.id)
    assert list(MarkIntent.objects.order_by("id").values_list("why", flat=True)) == [answer, ""]
    assert customers.marks_waiting(corp_id=line.id) == 0
    assert ours(line.id) == theirs(stage)
    assert FollowTag.objects.count() == 1


def deleted(tag_id: str) -> Event:
    return parse_event(
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>"
        f"<Event>change_external_tag</Event><Id>{tag_id}</Id><TagType>tag</TagType><ChangeType>delete</ChangeType></xml>".encode()
    )


def test_a_reading_that_began_before_a_tag_was_deleted_does_not_bring_it_back(line, stage, follow):
    """Found by chaos: the tag came back to the relation, and only the next reading took it off."""
    external = follow.customer.external_userid
    stage.act("admin_creates_tags", group_name="口味", names=["手冲"])
    customers.sync(corp_id=line.id)
    wecom_id = Tag.objects.get(name="手冲").wecom_id
    stage.act("staff_tags", userid="clerk0-0", external_userid=external, add=[wecom_id])
    number = next_read_no()
    old = from_detail(connect.client(corp_id=line.id).customer(external), number)
    stage.act("admin_deletes_tag", id=wecom_id)
    on_external_tag(deleted(wecom_id), corp_id=line.id)
    operations.apply(corp_id=line.id, reads=[old])
    assert not FollowTag.objects.exists()
    assert ours(line.id) == theirs(stage)


@pytest.mark.parametrize("how", ["told", "compared"])
def test_a_tag_that_no_list_showed_while_it_lived_goes_too(line, stage, follow, how):
    """It was met on a relation; before the list was read, it and its group were gone. A strategy group's tag stays."""
    stage.act("admin_creates_tags", group_name="等级", names=["金"])
    (tag,) = stage.control("state")["tags"]
    stage.act("staff_tags", userid="clerk0-0", external_userid=follow.customer.external_userid, add=[tag["id"]])
    edit = event("edit_external_contact", "clerk0-0", follow.customer.external_userid, created_at(follow) + 9)
    on_external_contact(edit, corp_id=line.id)
    known_tags(line.id, ["stSTRATEGY"], {"stSTRATEGY": ("规则组", "华东")})
    assert set(alive()) == {tag["id"], "stSTRATEGY"}
    stage.act("admin_deletes_tag", id=tag["id"])
    if how == "told":
        on_external_tag(deleted(tag["id"]), corp_id=line.id)
    else:
        customers.reconcile(corp_id=line.id)
    assert alive() == ["stSTRATEGY"]
    assert not FollowTag.objects.exists()


def alive() -> list[str]:
    return list(Tag.objects.filter(deleted_at=None).order_by("id").values_list("wecom_id", flat=True))


def created_at(follow: Follow) -> int:
    return int(follow.added_at.timestamp())
