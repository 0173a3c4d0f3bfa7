"""The administrator's page of the archive: what it says in each state, what it asks for, what it never shows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.access import api as access
from linli.access.audit_models import AuditRow
from linli.archive import api
from linli.archive.models import ArchiveKey, ArchiveLine, Gap, Tally
from linli.kit import clock
from tests.archive.sealing import pem, public_pem
from tests.archive.town import SECRET

PAGE = "/archive/"


@pytest.fixture
def admin(town, admin_of):
    return admin_of(town.corp_id)


def test_off_it_says_what_is_needed(console):
    page = console.get(PAGE).text
    for words in ("会话存档没有启用", "LINLI_ARCHIVE_LIBRARY", "还没有密钥", "可信 IP", "只留 5 天"):
        assert words in page
    assert "现在读" not in page


def test_from_off_to_the_first_message_by_the_page_alone(stage, line, admin_of):
    client = admin_of(line.id)
    assert client.post(reverse("archive:line"), {"back": "sandbox"}).status_code == 422
    assert api.line(corp_id=line.id).back == "none"
    assert (
        client.post(reverse("archive:line"), {"back": "native", "secret": SECRET, "timeout_s": "10"}).status_code == 422
    )
    assert client.post(reverse("archive:line"), {"back": "sandbox", "secret": SECRET}).status_code == 302
    assert "存档在等第一把密钥" in client.get(PAGE).text
    assert client.post(reverse("archive:key"), {"version": "1", "private_key": ""}).status_code == 302
    stage.act("admin_sets_archive", userids=["clerk0-0"])
    stage.act("admin_sets_archive_key", public_key=api.keys(corp_id=line.id)[0].public_pem)
    stage.act("staff_writes", userid="clerk0-0", colleague="clerk0-1", text="早")
    api.pull(corp_id=line.id)
    page = client.get(PAGE).text
    assert "读到了 1 条消息，都读完了" in page
    rows = AuditRow.objects.filter(corp_id=line.id, action__startswith="archive:").order_by("id")
    assert [(one.action, one.outcome, one.after) for one in rows][-2:] == [
        ("archive:line", 302, {"back": "sandbox"}), ("archive:key", 302, {"version": 1, "made_here": True}),
    ]  # fmt: skip


def test_neither_secret_nor_private_key_is_ever_shown(admin, town):
    admin.post(reverse("archive:key"), {"version": "1", "private_key": pem(2)})
    page = admin.post(
        reverse("archive:line"), {"back": "sandbox", "secret": "another-secret", "timeout_s": "x", "proxy": "x"}
    )
    for text in (page.text, admin.get(PAGE).text):
        assert SECRET not in text
        assert "another-secret" not in text
        assert "BEGIN PRIVATE KEY" not in text
    assert public_pem(1).splitlines()[1] in admin.get(PAGE).text
    assert "another-secret" not in str(list(AuditRow.objects.values()))
    assert "PRIVATE KEY" not in str(list(AuditRow.objects.values()))


@pytest.mark.parametrize(("given", "says"), [
    ({"version": "1"}, "这个版本已经有了"), ({"version": "2", "private_key": "no key"}, "PEM"), ({"version": ""}, ""), ({"version": "0"}, ""),
])  # fmt: skip
def test_what_is_wrong_with_a_key_is_said_and_nothing_is_kept(admin, given, says):
    answer = admin.post(reverse("archive:key"), given)
    assert answer.status_code == 422
    assert says in answer.text
    assert ArchiveKey.objects.count() == 1


def test_what_failed_is_said_with_what_to_do(admin, town):
    town.choose(secret="wrong")
    town.pull()
    page = admin.get(PAGE).text
    assert "读存档时停在一个错误上" in page
    assert "40001" in page
    town.choose()
    town.stage.act("admin_sets_archive_key", public_key=public_pem(2))
    town.says("x")
    town.pull()
    page = admin.get(PAGE).text
    assert "1 条消息在等密钥" in page
    assert "第 2 版密钥的 1 条消息打不开" in page
    assert "在下面补上这一版的私钥" in page
    Gap.objects.create(
        corp_id=town.corp_id,
        since=clock.now() - timedelta(days=9),
        until=clock.now() - timedelta(days=5),
        after_seq=1,
        noted_at=clock.now(),
    )
    assert "取不到了" in admin.get(PAGE).text


def test_an_unknown_kind_is_named_by_wecoms_word(admin, town):
    town.says(content={"msgtype": "hologram", "hologram": {}})
    town.pull()
    page = admin.get(PAGE).text
    assert "hologram" in page
    assert "不认识，原样存着" in page
    assert "同意存档" in page


def test_reading_now_and_switching_off(admin, town):
    from procrastinate.contrib.django.models import ProcrastinateJob

    ProcrastinateJob.objects.all().delete()
    assert admin.post(reverse("archive:reading")).status_code == 302
    assert ProcrastinateJob.objects.filter(task_name="archive.pull").count() == 1
    assert admin.post(reverse("archive:line"), {"back": "none"}).status_code == 302
    assert api.line(corp_id=town.corp_id).back == "none"
    ProcrastinateJob.objects.all().delete()
    admin.post(reverse("archive:reading"))
    assert not ProcrastinateJob.objects.filter(task_name="archive.pull").exists()


def test_the_number_of_queries_does_not_grow_with_what_was_read(admin, town):
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(PAGE).status_code == 200
        return len(seen)

    count()  # what a first page sets up
    few = count()
    Tally.objects.bulk_create([Tally(corp_id=town.corp_id, kind=f"k{n}", known=True, count=n) for n in range(40)])
    for version in range(2, 6):
        api.add_key(corp_id=town.corp_id, version=version, private_key=pem(1), author="x")
    assert count() == few


def test_the_library_is_offered_where_the_server_names_one(admin, town, settings):
    from dataclasses import replace

    assert "企业微信的 SDK</option>" not in admin.get(PAGE).text
    settings.LINLI = replace(settings.LINLI, archive_library="/opt/libWeWorkFinanceSdk_C.so")
    assert "企业微信的 SDK</option>" in admin.get(PAGE).text
    given = {
        "back": "native",
        "secret": SECRET,
        "timeout_s": "5",
        "proxy": "socks5://user:word@10.0.0.1:1",
        "proxy_password": "",
    }
    assert admin.post(reverse("archive:line"), given).status_code == 422, (
        "a password has its own field, which is sealed"
    )
    given |= {"proxy": "socks5://10.0.0.1:8081", "proxy_password": "user:word"}
    assert admin.post(reverse("archive:line"), given).status_code == 302
    row = ArchiveLine.objects.get(corp_id=town.corp_id)
    assert (row.back, row.proxy, row.timeout_s) == ("native", "socks5://10.0.0.1:8081", 5)
    assert access.open_secret(corp_id=town.corp_id, name="archive.proxy") == "user:word"


def test_the_health_check_says_how_the_archive_is(admin, town):
    from linli.project.doctor import archive
    from linli.project.doctor.corp import Asked

    asked = Asked(corp_id=town.corp_id, name="邻里", base_url="")

    def finds() -> list[tuple[str, str]]:
        return [(state.value, says) for state, says, _todo in archive.reading(asked)]

    town.pull()
    assert finds() == [("ok", "存档在读，也都打开了。")]
    with clock.frozen(clock.now() + timedelta(hours=7)):
        assert [state for state, _ in finds()] == ["warn"]
    town.stage.act("admin_sets_archive_key", public_key=public_pem(2))
    town.says("x")
    town.pull()
    assert finds() == [("warn", "1 条消息在等密钥。")]
    town.choose(secret="wrong")
    town.pull()
    assert [state for state, _ in finds()] == ["fail"]
    town.choose("none")
    assert finds() == []
