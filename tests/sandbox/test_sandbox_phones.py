"""The phones' side of the server: what is on a phone, what is kept of talk, who may come in, what travelled."""

import asyncio
import re
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from tests.sandbox.stage import AGENT, CORP, SEED, Receiver, Stage, until
from wecom_sandbox import chats
from wecom_sandbox.guard import Guard
from wecom_sandbox.phones.codes import picture
from wecom_sandbox.server import Options
from wecom_sandbox.tap import KEPT, Tap

STATIC = Path(__file__).parents[2] / "src/wecom_sandbox/phones/static"


def phone(stage: Stage, kind: str, who: str, opened: str = "") -> dict:
    answer = stage.http.get(f"/phones/api/{kind}", params={"who": who, "open": opened})
    assert answer.status_code == 200, answer.text
    return answer.json()


def words(shown: dict) -> list[tuple[str, str]]:
    return [(line["kind"], line["text"]) for line in shown["thread"]["lines"]]


def test_both_sides_of_a_chat_read_the_same_in_the_order_it_was_said(stage):
    stage.way()
    one = stage.befriend()
    about = {"userid": "zhangsan", "external_userid": one}
    for kind, text in (
        ("staff_writes", "您好"),
        ("customer_writes", "周末开门吗"),
        ("customer_writes", "？"),
        ("staff_writes", "十点"),
    ):
        stage.act(kind, text=text, **about)
    said = [("added", ""), ("chat", "您好"), ("said", "周末开门吗"), ("said", "？"), ("chat", "十点")]
    assert words(phone(stage, "customer", one, "u:zhangsan")) == said
    assert words(phone(stage, "staff", "zhangsan", f"c:{one}")) == said
    assert phone(stage, "staff", "zhangsan")["chats"][0]["last"]["text"] == "十点"
    # What a customer saw is told as before: their own words are not among it.
    assert [row["text"]["content"] for row in stage.control(f"inbox/{one}")["messages"]] == ["您好", "十点"]


def test_in_a_group_a_newcomer_sees_nothing_of_before_and_who_left_nothing_of_after(stage):
    stage.way()
    first, second = stage.befriend(1), stage.befriend(2)
    chat = stage.act("create_group", owner="zhangsan", name="一群", members=[first])["chat_id"]
    stage.act("customer_writes", chat_id=chat, external_userid=first, text="早")
    stage.act("invite", chat_id=chat, external_userids=[second])
    stage.act("staff_writes", chat_id=chat, userid="zhangsan", text="欢迎")
    stage.act("kick", chat_id=chat, external_userid=first)
    stage.act("customer_writes", chat_id=chat, external_userid=second, text="你好")
    key = f"g:{chat}"
    assert [text for _, text in words(phone(stage, "customer", second, key))] == ["", "欢迎", "", "你好"]
    gone = phone(stage, "customer", first, key)
    assert [kind for kind, _ in words(gone)] == ["joined", "said", "joined", "chat", "removed"]
    assert gone["thread"]["inside"] is False
    assert {one["key"]: one["gone"] for one in gone["chats"]} == {key: True, "u:zhangsan": False}
    assert [text for _, text in words(phone(stage, "staff", "zhangsan", key)) if text] == ["早", "欢迎", "你好"]


def test_talk_is_bounded_and_survives_a_restart(tmp_path):
    state = tmp_path / "world.json"
    before = Stage(Options(state_file=state))
    before.control("seed", SEED)
    before.way()
    one = before.befriend()
    acts = [
        {"kind": "customer_writes", "userid": "zhangsan", "external_userid": one, "text": str(n)}
        for n in range(chats.LINES_OF_A_CHAT + 5)
    ]
    before.control("acts", {"acts": acts})
    kept = words(phone(before, "customer", one, "u:zhangsan"))
    before.stop()
    assert len(kept) == chats.LINES_OF_A_CHAT
    assert kept[-1] == ("said", str(chats.LINES_OF_A_CHAT + 4))
    after = Stage(Options(state_file=state))
    try:
        assert words(phone(after, "customer", one, "u:zhangsan")) == kept
    finally:
        after.stop()


def test_of_many_chats_those_silent_longest_are_forgotten():
    book = chats.ChatBook()
    line = chats.Line(0, chats.SAID, "wm1", {}, [], 0)
    for n in range(chats.CHATS):
        book.add(str(n), line)
    book.add("0", line)
    book.add("one more", line)
    assert (len(book.of("0")), len(book.of("1")), len(book.of("one more"))) == (2, 0, 1)


