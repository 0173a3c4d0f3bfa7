"""What people say in the sandbox comes into Linli whole, once, sealed, and in the right hands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from linli.archive import api, fetching, pulling
from linli.archive.models import ArchiveKey, Audience, AudienceMember, Gap, Media, MediaPiece, Message, Tally, Unopened
from linli.kit import clock
from linli.kit.errors import BadInput
from linli.ledger.models import FactRow
from tests.archive.sealing import pem, public_pem
from tests.archive.town import CLERK, SECRET
from tests.connect.staged import befriend
from tests.wecom.test_archive_messages import BODIES, said

BIG = bytes(range(256)) * 5 * 1024  # 1.25 MB: three pieces


def test_what_was_said_is_kept_and_read_as_it_was_said(town):
    asked = town.says("有货吗")
    answered = town.says("有的", who="staff")
    done = town.pull()
    assert (done.messages, done.whole, town.line.seq) == (3, True, 3)
    assert town.kinds() == ["agree", "text", "text"]
    read = town.read(asked)
    assert (read["from"], read["tolist"], read["roomid"], read["text"]) == (
        town.customer,
        [CLERK],
        "",
        {"content": "有货吗"},
    )
    assert town.read(answered)["from"] == CLERK
    assert town.line.caught_up_at is not None
    assert api.message(corp_id=town.corp_id, msgid="nothing") is None


def test_every_kind_is_kept_whole_also_one_that_nobody_knows(town):
    bodies = {kind: said(kind) for kind in set(BODIES) - {"text", "revoke", "agree", "disagree"}}
    bodies["hologram"] = {"msgtype": "hologram", "hologram": {"beam": [1]}}
    msgids = {kind: town.says(content=body) for kind, body in bodies.items()}
    town.pull()
    for kind, body in bodies.items():
        assert body.items() <= town.read(msgids[kind]).items()
        row = Message.objects.get(msgid=msgids[kind])
        assert (row.kind, row.known) == (kind, kind != "hologram")
        assert Tally.objects.get(kind=kind, known=kind != "hologram").count == 1


def test_words_and_keys_are_sealed_at_rest(town):
    town.says("独一无二的悄悄话")
    town.pull()
    with connection.cursor() as cursor:
        for table in ("archive_message", "archive_archivekey", "access_secret"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            text = cursor.fetchone()[0]
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] > 0
            assert "悄悄话" not in text
            assert "独一无二的悄悄话".encode().hex() not in text
            assert b"PRIVATE KEY".hex() not in text
            assert "PRIVATE KEY" not in text
            assert SECRET.encode().hex() not in text


def test_a_second_reading_changes_nothing_and_a_repeated_page_doubles_nothing(town):
    town.says("一")
    town.pull()
    again = town.pull()
    assert (again.messages, again.pages, again.whole) == (0, 1, True)
    town.line.__class__.objects.update(seq=0)
    repeated = town.pull()
    assert (repeated.messages, town.line.seq) == (0, 2)
    assert (Message.objects.count(), Tally.objects.get(kind="text").count) == (2, 1)


def test_pages_follow_each_other(town, monkeypatch):
    monkeypatch.setattr(pulling, "PAGE", 2)
    for n in range(5):
        town.says(str(n))
    done = town.pull()
    assert (done.messages, done.pages) == (6, 4), "three pages, and an empty one"


def test_a_group_shares_one_list_of_people(town):
    two = befriend(town.stage, 2, CLERK)
    chat = town.stage.act("create_group", owner=CLERK, name="群", members=[town.customer, two])["chat_id"]
    for who in (town.customer, two):
        town.stage.act("agree_to_archive", external_userid=who, chat_id=chat)
    said = [
        town.stage.act("customer_writes", chat_id=chat, external_userid=who, text="x")["msgid"]
        for who in (town.customer, two, two)
    ]
    town.pull()
    rows = Message.objects.filter(room_id=chat)
    assert rows.count() == 5
    assert rows.values("audience_id").distinct().count() == 1, "whoever speaks"
    assert AudienceMember.objects.filter(audience_id=rows[0].audience_id).count() == 3
    assert set(town.read(said[1])["tolist"]) == {town.customer, CLERK}


def test_a_message_whose_key_is_missing_waits_for_it_and_holds_up_no_other(town):
    town.stage.act("admin_sets_archive_key", public_key=public_pem(2))
    locked = town.says("第二版钥匙")
    town.stage.act("admin_sets_archive_key", public_key=public_pem(1))
    api.add_key(corp_id=town.corp_id, version=3, private_key=pem(1), author="管理员")
    town.says("第三版钥匙")
    done = town.pull()
    assert (done.messages, done.unopened, town.line.seq) == (2, 1, 3)
    assert list(Unopened.objects.values_list("msgid", "key_version", "why")) == [(locked, 2, "key")]
    api.add_key(corp_id=town.corp_id, version=2, private_key=pem(2), author="管理员")
    assert api.open_kept(corp_id=town.corp_id) == 1
    assert town.read(locked)["text"] == {"content": "第二版钥匙"}
    assert not Unopened.objects.exists()
    assert town.kinds() == ["agree", "text", "text"]


def test_a_wrong_private_key_loses_nothing(town):
    town.stage.act("admin_sets_archive_key", public_key=public_pem(2))
    api.add_key(corp_id=town.corp_id, version=2, private_key=pem(3), author="管理员")
    msgid = town.says("钥匙配错了")
    town.pull()
    assert [one.msgid for one in Unopened.objects.all()] == [msgid]
    assert api.open_kept(corp_id=town.corp_id) == 0
    assert Unopened.objects.count() == 1


def test_a_key_version_is_never_replaced_and_must_be_a_key(town):
    for version, key in (
        (1, ""),
        (0, ""),
        (5, "no key"),
        (5, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
    ):
        with pytest.raises(BadInput):
            api.add_key(corp_id=town.corp_id, version=version, private_key=key, author="x")
    assert ArchiveKey.objects.count() == 1
    made = api.add_key(corp_id=town.corp_id, version=2, author="管理员")
    assert made.public_pem.startswith("-----BEGIN PUBLIC KEY-----")
    town.stage.act("admin_sets_archive_key", public_key=made.public_pem)
    msgid = town.says("邻里自己做的钥匙")
    town.pull()
    assert town.read(msgid)["text"]["content"] == "邻里自己做的钥匙"


def test_a_file_is_fetched_sealed_and_whole(town):
    msgid = town.sends("file", BIG, filename="价目.pdf", fileext="pdf")
    town.pull()
    assert api.fetch(corp_id=town.corp_id) == 1
    media = Media.objects.get(msgid=msgid)
    assert (media.state, media.pieces, media.fetched) == ("done", 3, len(BIG))
    assert b"".join(fetching.content(corp_id=town.corp_id, media_id=media.pk, sent_at=media.sent_at)) == BIG
    assert all(BIG[:64] not in bytes(one.content_sealed) for one in MediaPiece.objects.all())
    assert api.fetch(corp_id=town.corp_id) == 0, "once"


def test_a_file_that_is_not_what_was_said_is_fetched_again_and_then_given_up(town):
    msgid = town.sends("image", b"picture")
    town.pull()
    Media.objects.filter(msgid=msgid).update(md5sum="0" * 32)
    with clock.frozen(clock.now()) as time:
        for _ in range(5):
            assert api.fetch(corp_id=town.corp_id) == 0
            time.forward(hours=2)
    media = Media.objects.get(msgid=msgid)
    assert (media.state, media.error_code, media.tries) == ("failed", 301019, 5)
    assert not MediaPiece.objects.exists()


def test_a_file_over_the_limit_and_one_that_is_too_old_are_given_up_and_said(town, settings):
    settings.LINLI = replace(settings.LINLI, archive_file_limit=1000)
    town.sends("file", b"x" * 1001, filename="a", fileext="a")
    late = town.sends("image", b"picture")
    silent = town.says(
        content={
            "msgtype": "meeting_voice_call",
            "voiceid": "v",
            "meeting_voice_call": {"endtime": 1, "sdkfileid": "nothing"},
        }
    )
    town.pull()
    assert sorted(Media.objects.values_list("state", flat=True)) == ["too_large", "waiting", "waiting"]
    Media.objects.filter(msgid=silent).update(sdkfileid=Media.objects.get(state="too_large").sdkfileid)
    api.fetch(corp_id=town.corp_id)
    states = dict(Media.objects.values_list("msgid", "state"))
    assert (states[late], states[silent]) == ("done", "too_large"), "a size that was not said is seen while fetching"
    assert MediaPiece.objects.count() == 1
    Media.objects.filter(msgid=late).update(state="waiting", sent_at=clock.now() - timedelta(days=5, minutes=1))
    api.fetch(corp_id=town.corp_id)
    assert Media.objects.get(msgid=late).state == "expired"


def test_a_file_in_trouble_holds_up_no_other(town):
    broken = town.says(content={"msgtype": "image", "image": {"md5sum": "", "filesize": 1, "sdkfileid": "nothing"}})
    whole_ = town.sends("image", b"picture")
    town.pull()
    assert api.fetch(corp_id=town.corp_id) == 1
    states = dict(Media.objects.values_list("msgid", "state"))
    assert states == {broken: "failed", whole_: "done"}
    assert Media.objects.get(msgid=broken).error_code == 10005


def test_a_disturbed_way_gives_no_file_up_before_its_five_days_are_over(town):
    msgid = town.sends("image", b"picture")
    town.pull()
    town.stage.control(
        "faults", {"seed": 1, "rules": [{"fault": "45009", "counts": [1, 7], "paths": ["archive/media"]}]}
    )
    with clock.frozen(clock.now()) as time:
        for _ in range(7):
            assert api.fetch(corp_id=town.corp_id) == 0
            assert api.line(corp_id=town.corp_id).trouble_code == 45009
            assert not fetching.due(corp_id=town.corp_id).exists(), "not at once"
            time.forward(hours=1)
        assert api.fetch(corp_id=town.corp_id) == 1
    assert Media.objects.get(msgid=msgid).state == "done"


def test_a_file_that_is_erased_while_it_is_fetched_leaves_no_piece(town, monkeypatch):
    town.sends("file", BIG, filename="a", fileext="a")
    town.pull()

    def erase(point):
        Media.objects.all().delete()
        MediaPiece.objects.all().delete()

    monkeypatch.setattr(fetching, "passing", erase)
    assert api.fetch(corp_id=town.corp_id) == 0
    assert not MediaPiece.objects.exists()


def test_what_the_database_cannot_hold_stops_nobody(town):
    for name in ("msgtype", "hologram"):
        town.says(content={"msgtype": "holo\0gram" if name == "msgtype" else "hologram", "hologram": {"text": "a\0b"}})
    huge = town.says(content={"msgtype": "image", "image": {"md5sum": "", "filesize": 2**80, "sdkfileid": "nothing"}})
    done = town.pull()
    assert (done.whole, done.messages, done.unopened) == (True, 3, 1)
    assert Unopened.objects.get().why == "broken"
    assert Media.objects.get(msgid=huge).size == 0
    assert town.read(Message.objects.get(kind="hologram").msgid)["hologram"] == {"text": "a\0b"}


def test_when_a_month_goes_who_was_there_goes_too(town, settings):
    from linli.project.partitions import drop_old, make_ahead

    town.says("早就说过的")
    town.stage.act("admin_sets_archive_key", public_key=public_pem(2))
    town.says("打不开的")
    town.pull()
    make_ahead()
    Unopened.objects.update(kept_at=clock.now() - timedelta(days=500))
    settings.LINLI = replace(
        settings.LINLI, keep_months={**dict.fromkeys(settings.LINLI.keep_months, 0), "archive": 12}
    )
    with clock.frozen(clock.now() + timedelta(days=500)):
        assert any(name.startswith("archive_message_") for name in drop_old())
    assert not Message.objects.exists()
    assert not Audience.objects.exists()
    assert not AudienceMember.objects.exists()
    assert not Unopened.objects.exists()


@pytest.mark.parametrize("refuses", [False, True])
def test_what_nobody_read_for_five_days_is_a_gap_and_reading_goes_on(town, refuses):
    """WeCom either begins with the first row that it still has, or refuses the old seq (10010)."""
    town.stage.control("tunables", {"archive_old_seq_refused": refuses})
    at = clock.now()
    with clock.frozen(at) as time:
        town.pull()
        town.says("丢了的")
        for _ in range(6):
            town.stage.control("clock", {"advance": 86_400, "force": True})
        time.forward(days=6)
        town.says("还在的")
        done = town.pull()
        assert (done.whole, done.messages, town.kinds()) == (True, 1, ["agree", "text"])
        gap = Gap.objects.get()
        assert (gap.since, gap.until, gap.after_seq) == (at, at + timedelta(days=1), 1)
        time.forward(days=1)
        town.pull()
        assert Gap.objects.count() == 1, "told once"
    fact = FactRow.objects.get(kind="archive.gap_found")
    assert fact.data["after_seq"] == 1


def test_a_gap_that_grows_is_one(town):
    at = clock.now()
    with clock.frozen(at) as time:
        town.pull()
        time.forward(days=7)
        town.pull()
        time.forward(days=7)
        town.pull()
    assert [(one.since, one.until) for one in Gap.objects.order_by("id")] == [
        (at, at + timedelta(days=2)), (at + timedelta(days=7), at + timedelta(days=9)),
    ]  # fmt: skip


def test_a_trouble_is_kept_in_words_until_a_reading_goes_well(town):
    town.says("x")
    town.choose(secret="wrong")
    assert not town.pull().whole
    line = api.line(corp_id=town.corp_id)
    assert (line.trouble_code, line.seq) == (40001, 0)
    assert "40001" in line.trouble.zh
    town.choose()
    town.stage.control(
        "faults", {"seed": 1, "rules": [{"fault": "answer_lost", "counts": [2, 2], "paths": ["archive/chatdata"]}]}
    )
    town.pull()
    assert "再试" in api.line(corp_id=town.corp_id).trouble.zh
    town.pull()
    line = api.line(corp_id=town.corp_id)
    assert (line.trouble, line.seq) == (None, 2)


def test_without_a_back_nothing_is_asked(stage, line):
    assert api.line(corp_id=line.id).back == "none"
    assert api.pull(corp_id=line.id).pages == 0
    assert api.fetch(corp_id=line.id) == 0
    assert stage.sandbox.world.tally.calls["archive/chatdata"] == 0


def test_what_this_house_cannot_offer_is_not_taken(town, settings):
    assert api.choices(corp_id=town.corp_id) == ["none", "sandbox"], "the library is a setting of the server"
    with pytest.raises(BadInput):
        town.choose("native")
    with pytest.raises(BadInput):
        api.choose(
            corp_id=town.corp_id + 1000,
            back="sandbox",
            secret="s",
            proxy="",
            proxy_password="",
            timeout_s=10,
            author="x",
        )


def test_no_call_inside_a_transaction(town):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError):
        town.pull()


def test_the_ticker_reads_on_once_a_minute_and_never_twice_at_once(town):
    from procrastinate.contrib.django.models import ProcrastinateJob

    def waiting():
        return ProcrastinateJob.objects.filter(
            task_name="archive.pull", status="todo", args__corp_id=town.corp_id
        ).count()

    for _ in range(3):
        api.tick(corp_id=town.corp_id, at=clock.now())
    assert waiting() == 1
    town.line.__class__.objects.update(asked_at=clock.wall() - timedelta(minutes=2))
    api.tick(corp_id=town.corp_id, at=clock.now())
    assert waiting() == 1, "the one that waits is enough"
    town.choose("none")
    ProcrastinateJob.objects.all().delete()
    api.tick(corp_id=town.corp_id, at=clock.now())
    assert waiting() == 0


def test_two_who_read_at_once_write_one_page(town, monkeypatch):
    """The rival reads and writes while the first has fetched and not yet written."""
    town.says("一")
    town.says("二")
    once = []

    def rival(point):
        if point == "archive.fetched" and not once:
            once.append(point)
            town.pull()

    monkeypatch.setattr(pulling, "passing", rival)
    done = town.pull()
    assert (Message.objects.count(), Tally.objects.get(kind="text").count, town.line.seq) == (3, 2, 3)
    assert done.messages == 0
    assert Audience.objects.count() == 1
