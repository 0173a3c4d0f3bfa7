"""Moments: jobs that run and end, clerks who publish or do not, customers who react (wire.md C.9)."""

from dataclasses import replace

import pytest

from linli.wecom.errors import (
    MissingArgument,
    OutcomeUnknown,
    StillDispatching,
    TaskCancelled,
)  # fmt: skip
from linli.wecom.media_calls import MediaKind
from linli.wecom.moment_calls import (
    CORP,
    PERSONAL,
    Location,
    MomentCustomer,
    MomentJobStatus,
    MomentLink,
    MomentSpec,
    MomentTask,
    Reaction,
    Reactions,
)  # fmt: skip
from linli.wecom.tag_calls import NewTag
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.exchange.samples import mp4, picture, png
from tests.sandbox.stage import CORP as CORP_ID
from tests.sandbox.stage import SECRET, SEED, Stage
from wecom_sandbox.server import Options

DAY = 86_400
TEXT = MomentSpec(text="夏日上新")
STAFF = ["zhangsan", "lisi", "wangwu"]


def now(stage):
    return int(stage.control("clock")["now"])


def make(client, spec=TEXT):
    job = client.moment_job(client.add_moment(spec))
    assert (job.status, job.errcode) == (MomentJobStatus.DONE, 0)
    return job.moment_id


def around(stage):
    return now(stage) - DAY, now(stage) + DAY


def friends(stage, count, staff="zhangsan"):
    stage.way(f"door-{staff}", (staff,))
    return [stage.befriend(number, f"door-{staff}") for number in range(count)]


def test_a_moment_is_made_published_seen_and_liked(client, stage):
    first, second = friends(stage, 2)
    moment_id = make(client)
    assert [one.published for one in client.moment_tasks(moment_id)] == [False] * 3
    assert stage.control("moments")["moments"][0]["userid"] == "zhangsan"
    stage.act("customer_deletes", userid="zhangsan", external_userid=second)
    third = stage.befriend(3, "door-zhangsan")
    assert stage.act("publish_moment", moment_id=moment_id, userid="zhangsan") == {"ok": True, "chosen": 2, "seen": 2}
    assert list(client.moment_tasks(moment_id)) == [
        MomentTask("zhangsan", True), MomentTask("lisi", False), MomentTask("wangwu", False),
    ]  # fmt: skip
    assert list(client.moment_customers(moment_id, "zhangsan")) == [
        MomentCustomer("zhangsan", first), MomentCustomer("zhangsan", third),
    ]  # fmt: skip
    assert list(client.moment_results(moment_id, "zhangsan")) == [first, third]
    assert client.moment_reactions(moment_id, "zhangsan") == Reactions((), ())
    stage.act("like_moment", moment_id=moment_id, userid="zhangsan", external_userid=first)
    stage.act("like_moment", moment_id=moment_id, userid="zhangsan", by="lisi")
    stage.act("comment_moment", moment_id=moment_id, userid="zhangsan", external_userid=third, says="多少钱？")
    reactions = client.moment_reactions(moment_id, "zhangsan")
    (comment,) = reactions.comments
    assert [(one.external_userid, one.userid) for one in reactions.likes] == [(first, None), (None, "lisi")]
    assert comment == Reaction(third, None, comment.created_at)
    assert abs(comment.created_at - now(stage)) < 5
    stage.act("like_moment", moment_id=moment_id, userid="zhangsan", by="lisi")
    assert len(client.moment_reactions(moment_id, "zhangsan").likes) == 1
    (seen,) = stage.control(f"inbox/{first}")["messages"]
    assert (seen["kind"], seen["text"], seen["msgid"]) == ("moment", {"content": "夏日上新"}, moment_id)


def test_none_of_it_fires_a_callback(client, stage):
    external, *_ = friends(stage, 1)
    made = stage.control("counters")["kinds"]
    moment_id = make(client)
    stage.act("publish_moment", moment_id=moment_id, userid="zhangsan")
    stage.act("like_moment", moment_id=moment_id, userid="zhangsan", external_userid=external)
    assert stage.control("counters")["kinds"] == made


