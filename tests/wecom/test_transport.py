"""Token, repetition, unknown outcomes, and what must never be written down."""

import logging
import traceback

import httpx
import pytest

from linli.wecom import errors
from linli.wecom.client import Lane
from linli.wecom.message_calls import ChatType, MassMessageSpec
from linli.wecom.secrecy import scrub
from linli.wecom.tokens import Token, fetch_token
from tests.wecom.support import BASE, TOKEN, Line, Tokens, json_fixture, ok, refusal

MASS = MassMessageSpec(chat_type=ChatType.SINGLE, sender="u", text="t")
EMPTY = {"follow_user": [], "external_userid": [], "external_contact": {}, "ip_list": []}


def read(line):
    return line.client.follow_users()


def write(line):
    return line.client.add_mass_message(MASS)


GOOD = ok(follow_user=["a"], msgid="m", fail_list=[])


@pytest.mark.parametrize(
    ("code", "call"),
    [(-1, read), *((code, call) for code in (6000, 45009, 45033, 45035, 41063, 41096) for call in (read, write))],
)
def test_patience_then_success(call, code):
    line = Line(refusal(code, **EMPTY), refusal(code), GOOD)
    assert call(line)
    assert len(line.requests) == 3
    assert len(line.budget.taken) == 3
    first, second = line.waits
    assert 0.25 <= first <= 0.5
    assert 0.5 <= second <= 1.0


@pytest.mark.parametrize("before", [[], [refusal(45009)], [refusal(42001)]])
def test_a_busy_wecom_may_have_done_what_it_was_asked_to_change(before):
    """-1 says nothing of the work: it is looked up like a lost answer, also where an earlier try was plainly refused."""
    heard = []
    line = Line(*before, refusal(-1), GOOD, on_refusal=lambda api, code: heard.append(code))
    with pytest.raises(errors.OutcomeUnknown, match="-1"):
        write(line)
    assert len(line.requests) == len(before) + 1
    assert heard[-1] == -1


@pytest.mark.parametrize("call", [read, write])
def test_patience_ends(call):
    heard = []
    line = Line(refusal(45009, **EMPTY), on_refusal=lambda api, code: heard.append((api, code)))
    with pytest.raises(errors.RateLimited) as caught:
        call(line)
    assert caught.value.code == 45009
    assert (len(line.requests), len(line.waits)) == (5, 4)
    assert heard == [(line.paths[0], 45009)] * 5
    assert sum(line.waits) < 8


def test_the_number_of_tries_is_a_setting():
    line = Line(refusal(-1), max_tries=1)
    with pytest.raises(errors.RateLimited):
        read(line)
    assert (len(line.requests), line.waits) == (1, [])


def test_a_welcome_waits_little():
    line = Line(refusal(41096))
    with pytest.raises(errors.WelcomeBusy):
        line.client.send_welcome("c", "t")
    assert len(line.requests) == 5
    assert max(line.waits) <= 1.0


@pytest.mark.parametrize("code", [40001, 40058, 41048, 41050, 41051, 41093, 41094, 48002, 60011, 60020, 84061, 999])
@pytest.mark.parametrize("call", [read, write])
def test_other_refusals_surface_at_once_and_their_empty_collections_are_no_data(call, code):
    line = Line(refusal(code, **EMPTY), GOOD)
    with pytest.raises(errors.ApiError) as caught:
        call(line)
    assert caught.value.code == code
    assert len(line.requests) == 1


def test_the_catalogues_error_samples():
    for name, call, kind in [
        ("externalcontact.list.error_84061", lambda c: c.customer_ids("u"), errors.NoCustomers),
        ("externalcontact.get.error_60011", lambda c: c.customer("w"), errors.ApiError),
        ("externalcontact.get_follow_user_list.error_40014", lambda c: c.follow_users(), errors.TokenInvalid),
        ("getcallbackip.error_42001", lambda c: c.callback_ips(), errors.TokenInvalid),
    ]:
        with pytest.raises(kind):
            call(Line(json_fixture(f"{name}.response.json")).client)


