"""Moments: no callback tells of any, so everything is found by listing and asking, and nothing is gone unasked."""

import pytest

from linli.customers import api as customers
from linli.messaging.models import Moment, MomentCopy, MomentReaction, MomentViewer
from linli.messaging.moments import reading as moments
from linli.wecom.client import Client
from linli.wecom.errors import ApiError
from tests.connect.dropping import calls, facts, last_fact

KEEPER = "clerk0-0"


def corp_moment(stage, text="夏日上新", senders=(KEEPER, "clerk1-1")):
    visible = {"sender_list": {"user_list": list(senders)}}
    jobid = stage.contact("add_moment_task", {"text": {"content": text}, "visible_range": visible})["jobid"]
    moment_id: str = stage.get("externalcontact/get_moment_task_result", jobid=jobid)["result"]["moment_id"]
    return moment_id


def friends_of(stage, userid):
    return stage.get("externalcontact/list", userid=userid)["external_userid"]


def test_who_published_who_sees_it_and_who_reacted_is_found_with_its_cause(chain, stage):
    corp = chain.corp_id
    moments.reconcile(corp_id=corp)  # the first reading, of nothing
    moment_id = corp_moment(stage)
    stage.act("publish_moment", moment_id=moment_id, userid=KEEPER)
    fan, other = friends_of(stage, KEEPER)[:2]
    stage.act("like_moment", moment_id=moment_id, userid=KEEPER, external_userid=fan)
    stage.act("comment_moment", moment_id=moment_id, userid=KEEPER, external_userid=fan, says="想要")
    stage.act("like_moment", moment_id=moment_id, userid=KEEPER, by="boss")
    own = stage.act("post_moment", userid="clerk1-1", text="今天下雨")["moment_id"]
    before = last_fact()
    found = moments.reconcile(corp_id=corp)
    assert (found.unread, dict(found.missed)) == ((), {})
    mine = Moment.objects.get(moment_id=moment_id)
    assert (mine.kind, mine.text, mine.creator_userid) == (Moment.Kind.CORP, "夏日上新", "")
    assert Moment.objects.get(moment_id=own).kind == Moment.Kind.PERSONAL
    copies = {row.staff.userid: row for row in MomentCopy.objects.filter(moment=mine).select_related("staff")}
    assert {userid: row.published_by is not None for userid, row in copies.items()} == {KEEPER: True, "clerk1-1": False}
    seen = len(friends_of(stage, KEEPER))
    assert (copies[KEEPER].chosen, copies[KEEPER].seen, copies[KEEPER].likes, copies[KEEPER].comments) == (
        seen,
        seen,
        2,
        1,
    )
    who = customers.customer_by_external(corp_id=corp, external_userids=[fan, other])
    assert set(
        MomentViewer.objects.filter(customer_id__in=who.values(), sees=True).values_list("copy_id", flat=True)
    ) == {copies[KEEPER].pk}
    kinds = [kind for kind, cause, _ in facts(corp, before) if cause == "changed_elsewhere"]
    assert sorted(kinds) == [
        "messaging.moment_commented", "messaging.moment_liked", "messaging.moment_made", "messaging.moment_made",
        "messaging.moment_published", "messaging.moment_published",
    ]  # fmt: skip
    after = last_fact()
    moments.reconcile(corp_id=corp)
    assert facts(corp, after) == []


def test_a_like_that_was_taken_back_is_one_no_more(chain, stage):
    moment_id = corp_moment(stage)
    stage.act("publish_moment", moment_id=moment_id, userid=KEEPER)
    fan = friends_of(stage, KEEPER)[0]
    stage.act("like_moment", moment_id=moment_id, userid=KEEPER, external_userid=fan)
    moments.reconcile(corp_id=chain.corp_id)
    assert MomentReaction.objects.count() == 1
    stage.act("like_moment", moment_id=moment_id, userid=KEEPER, external_userid=fan)
    moments.reconcile(corp_id=chain.corp_id)
    assert MomentReaction.objects.count() == 0
    assert MomentCopy.objects.get(published_by__isnull=False).likes == 0


