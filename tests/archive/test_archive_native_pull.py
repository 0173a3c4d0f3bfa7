"""The room reads through the native library, and what that library does wrong stays with it."""

from dataclasses import replace

import pytest

from linli.access import api as access
from linli.archive import api, fetching
from linli.archive.models import Media, Message, Unopened
from linli.kit import clock
from tests.archive.sealing import page, pem, row, text

FILE = bytes(range(256)) * 3000  # two pieces


@pytest.fixture
def house(transactional_db, settings, library, told):
    """A corp that is not connected otherwise; the "secret" names the directory that tells the library what to do."""
    settings.LINLI = replace(settings.LINLI, archive_library=str(library))
    corp = access.create_corp(wecom_id="ww-native", name="邻里")
    api.choose(
        corp_id=corp.id, back="native", secret=str(told.folder), proxy="", proxy_password="", timeout_s=5, author="x"
    )
    api.add_key(corp_id=corp.id, version=1, private_key=pem(1), author="x")
    return corp.id


def now_ms() -> int:
    return int(clock.now().timestamp() * 1000)


def test_messages_and_files_come_through_the_library_and_nothing_leaks(house, told):
    picture = {
        **text("b", at=now_ms()),
        "msgtype": "image",
        "image": {"md5sum": "", "filesize": len(FILE), "sdkfileid": "f1"},
    }
    del picture["text"]
    told.says("page-0", page(row(1, text("a", "你好", now_ms())), row(2, picture)))
    told.says("media-f1", FILE)
    done = api.pull(corp_id=house)
    assert (done.messages, done.whole) == (2, True)
    assert api.message(corp_id=house, msgid="a").body.content == "你好"
    assert told.live == 0, "the SDK too was given back"
    assert api.fetch(corp_id=house) == 1
    media = Media.objects.get()
    assert b"".join(fetching.content(corp_id=house, media_id=media.pk, sent_at=media.sent_at)) == FILE
    assert told.live == 0


def test_a_library_that_dies_on_every_message_stops_the_reading_and_loses_nothing(house, told):
    told.says("page-0", page(*(row(n, text(f"m{n}", at=now_ms())) for n in range(1, 8))))
    told.says("do-DecryptData", "crash")
    done = api.pull(corp_id=house)
    assert (done.whole, Message.objects.count(), Unopened.objects.count()) == (False, 0, 0)
    line = api.line(corp_id=house)
    assert (line.trouble_code, line.seq) == (-90403, 0)
    assert "再试" in line.trouble.zh
    told.forgets("do-DecryptData")
    assert api.pull(corp_id=house).messages == 7
    assert api.line(corp_id=house).trouble is None


def test_a_message_on_which_it_dies_is_kept_encrypted_and_holds_up_no_other(house, told):
    told.says("page-0", page(row(1, text("a", at=now_ms()))))
    told.says("do-DecryptData", "crash")
    assert api.pull(corp_id=house).unopened == 1
    told.says("page-1", page(row(2, text("b", at=now_ms()))))
    told.forgets("do-DecryptData")
    assert api.pull(corp_id=house).messages == 1
    assert api.open_kept(corp_id=house) == 1
    assert Message.objects.count() == 2


def test_a_library_that_cannot_be_loaded_says_which_setting_to_look_at(house, settings):
    settings.LINLI = replace(settings.LINLI, archive_library="/opt/nothing.so")
    api.pull(corp_id=house)
    assert "LINLI_ARCHIVE_LIBRARY" in api.line(corp_id=house).trouble.zh


def test_a_seq_that_does_not_move_on_ends_the_reading(house, told):
    told.says("page-0", page(row(1, text("a", at=now_ms()))))
    told.says("page-1", page(row(1, text("a", at=now_ms()))))
    assert not api.pull(corp_id=house).whole
    assert api.line(corp_id=house).seq == 1
    assert Message.objects.count() == 1