BARE = httpx.Response(200, text="invalid access_token")


@pytest.mark.parametrize("call", [read, write])
@pytest.mark.parametrize("refused", [refusal(40014, follow_user=[]), refusal(42001), BARE])
def test_a_refused_token_is_renewed_once_and_the_call_repeated(call, refused):
    tokens = Tokens("old", "new")
    line = Line(refused, GOOD, tokens=tokens)
    assert call(line)
    assert [r.url.params["access_token"] for r in line.requests] == ["old", "new"]
    assert tokens.renewed == ["old"]
    assert line.waits == []


@pytest.mark.parametrize("refused", [refusal(40014), BARE])
def test_a_token_refused_twice_surfaces(refused):
    tokens = Tokens("old", "new", "newer")
    line = Line(refused, tokens=tokens)
    with pytest.raises(errors.TokenInvalid) as caught:
        write(line)
    assert caught.value.code == 40014
    assert tokens.renewed == ["old"]
    assert len(line.requests) == 2


def test_a_renewed_token_stays_for_the_following_tries():
    line = Line(refusal(42001), refusal(-1), GOOD, tokens=Tokens("old", "new"))
    assert read(line) == ("a",)
    assert [r.url.params["access_token"] for r in line.requests] == ["old", "new", "new"]


CUT = [
    httpx.ReadTimeout("slow"), httpx.WriteTimeout("slow"), httpx.ReadError("reset"), httpx.WriteError("pipe"),
    httpx.RemoteProtocolError("Server disconnected"), httpx.Response(502, text="<html>"), httpx.Response(504),
    httpx.Response(200, text="<html>login</html>"), httpx.Response(200, json=[]), httpx.Response(200, json={"a": 1}),
    httpx.Response(200, json={"errcode": None}), httpx.Response(200, content=b'{"errcode": 0'),
]  # fmt: skip


@pytest.mark.parametrize("failure", CUT)
def test_a_write_that_was_cut_is_never_repeated(failure):
    line = Line(failure, GOOD)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(line)
    assert caught.value.endpoint == "externalcontact/add_msg_template"
    assert (len(line.requests), line.waits) == (1, [])


@pytest.mark.parametrize("failure", CUT)
def test_a_read_that_was_cut_is_repeated(failure):
    line = Line(failure, GOOD)
    assert read(line) == ("a",)
    assert (len(line.requests), len(line.waits)) == (2, 1)


def test_a_read_that_is_always_cut_surfaces():
    line = Line(httpx.ReadTimeout("slow"))
    with pytest.raises(errors.NoAnswer):
        read(line)
    assert len(line.requests) == 5


@pytest.mark.parametrize("call", [read, write])
@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("")]
)
def test_what_was_not_sent_is_repeated_also_for_writes(call, failure):
    line = Line(failure, GOOD)
    assert call(line)
    with pytest.raises(errors.NotSent):
        call(Line(failure))


def test_an_unusable_address_is_not_tried_again():
    line = Line(httpx.UnsupportedProtocol("no scheme"))
    with pytest.raises(errors.NotSent):
        read(line)
    assert len(line.requests) == 1


@pytest.mark.parametrize("call", [read, write])
@pytest.mark.parametrize("status", [301, 403, 404, 413])
def test_a_status_that_is_not_wecoms_surfaces_at_once(call, status):
    line = Line(httpx.Response(status, json=ok(follow_user=[])))
    with pytest.raises(errors.BadAnswer, match=str(status)):
        call(line)
    assert len(line.requests) == 1


def test_the_guard_runs_before_every_call_and_stops_it():
    runs = []

    def guard():
        runs.append(1)
        if len(runs) == 2:
            raise RuntimeError("open transaction")

    line = Line(refusal(-1), GOOD, guard=guard)
    with pytest.raises(RuntimeError, match="open transaction"):
        read(line)
    assert (len(line.requests), len(line.budget.taken)) == (1, 1)