def test_a_moment_is_gone_when_wecom_says_so_of_its_own_id_and_not_before(chain, stage, monkeypatch):
    kept, deleted = corp_moment(stage, "留着"), corp_moment(stage, "删掉")
    moments.reconcile(corp_id=chain.corp_id)
    with monkeypatch.context() as patch:
        # A list that shows nothing at all proves nothing: each one is asked for.
        patch.setattr("linli.wecom.client.Client.moments", lambda *_args, **_more: iter(()))
        found = moments.reconcile(corp_id=chain.corp_id)
    assert (found.ended, found.unread) == (0, ())
    stage.act("delete_moment", moment_id=deleted)
    found = moments.reconcile(corp_id=chain.corp_id)
    assert dict(found.elsewhere) == {"messaging.moment_gone": 1}
    gone = dict(Moment.objects.values_list("moment_id", "gone_at"))
    assert gone[kept] is None
    assert gone[deleted] is not None


def test_the_audience_is_read_twice_and_the_lists_with_the_fewest_calls(chain, stage):
    moment_id = corp_moment(stage)
    stage.act("publish_moment", moment_id=moment_id, userid=KEEPER)
    moments.reconcile(corp_id=chain.corp_id)
    before = calls(stage)
    moments.reconcile(corp_id=chain.corp_id)
    assert calls(stage) - before == 1 + 1 + 3  # the list, the tasks, and reactions, audience, results of the one copy
    copy = MomentCopy.objects.get(published_by__isnull=False)
    copy.published_by -= moments._SETTLED
    copy.save()
    before = calls(stage)
    moments.reconcile(corp_id=chain.corp_id)
    assert calls(stage) - before == 1 + 1 + 1


def test_one_copy_that_is_refused_hides_no_other_and_is_tried_again_alone(chain, stage, monkeypatch):
    moment_id, other = corp_moment(stage), corp_moment(stage, "第二条")
    for one in (moment_id, other):
        stage.act("publish_moment", moment_id=one, userid=KEEPER)
    stage.act("publish_moment", moment_id=moment_id, userid="clerk1-1")
    ask = Client.moment_reactions

    def refuses_one(client, moment, userid):
        if (moment, userid) == (other, KEEPER):
            raise ApiError(60011, "no privilege to access/modify contact", "externalcontact/get_moment_comments")
        return ask(client, moment, userid)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "moment_reactions", refuses_one)
        found = moments.reconcile(corp_id=chain.corp_id)
    assert len(found.unread) == 1
    (row,) = found.unread
    assert "60011" in row["why"]
    assert (row["key"], row["said"]) == (other, "no privilege to access/modify contact")
    assert MomentCopy.objects.filter(published_by__isnull=False).count() == 2
    again = moments.reconcile(corp_id=chain.corp_id, only={row["key"]})
    assert again.unread == ()
    assert MomentCopy.objects.filter(published_by__isnull=False).count() == 3


def test_who_was_erased_is_a_pseudonym_here_too(chain, stage):
    from linli.privacy import erasures

    moment_id = corp_moment(stage)
    stage.act("publish_moment", moment_id=moment_id, userid=KEEPER)
    fan = friends_of(stage, KEEPER)[0]
    stage.act("like_moment", moment_id=moment_id, userid=KEEPER, external_userid=fan)
    moments.reconcile(corp_id=chain.corp_id)
    person = customers.customer_by_external(corp_id=chain.corp_id, external_userids=[fan])[fan]
    erasure = erasures.begin(corp_id=chain.corp_id, customer_id=person, author="op", reason="asked")
    erasures.run(corp_id=chain.corp_id, erasure_id=erasure)
    for _ in range(2):
        assert not MomentViewer.objects.filter(external_userid=fan).exists()
        assert not MomentReaction.objects.filter(external_userid=fan).exists()
        assert MomentReaction.objects.get().external_userid == f"erased:{person}"
        assert MomentCopy.objects.get(published_by__isnull=False).likes == 1
        moments.reconcile(corp_id=chain.corp_id)


def test_killed_between_two_moments_it_goes_on_behind_them(chain, stage, monkeypatch):
    for n in range(3):
        corp_moment(stage, f"第 {n} 条")
    written = []
    keep = moments.writing.save_copies

    def dies_after_two(**given):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(given["moment_id"])
        return keep(**given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(moments.writing, "save_copies", dies_after_two)
        moments.reconcile(corp_id=chain.corp_id)
    from linli.connect import api as connect

    connect.fail_dead_runs()
    before = calls(stage)
    found = moments.reconcile(corp_id=chain.corp_id)
    assert calls(stage) - before == 1  # the tasks of the third alone: neither the list nor the two are read again
    assert found.unread == ()
    assert Moment.objects.filter(read_at=None).count() == 0