def test_somebody_the_corp_does_not_know_has_a_phone_that_becomes_theirs(stage):
    assert phone(stage, "customer", "oNobody")["known"] is False
    stage.way()
    one = stage.act("scan", state="shop", person={"unionid": "oNobody", "name": "新人"})["external_userid"]
    shown = phone(stage, "customer", "oNobody")
    assert (shown["known"], shown["id"], shown["name"]) == (True, one, "新人")
    assert [friend["userid"] for friend in shown["friends"]] == ["zhangsan"]


def test_a_scanned_text_leads_where_it_should(stage):
    config_id = stage.way("door")
    code = stage.contact("get_contact_way", {"config_id": config_id})["contact_way"]["qr_code"]

    def leads(text: str) -> dict:
        return stage.http.get("/phones/api/code", params={"text": text}).json()

    assert stage.http.get(code).content == picture(code)
    found = leads(code)
    assert (found["kind"], found["config_id"], found["people"]) == ("contact", config_id, ["张三"])
    assert leads("https://elsewhere.example/qr/" + config_id)["kind"] == "contact", (
        "a code names itself, not its server"
    )
    assert leads("http://h/qr/gone")["kind"] == "void"
    assert leads("https://shop.example/h/c/1/") == {"ok": True, "kind": "page", "url": "https://shop.example/h/c/1/"}
    assert leads("javascript:alert(1)")["kind"] == "words"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"host": "127.0.0.1:8701"}, False), ({"host": "[::1]:8701"}, False), ({"host": "localhost"}, False), ({"host": "sandbox:80"}, False),
        ({"host": "wecom.firm.example"}, False), ({"host": "WeCom.Firm.Example:8701"}, False),
        ({"host": "evil.example:8701"}, True), ({"host": "127.0.0.1.evil.example"}, True), ({"host": ""}, True), ({}, True), ({"host": "["}, True),
        ({"host": "127.0.0.1:8701", "origin": "http://127.0.0.1:8701"}, False),
        ({"host": "127.0.0.1:8701", "origin": "http://127.0.0.1:8600"}, True),
        ({"host": "127.0.0.1:8701", "origin": "https://evil.example"}, True), ({"host": "127.0.0.1:8701", "origin": "null"}, True),
    ],
)  # fmt: skip
def test_no_foreign_page_may_act(headers, refused):
    guard = Guard(lambda *_: None, hosts=("wecom.firm.example",))
    assert bool(guard.refusal("POST", Headers(headers))) is refused


def test_a_foreign_page_changes_and_reads_nothing(stage):
    body = {"kind": "create_group", "owner": "zhangsan", "name": "假", "members": []}
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        answer = stage.http.post("/control/act", json=body, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["ok"] is False
    assert stage.http.get("/control/state", headers={"Host": "evil.example"}).status_code == 403
    assert stage.http.get("/phones", headers={"Host": "evil.example"}).status_code == 403
    assert stage.control("state")["groups"] == []
    # Apps come by whatever name they know, with their own secret.
    assert (
        stage.http.get(
            "/cgi-bin/getcallbackip", params={"access_token": stage.token()}, headers={"Host": "wecom.example"}
        ).json()["errcode"]
        == 0
    )


def test_the_page_runs_nobodys_scripts_and_is_framed_by_nobody(stage):
    policy = stage.http.get("/phones").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    sources = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
    assert len(sources) > 10
    assert not any(
        re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text) for text in sources
    )


def test_a_file_an_app_sent_is_shown_and_never_run(stage):
    token = stage.token()
    files = {"media": ("a.html", b"<script>alert(1)</script>", "text/html")}
    media_id = stage.http.post(f"/cgi-bin/media/upload?access_token={token}&type=file", files=files).json()["media_id"]
    answer = stage.http.get(f"/phones/media/{CORP}/{media_id}")
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert stage.http.get(f"/phones/media/{CORP}/none").status_code == 404