def test_a_budget_that_raises_stops_the_call():
    line = Line(GOOD)

    def spent(api, lane):
        raise TimeoutError(f"{api} {lane}")

    line.budget.take = spent
    with pytest.raises(TimeoutError, match="externalcontact/get_follow_user_list bulk"):
        read(line)
    assert line.requests == []


def test_lanes_default_by_kind_then_by_client_then_by_call():
    line = Line(GOOD)
    read(line)
    write(line)
    line.client.send_welcome("c", "t")
    line.client.follow_users(lane=Lane.WELCOME)
    assert [lane for _api, lane in line.budget.taken] == [Lane.BULK, Lane.HUMAN, Lane.WELCOME, Lane.WELCOME]
    line = Line(GOOD, lane=Lane.BULK)
    write(line)
    line.client.send_welcome("c", "t")
    line.client.add_mass_message(MASS, lane=Lane.HUMAN)
    assert [lane for _api, lane in line.budget.taken] == [Lane.BULK, Lane.WELCOME, Lane.HUMAN]
    assert line.budget.taken[0][0] == "externalcontact/add_msg_template"


def _everything(error: BaseException) -> str:
    seen, chain = [], error
    while chain is not None:
        seen.append("".join(traceback.format_exception(chain, chain=False)) + repr(chain.__dict__) + repr(chain))
        chain = chain.__cause__ or chain.__context__
    return "".join(seen)


@pytest.mark.parametrize("call", [read, write])
@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError(f"cannot reach {BASE}/cgi-bin/x?access_token={TOKEN}&b=1"),
        httpx.ReadTimeout(f"url?access_token={TOKEN}"),
        refusal(60011) | {"errmsg": f"bad url ?access_token={TOKEN}"},
        httpx.Response(403, text=TOKEN),
        httpx.Response(200, text=f"<html>{TOKEN}"),
    ],
)
def test_the_token_is_in_no_error_and_no_log(call, failure, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.WecomError) as caught:
        call(Line(failure, max_tries=1))
    assert TOKEN not in _everything(caught.value)
    assert TOKEN not in caplog.text


def test_httpx_logs_the_call_without_its_token(caplog):
    with caplog.at_level(logging.INFO, logger="httpx"):
        read(Line(GOOD))
    assert "get_follow_user_list?access_token=***" in caplog.text


def test_scrub():
    assert scrub("a?corpid=c&corpsecret=s3&x=1 'access_token=t'") == "a?corpid=c&corpsecret=***&x=1 'access_token=***'"


def _fetch(answer):
    asked = []

    def handle(request):
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(200, json=answer)

    http = httpx.Client(transport=httpx.MockTransport(handle))
    return asked, lambda: fetch_token(BASE + "/", "ww1", "s3cret", http)


def test_fetch_token():
    asked, fetch = _fetch(json_fixture("gettoken.response.json"))
    token = fetch()
    assert token == Token("accesstoken000001", 7200)
    assert "accesstoken" not in repr(token)
    assert asked[0].url.path == "/cgi-bin/gettoken"
    assert dict(asked[0].url.params) == {"corpid": "ww1", "corpsecret": "s3cret"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(40001), errors.ApiError),
        (refusal(-1), errors.RateLimited),
        (ok(), errors.BadAnswer),
        (ok(access_token=""), errors.BadAnswer),
        (httpx.ConnectError("no"), errors.NotSent),
        (httpx.ReadTimeout("slow ?corpsecret=s3cret"), errors.NoAnswer),
    ],
)
def test_fetch_token_fails_once_and_keeps_the_secret(answer, kind, caplog):
    asked, fetch = _fetch(answer)
    with caplog.at_level(logging.DEBUG), pytest.raises(kind) as caught:
        fetch()
    assert len(asked) == 1
    assert "s3cret" not in str(caught.value) + repr(caught.value) + caplog.text


def test_closing_leaves_shared_connections_open():
    line = Line(GOOD)
    line.client.close()
    assert read(line) == ("a",)
