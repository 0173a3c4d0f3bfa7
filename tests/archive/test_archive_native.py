"""The vendor's library by ctypes, in a process of its own: a C library of our own with the same symbols stands in for it."""

import os
import signal
from pathlib import Path

import pytest

from linli.wecom.archive import Keyring, load_key, media_chunks, open_message
from linli.wecom.archive_errors import ContentExpired, KeyMissing, LibraryBroken, NotDecrypted, SdkError
from linli.wecom.archive_native import Native, NativeBack
from linli.wecom.errors import ApiError, BadAnswer, BadValue
from tests.archive.sealing import page, pem, row, text

BIG = bytes(range(256)) * (5 * 1024)  # 1.25 MB: three pieces


def test_rows_are_fetched_and_opened_with_the_key_of_their_version(back, told):
    told.says("page-4", page(row(5, text("a", "你好")), row(7, text("b"), version=2, number=2)))
    keys = Keyring({1: load_key(pem(1)), 2: load_key(pem(2))})
    rows = back.chat_data(4, 1000)
    assert [one.seq for one in rows] == [5, 7]
    messages = [open_message(back, keys, one) for one in rows]
    assert [one.msgid for one in messages] == ["a", "b"]
    assert messages[0].body.content == "你好"
    assert back.chat_data(7, 1000) == (), "nothing more now"
    with pytest.raises(KeyMissing) as missing:
        open_message(back, Keyring({1: load_key(pem(1))}), rows[1])
    assert missing.value.version == 2
    wrong = Keyring({2: load_key(pem(1))})
    with pytest.raises((NotDecrypted, KeyMissing)):
        open_message(back, wrong, rows[1])


def test_proxy_and_time_out_reach_the_library(back, told):
    back.chat_data(0, 10)
    assert told.wrote("asked") == "socks5://10.0.0.1:8081 user:word 7"


def test_a_file_comes_in_pieces_and_can_go_on_from_an_index_buffer(back, told):
    told.says("media-f1", BIG)
    pieces = list(media_chunks(back, "f1"))
    assert [len(one.data) for one in pieces] == [524_288, 524_288, 262_144]
    assert b"".join(one.data for one in pieces) == BIG
    later = list(media_chunks(back, "f1", pieces[0].index))
    assert b"".join(one.data for one in later) == BIG[524_288:]
    with pytest.raises(SdkError) as gone:
        list(media_chunks(back, "nothing"))
    assert gone.value.code == 10005


@pytest.mark.parametrize("function", ["GetChatData", "DecryptData", "GetMediaData"])
@pytest.mark.parametrize("code", [10000, 10001, 10002, 10003, 10005, 10006, 10008, 10009, 10010, 10011])
def test_every_return_code_is_an_error_that_says_what_to_do_and_leaves_nothing_behind(back, told, function, code):
    told.says("media-f1", BIG)
    told.says(f"return-{function}", str(code))
    calls = {
        "GetChatData": lambda: back.chat_data(0, 10),
        "DecryptData": lambda: back.decrypt(b"k", "00"),
        "GetMediaData": lambda: back.media_chunk("f1", ""),
    }
    with pytest.raises(SdkError) as refused:
        calls[function]()
    assert (refused.value.code, refused.value.call) == (code, function)
    assert "会话存档" in refused.value.zh
    assert refused.value.passing == (code in {10001, 10002, 10003})
    assert isinstance(refused.value, ContentExpired) == (code == 10010)
    told.forgets(f"return-{function}")
    assert back.chat_data(0, 10) == (), "it goes on with the same process"
    back.close()
    assert told.live == 0


def test_nothing_leaks_through_a_whole_walk(back, told):
    told.says("page-0", page(*(row(n, text(f"m{n}")) for n in range(1, 30))))
    told.says("media-f1", BIG)
    keys = Keyring({1: load_key(pem())})
    for one in back.chat_data(0, 1000):
        open_message(back, keys, one)
    list(media_chunks(back, "f1"))
    with pytest.raises(NotDecrypted):
        back.decrypt(b"another key", "00ff")
    assert told.live == 1, "the SDK itself"
    back.close()
    assert told.live == 0


def test_a_crash_hurts_nobody_and_the_next_call_starts_anew(back, told):
    told.says("do-GetChatData", "crash")
    with pytest.raises(LibraryBroken, match="SIGABRT") as broken:
        back.chat_data(0, 10)
    assert broken.value.passing
    told.forgets("do-GetChatData")
    assert back.chat_data(0, 10) == ()


def test_a_library_that_hangs_is_ended(back, told):
    back.chat_data(0, 10)
    child, patience = back._child.pid, back._patience_s
    told.says("do-GetMediaData", "hang")
    told.says("media-f1", b"x")
    back._patience_s = 0.1
    with pytest.raises(LibraryBroken, match=r"no answer within 0\.1 s"):
        back.media_chunk("f1", "")
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    told.forgets("do-GetMediaData")
    back._patience_s = patience
    assert back.media_chunk("f1", "").data == b"x"


def test_the_process_is_killed_from_outside_and_the_next_call_goes_well(back):
    back.chat_data(0, 10)
    os.kill(back._child.pid, signal.SIGKILL)
    with pytest.raises(LibraryBroken, match="SIGKILL"):
        back.chat_data(0, 10)
    assert back.chat_data(0, 10) == ()


def test_what_the_library_prints_does_not_break_the_line(back, told):
    told.says("do-GetChatData", "print")
    assert back.chat_data(0, 10) == ()


def test_what_is_no_such_library_says_so(told, tmp_path):
    for path in (str(tmp_path / "not there.so"), "libc.so.6"):
        back = NativeBack(Native(library=path, corp_id="ww1", secret=str(told.folder)))
        with pytest.raises(LibraryBroken) as broken:
            back.chat_data(0, 10)
        assert not broken.value.passing


def test_a_refused_init_is_the_librarys_own_code(library, told):
    told.says("return-Init", "10009")
    back = NativeBack(Native(library=str(library), corp_id="ww1", secret=str(told.folder)))
    with pytest.raises(SdkError) as refused:
        back.chat_data(0, 10)
    assert refused.value.code == 10009
    assert told.live == 0


def test_the_foreign_code_sees_no_secret_of_the_house(back, monkeypatch):
    monkeypatch.setenv("LINLI_SECRET_KEY", "of the house")
    monkeypatch.setenv("DATABASE_URL", "postgresql://of-the-house")
    back.chat_data(0, 10)
    seen = b"".join(Path(f"/proc/{back._child.pid}/{what}").read_bytes() for what in ("environ", "cmdline"))
    assert b"of the house" not in seen
    assert b"of-the-house" not in seen


def test_a_refusal_inside_the_answer_is_wecoms_own(back, told):
    told.says("page-0", '{"errcode":301052,"errmsg":"expired"}')
    with pytest.raises(ApiError) as refused:
        back.chat_data(0, 10)
    assert refused.value.code == 301052
    for broken in ("not json", "[]", '{"errcode":0}', '{"errcode":0,"chatdata":[{}]}'):
        told.says("page-0", broken)
        with pytest.raises(BadAnswer):
            back.chat_data(0, 10)


@pytest.mark.parametrize(("seq", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_what_would_be_refused_is_not_asked(back, seq, limit):
    with pytest.raises(BadValue):
        back.chat_data(seq, limit)