def test_what_travelled_is_told_once_with_its_verdict_and_without_tokens(heard_stage: Stage, receiver: Receiver):
    start = heard_stage.http.get("/phones/api/stage").json()["clock"]["n"]
    heard_stage.way()
    heard_stage.befriend()
    until(lambda: receiver.changes() == ["add_external_contact"])
    heard_stage.settle()
    heard_stage.contact("get_contact_way", {"config_id": "no"}, code=41044)
    heard_stage.get("externalcontact/get_follow_user_list")
    told = heard_stage.http.get("/phones/live", params={"after": start}).json()
    rows = [(row["way"], row["name"], row["code"]) for row in told["entries"]]
    assert ("act", "scan", 0) in rows
    assert ("event", "change_external_contact.add_external_contact", 0) in rows
    assert ("call", "externalcontact/get_contact_way", 41044) in rows
    assert heard_stage.token() not in str(told)
    quiet = heard_stage.http.get("/phones/live", params={"after": told["n"]}).json()
    assert quiet["entries"] == []
    assert quiet["n"] == told["n"]


def test_a_lost_callback_is_told_as_lost(heard_stage: Stage):
    heard_stage.control("faults", {"drop": 1})
    heard_stage.way()
    heard_stage.befriend()
    rows = heard_stage.http.get("/phones/live", params={"after": 0}).json()["entries"]
    assert ("change_external_contact.add_external_contact", "dropped") in [(row["name"], row["code"]) for row in rows]


def test_who_looks_on_is_woken_at_once_and_old_entries_are_forgotten():
    async def story() -> None:
        tap = Tap()
        waiter = asyncio.create_task(tap.wait(0, 30))
        await asyncio.sleep(0)
        tap.note(0.0, "act", "scan")
        await waiter
        for _ in range(KEPT + 5):
            tap.note(0.0, "act", "scan")
        assert len(tap.after(0)) == KEPT
        assert [entry.n for entry in tap.after(tap.n - 1)] == [tap.n]

    asyncio.run(story())


def test_an_apps_pages_are_set_and_nothing_but_web_pages(stage):
    def put(**pages: str) -> int:
        return stage.http.post("/phones/api/app", json={"corp_id": CORP, "agentid": AGENT, **pages}).status_code

    assert put(sidebar="http://127.0.0.1:1/side?to={external_userid}") == 200
    assert put(home="javascript:alert(1)") == 400
    (app, _) = stage.http.get("/phones/api/stage").json()["apps"]
    assert (app["sidebar"], app["home"]) == ("http://127.0.0.1:1/side?to={external_userid}", "")
    assert stage.http.post("/phones/api/app", json={"corp_id": CORP, "agentid": 5}).status_code == 404
    assert stage.http.post("/phones/api/app", content=b"[").status_code == 404


def test_somebody_unknown_signs_in_as_an_openid_that_stays_theirs(stage):
    def asked() -> dict:
        query = {"appid": CORP, "redirect_uri": "http://127.0.0.1:1/back", "unionid": "oNobody"}
        there = stage.http.get("/connect/oauth2/authorize", params=query).headers["location"]
        query = {"access_token": stage.token(), "code": re.search(r"code=([^&]+)", there).group(1)}
        return stage.http.get("/cgi-bin/auth/getuserinfo", params=query).json()

    before = asked()
    assert "external_userid" not in before
    stage.way()
    one = stage.act("scan", state="shop", person={"unionid": "oNobody", "name": "新人"})["external_userid"]
    after = asked()
    assert (after["openid"], after["external_userid"]) == (before["openid"], one)


def test_every_word_of_the_page_is_there_in_english():
    spoken = set()
    for path in STATIC.glob("*.js"):
        if path.name not in ("english.js", "seed.js"):
            spoken |= set(
                re.findall(r'"((?:[^"\\\n]|\\.)*[\u4e00-\u9fff](?:[^"\\\n]|\\.)*)"', path.read_text(encoding="utf-8"))
            )
    english = dict(
        re.findall(
            r'^  "((?:[^"\\]|\\.)*)": "((?:[^"\\]|\\.)*)",$',
            (STATIC / "english.js").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    names = set(
        re.search(r"const NAMES = \[(.*?)\]", (STATIC / "people.js").read_text(encoding="utf-8"))
        .group(1)
        .replace('"', "")
        .split(", ")
    )
    assert spoken - set(english) - names == {"中文"}
    assert set(english) <= spoken
    for said, there in english.items():
        assert set(re.findall(r"\{\w+\}", said)) >= set(re.findall(r"\{\w+\}", there)), said
