"""The door: passwords, pauses, the second step, WeCom's word, sessions that end at once."""

import re
import threading
import time
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import connection
from django.test import Client

from linli.access import api as access
from linli.access import throttle
from linli.access.api import EVERYTHING, Scope
from linli.access.models import Account, ApiKey, RecoveryCode, Secret, Session, Throttle
from linli.directory import operations
from linli.directory.models import Staff
from linli.kit.clock import wall
from linli.kit.errors import BadInput
from tests.connect.staged import linked_corp, running_stage

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)
PASSWORD = "a long pass phrase"


@pytest.fixture
def lan(corp):
    """An operator's account."""
    account_id, _ = access.invite(corp_id=corp.id, username="lan", name="周岚", role="operator", scope=EVERYTHING)
    account = Account.objects.get(id=account_id)
    account.set_password(PASSWORD)
    account.initial_until = None
    account.save()
    return account


def knock(client, username="lan", password=PASSWORD, **more):
    return client.post("/sign-in", {"username": username, "password": password, **more})


def is_in(client) -> bool:
    return client.get("/segments/").status_code == 200


def code_of(account, step: int = 0) -> str:
    secret = access.open_secret(corp_id=account.corp_id, name=f"totp.{account.pk}")
    return TOTP(bytes.fromhex(secret), 6, SHA1(), 30).generate(int(time.time()) + 30 * step).decode()


def enrolled(client, account) -> list[str]:
    """Enrol as a person does, and return the recovery codes."""
    shown = client.get("/accounts/me/second-step/").content.decode()
    assert "data:image/svg+xml" in shown
    secret = access.open_secret(corp_id=account.corp_id, name=f"totp-new.{account.pk}")
    code = TOTP(bytes.fromhex(secret), 6, SHA1(), 30).generate(int(time.time()) - 30).decode()
    done = client.post("/accounts/me/second-step/", {"code": code})
    assert done.status_code == 200
    return re.findall(r"<code>([A-Z2-7-]{29})</code>", done.content.decode())


def test_who_is_unknown_wrong_or_shut_hears_the_same(client, lan, corp):
    shut, password = access.invite(corp_id=corp.id, username="shut", name="x", role="analyst", scope=EVERYTHING)
    access.disable(corp_id=corp.id, account_id=shut)
    answers = [knock(client, "nobody"), knock(client, "lan", "wrong"), knock(client, "shut", password)]
    texts = {re.sub(r'value="[^"]*"', "", one.content.decode()) for one in answers}
    assert {one.status_code for one in answers} == {403}
    assert len(texts) == 1
    assert knock(client).status_code == 302
    assert is_in(client)