def test_a_job_starts_runs_and_ends(client, stage):
    stage.control("tunables", {"moment_job_s": 1000, "dispatch_s": 1000})
    jobid = client.add_moment(replace(TEXT, senders=("zhangsan", "nobody"), departments=(3, 99), tags=("etx",)))
    seen = []
    for _ in range(3):
        job = client.moment_job(jobid)
        seen.append(job.status)
        assert (job.moment_id, job.invalid_users) == (None, ()) or job.status is MomentJobStatus.DONE
        assert list(client.moments(*around(stage))) == []
        stage.control("clock", {"advance": 501})
    assert seen == list(MomentJobStatus)
    # Every tag was unknown, so that it would have shown to everybody.
    assert (job.errcode, job.moment_id, job.invalid_tags) == (40068, None, ("etx",))
    assert (job.invalid_users, job.invalid_departments) == (("nobody",), (99,))
    jobid = client.add_moment(TEXT)
    stage.control("clock", {"advance": 1001})
    moment_id = client.moment_job(jobid).moment_id
    with pytest.raises(StillDispatching) as caught:
        list(client.moment_tasks(moment_id))
    assert caught.value.code == 41079
    stage.control("clock", {"advance": 1001})
    assert len(list(client.moment_tasks(moment_id))) == 3
    stage.control("clock", {"advance": DAY})
    for unknown in (jobid, "job"):
        with refused(40058):
            client.moment_job(unknown)


def test_who_publishes_is_named_or_in_a_department_or_everybody(client):
    for spec, senders in [
        (TEXT, STAFF),
        (replace(TEXT, senders=("lisi", "lisi", "nobody")), ["lisi"]),
        (replace(TEXT, departments=(2,)), STAFF),
        (replace(TEXT, senders=("wangwu",), departments=(3,)), ["wangwu", "zhangsan", "lisi"]),
    ]:
        assert [one.userid for one in client.moment_tasks(make(client, spec))] == senders
    job = client.moment_job(client.add_moment(replace(TEXT, senders=("nobody",))))
    assert (job.errcode, job.moment_id, job.invalid_users) == (40031, None, ("nobody",))


def test_who_may_see_it_is_tagged_and_chosen_and_within_the_day(client, stage):
    gold, silver, plain = friends(stage, 3)
    tags = client.add_corp_tags([NewTag("金"), NewTag("银"), NewTag("旧")], group_name="会员").tags
    client.mark_tag("zhangsan", gold, add=[tags[0].id])
    client.mark_tag("zhangsan", silver, add=[tags[1].id])
    client.del_corp_tags(tag_ids=[tags[2].id])
    jobid = client.add_moment(replace(TEXT, tags=tuple(tag.id for tag in tags)))
    job = client.moment_job(jobid)
    assert job.invalid_tags == (tags[2].id,)
    stage.act("publish_moment", moment_id=job.moment_id, userid="zhangsan")
    assert list(client.moment_results(job.moment_id, "zhangsan")) == [gold, silver]
    chosen = make(client)
    stage.act("publish_moment", moment_id=chosen, userid="zhangsan", external_userids=["wmx"], status=409)
    stage.act("publish_moment", moment_id=chosen, userid="zhangsan", external_userids=[gold, plain])
    assert [one.external_userid for one in client.moment_customers(chosen, "zhangsan")] == [gold, plain]
    stage.control("tunables", {"moments_a_customer_a_day": 2})
    third = make(client)
    stage.act("publish_moment", moment_id=third, userid="zhangsan")
    assert len(list(client.moment_customers(third, "zhangsan"))) == 3
    assert list(client.moment_results(third, "zhangsan")) == [silver, plain]
    stage.control("clock", {"advance": DAY, "force": True})
    fourth = make(client)
    stage.act("publish_moment", moment_id=fourth, userid="zhangsan")
    assert list(client.moment_results(fourth, "zhangsan")) == [gold, silver, plain]


