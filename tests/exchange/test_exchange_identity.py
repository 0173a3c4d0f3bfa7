"""Who signed in, and the tickets of the JS-SDK (wire.md E)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.sandbox.stage import AGENT, CORP, SEED

PRIVATE = {"scope": "snsapi_privateinfo", "agentid": AGENT}
STORE_ONLY = "secret-of-an-app-that-sees-one-store"


def code_for(stage, **who):
    query = {"appid": CORP, "redirect_uri": "http://linli.example/back", "state": "s", **who}
    answer = stage.http.get("/connect/oauth2/authorize", params=query)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def reseed(stage, **extra):
    narrow = {"agentid": 1000009, "name": "Store", "secret": STORE_ONLY, "visible": [2]}
    users = [*SEED["users"], {"userid": "boss", "name": "总", "department": [1]}]
    users[0] = {**users[0], "gender": 2, "email": "z@mail.example", "biz_mail": "z@corp.example", "address": "一号"}
    stage.control("seed", {**SEED, "users": users, "apps": [*SEED["apps"], narrow], "reset": True, **extra})


def test_who_agreed_shows_their_details(client, stage):
    reseed(stage)
    visitor = client.visitor_of_code(code_for(stage, userid="zhangsan", **PRIVATE))
    assert visitor.userid == "zhangsan"
    details = client.private_details(visitor.user_ticket)
    assert (details.userid, details.gender, details.mobile) == ("zhangsan", 2, "13800000000")
    assert (details.email, details.biz_mail, details.address) == ("z@mail.example", "z@corp.example", "一号")
    assert details.avatar
    assert details.qr_code
    assert visitor.user_ticket not in repr(visitor)


@pytest.mark.parametrize("asked", [{"scope": "snsapi_base", "agentid": AGENT}, {"scope": "snsapi_privateinfo"}])
def test_the_base_scope_and_a_missing_agentid_give_no_ticket(client, stage, asked):
    visitor = client.visitor_of_code(code_for(stage, userid="zhangsan", **asked))
    assert (visitor.userid, visitor.user_ticket) == ("zhangsan", None)


def test_somebody_out_of_sight_gives_no_ticket(stage):
    reseed(stage)
    narrow = client_of(stage, STORE_ONLY)
    assert narrow.visitor_of_code(code_for(stage, userid="zhangsan", **PRIVATE)).user_ticket
    assert narrow.visitor_of_code(code_for(stage, userid="boss", **PRIVATE)).user_ticket is None
    narrow.close()


def test_a_customer_signs_in_as_one(client, stage):
    stage.way()
    external = stage.befriend()
    visitor = client.visitor_of_code(code_for(stage, external_userid=external))
    assert (visitor.userid, visitor.external_userid) == (None, external)
    assert visitor.openid
    code = code_for(stage, external_userid=external)
    assert client.user_of_code(code) is None
    with refused(42022):
        client.user_of_code(code)


def test_a_ticket_of_nobody_and_one_that_ended_are_refused(client, stage):
    with refused(84015):
        client.private_details("nobody")
    ticket = client.visitor_of_code(code_for(stage, userid="zhangsan", **PRIVATE)).user_ticket
    assert client.private_details(ticket).userid == client.private_details(ticket).userid == "zhangsan"
    stage.control("tunables", {"user_ticket_life_s": 0})
    with refused(84014):
        client.private_details(ticket)


def test_tickets_stay_the_same_until_they_end_and_are_not_each_other(client, rival, stage):
    corp, agent = client.corp_ticket(), client.agent_ticket()
    assert (client.corp_ticket().value, client.agent_ticket().value) == (corp.value, agent.value)
    assert rival.corp_ticket().value == corp.value
    assert len({corp.value, agent.value, rival.agent_ticket().value}) == 3
    assert 7100 < corp.expires_in <= 7200
    assert corp.value not in repr(corp)
    stage.control("tunables", {"js_ticket_life_s": 0})
    assert client.corp_ticket().value != corp.value


def test_tickets_are_counted_by_app_and_by_corp(client, rival, stage):
    stage.control("tunables", {"js_tickets_per_hour_app": 2, "js_tickets_per_hour_corp": 3})
    for ask in (client.agent_ticket, client.corp_ticket):
        ask(), ask()
        with refused(45009):
            ask()
    rival.corp_ticket()
    with refused(45009):
        rival.corp_ticket()
    stage.control("clock", {"advance": 3601})
    assert client.corp_ticket().value
    stage.get("ticket/get", type="jsapi", code=40058)