def test_an_unknown_name_costs_a_hash_too(lan, settings):
    """The answer to a name that is not there costs about as much as a wrong password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    lan.set_password(PASSWORD)
    lan.save()

    def took(name: str) -> float:
        times = []
        for _ in range(4):
            Throttle.objects.all().delete()
            began = time.process_time()
            knock(Client(), name, "wrong")
            times.append(time.process_time() - began)
        return min(times)

    there, absent = took("lan"), took("nobody")
    assert 0.4 < absent / there < 2.5


@pytest.fixture
def clock(monkeypatch):
    """The real clock of the pauses, held still: a slow machine must not sit them out."""
    held = SimpleNamespace(at=wall())
    monkeypatch.setattr(throttle, "wall", lambda: held.at)
    return held


@pytest.mark.parametrize("name", ["lan", "nobody"])
def test_tries_slow_down_whether_the_name_is_there_or_not(client, lan, clock, name):
    heard = [knock(client, name, "wrong").status_code for _ in range(7)]
    assert heard == [403] * 5 + [429] * 2
    assert knock(client, name, PASSWORD).status_code == 429
    pauses = []
    for _ in range(11):
        free_at = Throttle.objects.get(key=throttle.by_name(name).key).free_at
        pauses.append(round((free_at - clock.at).total_seconds()))
        clock.at = free_at
        assert knock(client, name, "wrong").status_code == 403
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    clock.at += timedelta(seconds=300)
    assert (knock(client, name, PASSWORD).status_code == 302) == (name == "lan")


def test_a_clock_that_went_back_shuts_nobody_out(client, lan, clock):
    """Each try of the last hour lies ahead of the clock then; before, its name and its whole address waited the hour out."""
    assert knock(client, "nobody", "wrong").status_code == 403
    assert knock(client).status_code == 302
    clock.at -= timedelta(hours=1)
    assert knock(Client()).status_code == 302
    heard = [knock(client, "nobody", "wrong").status_code for _ in range(6)]
    assert heard == [403] * 4 + [429] * 2, "and what was counted still counts"


def test_one_address_is_slowed_down_over_all_names(client, lan, clock):
    heard = [knock(client, f"name{n}", "wrong").status_code for n in range(21)]
    assert heard == [403] * 20 + [429]
    assert knock(client).status_code == 429
    assert knock(Client(REMOTE_ADDR="10.0.0.9")).status_code == 302


def test_a_hundred_tries_at_once_are_a_hundred_tries(transactional_db):
    heard, limit = [], throttle.by_code(7)

    def one() -> None:
        try:
            throttle.take_try(limit)
            heard.append(True)
        except throttle.TooManyTries:
            heard.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(heard) == 5


def test_a_good_sign_in_does_not_wipe_wrong_ones_of_its_address(client, lan):
    for n in range(6):
        knock(client, f"name{n}", "wrong")
    assert knock(client).status_code == 302
    assert Throttle.objects.get(key="address:127.0.0.1").tries == 6


def test_behind_a_proxy_the_address_is_what_the_own_proxy_wrote(client, lan, settings):
    from dataclasses import replace

    knock(client, password="wrong", headers={"X-Forwarded-For": "6.6.6.6"})
    settings.LINLI = replace(settings.LINLI, proxies=1)
    client.post("/sign-in", {"username": "lan", "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6, 9.9.9.9"})
    keys = set(Throttle.objects.values_list("key", flat=True))
    assert {"address:127.0.0.1", "address:9.9.9.9"} < keys
    assert "address:6.6.6.6" not in keys


def test_a_first_password_must_be_changed_and_dies_in_a_week(client, corp):
    account_id, password = access.invite(corp_id=corp.id, username="new", name="新", role="analyst", scope=EVERYTHING)
    assert knock(client, "new", password).status_code == 302
    assert client.get("/segments/").url == "/accounts/me/"
    form = {"old": password, "new": "mine alone, nobody's", "again": "mine alone, nobody's"}
    assert client.post("/accounts/me/password/", form).status_code == 302
    assert is_in(client)
    assert not Account.objects.get(id=account_id).initial_until
    again = access.reset_password(corp_id=corp.id, account_id=account_id)
    assert not is_in(client)
    Account.objects.filter(id=account_id).update(initial_until=wall() - timedelta(seconds=1))
    assert knock(client, "new", again).status_code == 403


@pytest.mark.parametrize("weak", ["short", "password1", "iloveyou1", "12345678910", PASSWORD])
def test_weak_passwords_are_refused_and_the_old_one_stays(client, lan, weak):
    knock(client)
    answer = client.post("/accounts/me/password/", {"old": PASSWORD, "new": weak, "again": weak})
    assert answer.status_code == 422
    lan.refresh_from_db()
    assert lan.check_password(PASSWORD)


def test_changing_the_password_asks_for_the_old_and_ends_other_sessions(client, lan):
    other = Client()
    knock(client)
    knock(other)
    form = {"old": "wrong", "new": "quite another sentence", "again": "quite another sentence"}
    assert client.post("/accounts/me/password/", form).status_code == 422
    assert is_in(other)
    assert client.post("/accounts/me/password/", {**form, "old": PASSWORD}).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_the_second_step_is_asked_for_and_a_code_works_once(client, lan):
    knock(client)
    assert len(enrolled(client, lan)) == 10
    new = Client()
    assert knock(new, next="/segments/").url == "/sign-in/code"
    assert not is_in(new)
    assert new.post("/sign-in/code", {"code": "000000"}).status_code == 403
    code = code_of(lan)
    answer = new.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
    assert (answer.status_code, answer.url) == (302, "/segments/")
    assert is_in(new)
    replayed = Client()
    knock(replayed)
    assert replayed.post("/sign-in/code", {"code": code}).status_code == 403
    assert replayed.post("/sign-in/code", {"code": code_of(lan, -1)}).status_code == 403
    assert not is_in(replayed)
    assert replayed.post("/sign-in/code", {"code": code_of(lan, 1)}).status_code == 302


def test_a_recovery_code_works_once_and_only_its_digest_is_kept(client, lan):
    knock(client)
    codes = enrolled(client, lan)
    for heard in (302, 403):
        new = Client()
        knock(new)
        assert new.post("/sign-in/code", {"code": codes[0].lower()}).status_code == heard
    assert codes[0].replace("-", "").encode() not in b"".join(
        bytes(one) for one in RecoveryCode.objects.values_list("digest", flat=True)
    )
    client.force_login(lan)
    assert client.post("/accounts/me/recovery-codes/", {"password": "wrong"}).status_code == 422
    assert client.post("/accounts/me/recovery-codes/", {"password": PASSWORD}).status_code == 200
    new = Client()
    knock(new)
    assert new.post("/sign-in/code", {"code": codes[1]}).status_code == 403


def test_guessing_codes_is_slowed_down_for_the_account(client, lan, clock):
    knock(client)
    enrolled(client, lan)
    heard = []
    for n in range(8):
        new = Client(REMOTE_ADDR=f"10.0.0.{n}")
        knock(new)
        heard.append(new.post("/sign-in/code", {"code": "000000"}).status_code)
    assert heard[:5] == [403] * 5
    assert heard[5:] == [429] * 3


def test_the_secret_of_the_second_step_is_sealed_and_removal_asks_for_the_password(client, lan):
    knock(client)
    enrolled(client, lan)
    secret = access.open_secret(corp_id=lan.corp_id, name=f"totp.{lan.pk}")
    assert bytes.fromhex(secret) not in bytes(Secret.objects.get(name=f"totp.{lan.pk}").sealed)
    assert client.post("/accounts/me/second-step/removal/", {"password": "wrong"}).status_code == 422
    assert client.post("/accounts/me/second-step/removal/", {"password": PASSWORD}).status_code == 302
    assert not Secret.objects.filter(name__startswith="totp").exists()
    assert knock(Client()).url == "/"


def test_sessions_are_listed_and_ended(client, lan):
    others = [Client(headers={"user-agent": f"Browser{n}"}) for n in range(2)]
    for one in (client, *others):
        knock(one)
    page = client.get("/accounts/me/").content.decode()
    assert "Browser0" in page
    assert "Browser1" in page
    assert client.post("/accounts/me/sessions/end/").status_code == 302
    assert is_in(client)
    assert not any(is_in(one) for one in others)
    assert Session.objects.filter(account=lan).count() == 1


def test_a_session_is_renewed_at_the_door(client, lan):
    client.get("/sign-in/wecom")
    session = client.session
    session["kept"] = "from before"
    session.save()
    before = session.session_key
    knock(client)
    assert client.session.session_key != before
    assert "kept" not in client.session
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("act", ["disable", "role", "password", "second step", "left", "disabled at WeCom", "gone"])
def test_sessions_end_at_once(client, lan, corp, act):
    access.create_administrator(corp_id=corp.id, username="first", password=PASSWORD)
    access.bind(corp_id=corp.id, account_id=lan.pk, userid="lan-at-wecom", name="周岚")
    Staff.objects.create(corp_id=corp.id, userid="lan-at-wecom", status=1)
    knock(client)
    assert is_in(client)
    key = {"corp_id": corp.id, "account_id": lan.pk}
    read = {"userid": "lan-at-wecom", "name": "x", "departments": (), "position": ""}
    acts = {
        "disable": lambda: access.disable(**key),
        "role": lambda: access.regrant(**key, role="analyst", scope=EVERYTHING),
        "password": lambda: access.reset_password(**key),
        "second step": lambda: access.reset_second_step(**key),
        "left": lambda: operations.save_staff(
            corp_id=corp.id, staff=[operations.StaffRead(**read, status=5)], cause="reconciliation"
        ),
        "disabled at WeCom": lambda: operations.save_staff(
            corp_id=corp.id, staff=[operations.StaffRead(**read, status=2)], cause="reconciliation"
        ),
        "gone": lambda: operations.mark_left(corp_id=corp.id, userids=["lan-at-wecom"], cause="reconciliation"),
    }
    acts[act]()
    answer = client.get("/segments/")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in")
    assert not Session.objects.filter(account=lan).exists()
    if act in {"left", "disabled at WeCom", "gone", "disable"}:
        assert knock(Client()).status_code == 403


def test_wecom_signs_in_whom_an_administrator_bound_and_nobody_else(line, stage, client, settings):
    staff = Staff.objects.create(corp_id=line.id, userid="clerk0-0", name="店员", status=1)
    access.invite(
        corp_id=line.id, username="clerk", name="店员", role="clerk", userid="clerk0-0",
        scope=Scope(frozenset({("own", staff.pk)})),
    )  # fmt: skip

    def go(userid: str, browser: Client) -> str:
        away = browser.get("/sign-in/wecom?next=/customers/").url
        answer = httpx.get(f"{away}&userid={userid}", follow_redirects=False)
        assert answer.status_code == 302
        return answer.headers["location"]

    page = httpx.get(client.get("/sign-in/wecom").url)
    assert "clerk0-0" in page.text
    back = urlsplit(go("clerk0-0", client))
    answer = client.get(f"{back.path}?{back.query}")
    assert (answer.status_code, answer.url) == (302, "/customers/")
    Account.objects.update(initial_until=None)
    assert client.get("/customers/").status_code == 200
    replayed = Client()
    assert replayed.get(f"{back.path}?{back.query}").status_code == 403
    mine = urlsplit(go("boss", replayed))
    stranger = replayed.get(f"{mine.path}?{mine.query}")
    assert stranger.status_code == 403
    assert replayed.get("/customers/").status_code == 302
    state = parse_qs(urlsplit(go("clerk0-0", replayed)).query)["state"][0]
    used = parse_qs(back.query)["code"][0]
    assert replayed.get(f"/sign-in/wecom/back?state={state}&code={used}").status_code == 403
    assert replayed.get(f"/sign-in/wecom/back?state={state}&code=x").status_code == 403
    access.close_for_staff(corp_id=line.id, userids=["clerk0-0"])
    again = urlsplit(go("clerk0-0", replayed))
    assert replayed.get(f"{again.path}?{again.query}").status_code == 403


def test_the_terminal_lets_in_who_is_locked_out(client, lan):
    knock(client)
    enrolled(client, lan)
    access.close_for_staff(corp_id=lan.corp_id, userids=[])
    Account.objects.filter(id=lan.pk).update(is_active=False)
    with pytest.raises(BadInput):
        access.set_password(username="lan", password="short")
    access.set_password(username="lan", password="a fresh sentence", enable=True, without_second_step=True)
    assert knock(Client(), password="a fresh sentence").url == "/"


def test_a_key_is_refused_after_its_day_and_says_when_it_was_used(corp):
    key = access.create_api_key(corp_id=corp.id, name="till", scopes=["orders.read"], days=30)
    assert access.api_keys(corp_id=corp.id)[0].last_used_at is None
    assert access.authenticate_api_key(key=key).scopes == {"orders.read"}
    used = access.api_keys(corp_id=corp.id)[0]
    assert used.last_used_at is not None
    assert not used.expired
    ApiKey.objects.update(expires_at=wall())
    with pytest.raises(access.KeyExpired):
        access.authenticate_api_key(key=key)
    assert access.api_keys(corp_id=corp.id)[0].expired