def test_who_has_deleted_the_clerk_is_chosen_but_sees_nothing(client, stage):
    stage.control("tunables", {"one_way_after_customer_deletes": True})
    stays, goes = friends(stage, 2)
    stage.act("customer_deletes", userid="zhangsan", external_userid=goes)
    moment_id = make(client)
    stage.act("publish_moment", moment_id=moment_id, userid="zhangsan")
    assert [one.external_userid for one in client.moment_customers(moment_id, "zhangsan")] == [stays, goes]
    assert list(client.moment_results(moment_id, "zhangsan")) == [stays]


def test_what_is_cancelled_stays_unpublished(client, stage):
    moment_id = make(client)
    stage.act("publish_moment", moment_id=moment_id, userid="lisi")
    client.cancel_moment(moment_id)
    stage.act("publish_moment", moment_id=moment_id, userid="zhangsan", status=409)
    assert [one.published for one in client.moment_tasks(moment_id)] == [False, True, False]
    assert stage.control("moments")["moments"] == []
    assert len(stage.control("moments?status=all")["moments"]) == 3
    stage.control("moments?status=x", status=400)
    with pytest.raises(TaskCancelled):
        client.cancel_moment(moment_id)


def test_the_list_shows_what_the_corp_and_its_members_made(client, stage):
    start, end = around(stage)
    images = tuple(picture(client) for _ in range(9))
    specs = [
        replace(TEXT, images=images),
        MomentSpec(video=picture(client, MediaKind.VIDEO, mp4(30)), tags=(tag_of(client),)),
        MomentSpec(link=MomentLink(title="商城", url="https://shop.example", media_id=picture(client))),
    ]
    ids = [make(client, spec) for spec in specs]
    place = {"latitude": "23.10647", "longitude": "113.32446", "name": "广州塔"}
    own = stage.act("post_moment", userid="lisi", text="今天开门", location=place)["moment_id"]
    pictures, film, link, personal = client.moments(start, end)
    assert [one.moment_id for one in (pictures, film, link, personal)] == [*ids, own]
    assert [(one.creator, one.create_type, one.public) for one in (pictures, film, personal)] == [
        (None, 0, True), (None, 0, False), ("lisi", 1, True),
    ]  # fmt: skip
    assert (pictures.text, len(pictures.images), film.text) == ("夏日上新", 9, "")
    assert link.link == MomentLink(title="商城", url="https://shop.example")
    assert personal.location == Location("23.10647", "113.32446", "广州塔")
    # What the list names can still be fetched when the uploads have ended.
    stage.control("clock", {"advance": 4 * DAY})
    assert client.get_media(pictures.images[0]).data == png()
    assert client.get_media(film.video.media_id).data == mp4(30)
    assert client.get_media(film.video.thumb_media_id).content_type == "image/png"
    for wish, found in [
        ({"filter_type": CORP}, ids), ({"filter_type": PERSONAL}, [own]), ({"creator": "lisi"}, [own]),
        ({"creator": "zhangsan"}, []),
    ]:  # fmt: skip
        assert [one.moment_id for one in client.moments(start, end, **wish)] == found
    stage.act("delete_moment", moment_id=own)
    assert [one.moment_id for one in client.moments(start, end, limit=2)] == ids
    at = link.created_at
    assert list(client.moments(at, at + DAY)) == []
    assert list(client.moments(start, at - 60)) == []


def tag_of(client):
    return client.add_corp_tags([NewTag("会员")], group_name="等级").tags[0].id


def test_lists_come_in_pages(client, stage):
    audience = friends(stage, 5)
    ids = [make(client) for _ in range(5)]
    assert [one.moment_id for one in client.moments(*around(stage), limit=2)] == ids
    stage.act("publish_moment", moment_id=ids[0], userid="zhangsan")
    assert [one.userid for one in client.moment_tasks(ids[0], limit=1)] == STAFF
    assert [one.external_userid for one in client.moment_customers(ids[0], "zhangsan", limit=2)] == audience
    assert list(client.moment_results(ids[0], "zhangsan", limit=2)) == audience
    # Above the most a page falls back to the default (wire.md 0.2).
    start, end = around(stage)
    body = {"start_time": start, "end_time": end, "limit": 999}
    assert len(stage.contact("get_moment_list", body)["moment_list"]) == 5
    stage.contact("get_moment_list", {**body, "cursor": "x"}, code=50100)


def test_what_cannot_be_asked(client, stage):
    moment_id = make(client, replace(TEXT, senders=("zhangsan",)))
    own = stage.act("post_moment", userid="lisi", text="t")["moment_id"]
    reads = [client.moment_customers, client.moment_results, client.moment_reactions]
    for code, moment, userid in [
        (41060, "mom", "zhangsan"),
        (41061, moment_id, "lisi"),
        (41062, moment_id, "zhangsan"),
    ]:
        for read in reads:
            with refused(code):
                list(read(moment, userid)) if read != client.moment_reactions else read(moment, userid)
    for call in (lambda m: list(client.moment_tasks(m)), client.cancel_moment):
        for code, moment in [(41060, "mom"), (41067, own)]:
            with refused(code):
                call(moment)
    for path in ("get_moment_task", "cancel_moment_task", "get_moment_comments", "get_moment_send_result"):
        stage.contact(path, {}, code=41059)
    start, end = around(stage)
    with refused(40058):
        list(client.moments(end, start))
    with refused(40058):
        list(client.moments(start, end, filter_type=3))
    with pytest.raises(MissingArgument):
        client.cancel_moment("")


def test_people_cannot_do_everything_either(client, stage):
    (external,) = friends(stage, 1)
    moment_id = make(client, replace(TEXT, senders=("zhangsan",)))
    wish = {"moment_id": moment_id, "userid": "zhangsan"}
    stage.act("like_moment", **wish, external_userid=external, status=409)
    stage.act("publish_moment", moment_id="mom", userid="zhangsan", status=404)
    stage.act("publish_moment", moment_id=moment_id, userid="lisi", status=404)
    stage.act("publish_moment", **wish)
    stage.act("publish_moment", **wish, status=409)
    stranger = stage.act("scan", state="door-zhangsan", person={"unionid": "late", "name": "晚"})["external_userid"]
    stage.act("like_moment", **wish, external_userid=stranger, status=409)
    stage.act("comment_moment", **wish, external_userid=external, status=400)


def test_a_lost_answer_is_looked_up_by_the_text(client, stage):
    client.corp_tags()  # the token is there
    stage.control("faults", {"answer_lost": 1.0})
    with pytest.raises(OutcomeUnknown):
        client.add_moment(TEXT)
    stage.control("faults", {"seed": 1})
    (found,) = client.moments(*around(stage), filter_type=CORP)
    assert found.text == TEXT.text


def test_moments_live_over_a_restart(tmp_path):
    options = Options(state_file=tmp_path / "world.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    client = client_of(stage, SECRET)
    (external,) = friends(stage, 1)
    jobid = client.add_moment(replace(TEXT, images=(picture(client),)))
    moment_id = client.moment_job(jobid).moment_id
    stage.act("publish_moment", moment_id=moment_id, userid="zhangsan")
    stage.act("like_moment", moment_id=moment_id, userid="zhangsan", external_userid=external)

    def look(client):
        return (
            client.moment_job(jobid), list(client.moment_tasks(moment_id)), list(client.moments(*around(stage))),
            list(client.moment_results(moment_id, "zhangsan")), client.moment_reactions(moment_id, "zhangsan"),
        )  # fmt: skip

    before = look(client)
    (message,) = stage.control(f"inbox/{external}")["messages"]
    stage.stop()
    stage = Stage(options)
    assert look(client_of(stage, SECRET)) == before
    path = message["attachments"][0]["image"]["pic_url"].split("/", 3)[3]
    assert stage.http.get(f"/{path}").content == png()
    assert stage.control(f"state?corp_id={CORP_ID}")
    stage.control("tunables", {"moments_a_customer_a_day": 1})
    again = make(client_of(stage, SECRET))
    assert stage.act("publish_moment", moment_id=again, userid="zhangsan")["seen"] == 0
    stage.stop()
