"""A short story full of what may stand nowhere else: secrets, phone numbers, names, words. Told by pages, API and callbacks."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.access import api as access
from linli.access.models import Account
from linli.connect import api as connect
from linli.kit.clock import now
from tests.api.tills import Caller, order
from tests.commerce.files import as_csv, line
from tests.connect.staged import befriend
from tests.messaging.acting import Chain, Line, cut_line
from tests.sandbox.stage import AGENT, CORP, SECRET, until

PHONES = ("13912345678", "13587654321", "+86 18600001111")
NAMES = ("欧阳小满", "慕容大川", "Giuseppina Ottavi")
WORDS = ("亲爱的老朋友，桂花拿铁回来了", "欢迎你，新邻居，记得领券", "礼盒装苏绣围巾", "沉睡的桂花爱好者")
PASSWORDS = ("a long pass phrase", "s3cret-typed-wrong")

# A child as `linli up` starts it, but with our loggers at DEBUG.
CHILD = (
    "import logging; logging.getLogger('linli').setLevel(10); from linli.project import processes; processes.run_{}()"
)


@dataclass
class Told:
    """What was used on the way; none of it may be found elsewhere."""

    secrets: list[str] = field(default_factory=list)

    def found_in(self, text: str) -> list[str]:
        """Each of all that stands in the text."""
        return [one for one in (*self.secrets, *PHONES, *NAMES, *WORDS, *PASSWORDS) if one and one in text]


def by_pages(chain: Chain) -> Told:
    """An operator's morning, with the mistakes people make."""
    told = Told()
    account = access.create_administrator(corp_id=chain.corp_id, username="zhou", password=PASSWORDS[0], name="周岚")
    browser = Client(raise_request_exception=False)
    browser.post("/sign-in", {"username": NAMES[0], "password": PASSWORDS[1]})
    browser.post("/sign-in", {"username": "zhou", "password": PASSWORDS[0]})
    assert browser.session["_auth_user_id"] == str(Account.objects.get(id=account).pk)
    browser.post(
        "/connection/line/", {"agent_id": AGENT, "secret": "wrong-secret-typed", "base_url": chain.stage.hosted.url}
    )
    told.secrets += [SECRET, "wrong-secret-typed"]
    browser.post("/connection/callback/")
    keys = connect.callback_settings(corp_id=chain.corp_id)
    told.secrets += [keys.token, keys.encoding_aes_key]
    welcome = {"name": NAMES[1], "text": WORDS[1], "shop": "", "with_group": "on"}
    browser.post("/shops/welcomes/new/", welcome)
    browser.post("/segments/new/", {"name": WORDS[3], "definition": '{"kind": "everyone"}'})
    browser.post("/settings/keys", {"name": NAMES[2], "scopes": ["orders.write"]})
    begun = browser.post("/sends/", {}).url
    browser.post(f"{begun}draft/", {"name": NAMES[0], "text": f"{WORDS[0]} {PHONES[0]}", "holdout": "0", "send_at": ""})
    browser.post(f"{begun}builder/", {"definition": '{"kind": "everyone"}'})
    browser.post(f"{begun}attachments/", {"kind": "link", "title": WORDS[2], "url": "https://shop.example/x"})
    for step in ("plan", "revision", "plan", "approval"):
        browser.post(f"{begun}{step}/")
    browser.post("/customers/1/consent/", {"consent": "0"})
    upload = SimpleUploadedFile(
        f"{NAMES[1]}.csv", as_csv([line("1", buyer=PHONES[1], text=WORDS[2]), line("2", quantity=NAMES[0])])
    )
    begun = browser.post("/orders/imports/", {"source": "till", "files": upload})
    browser.post(f"{begun.url}start/", {"source": "till", "number": "0"})
    browser.get("/customers/", {"q": NAMES[0]})
    browser.get(f"/segments/{PHONES[0]}/")
    browser.post("/sign-out")
    return told


def by_api(chain: Chain, told: Told) -> None:
    """A till that is mostly right."""
    corp = access.corp(corp_id=chain.corp_id)
    till = Caller(corp, ["orders.write", "orders.read", "members.write"])
    told.secrets.append(till.headers["Authorization"].removeprefix("Bearer "))
    till.client.raise_request_exception = False
    lines = [{"sku": "A", "description": WORDS[2], "quantity": "eins", "unit_price": NAMES[1]}]
    till.post(
        "orders", [order("1", buyer_ref=PHONES[0]) | {"source": "till"}, order("2", lines=lines) | {"source": "till"}]
    )
    till.post("members", [{"mall_id": PHONES[1], "unionid": "oU1", "name": NAMES[0]}])
    till.post("members", [{"mall_id": PHONES[1] * 20, "name": NAMES[0]}])
    till.post("orders", "{" + WORDS[0])
    till.get(f"orders/till/{PHONES[0]}")


def by_a_line_that_breaks(chain: Chain, monkeypatch) -> None:
    """Sends whose call fails, whose answer is lost, and which WeCom refuses."""
    from linli.messaging import api as messaging

    send_id = chain.approved(f"{WORDS[0]} {PHONES[2]}", name=NAMES[2])
    with monkeypatch.context() as patched:
        cut_line(patched, Line("add_msg_template", after=True, times=2))
        messaging.launch(corp_id=chain.corp_id, send_id=send_id)
    with monkeypatch.context() as patched:
        cut_line(patched, Line("gettoken", after=False, times=50, error=httpx.ConnectError(f"cut at {PHONES[0]}")))
        messaging.launch(corp_id=chain.corp_id, send_id=send_id)
    messaging.launch(corp_id=chain.corp_id, send_id=send_id)
    messaging.tick(corp_id=chain.corp_id, at=now())


@contextlib.contextmanager
def children(database: str, log: Path) -> Iterator[str]:
    """Ingress, drain, welcome, deliver and worker on the test's database; gives the ingress's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/linli?", f"/{database}?"), "PYTHONPATH": "src",
    }  # fmt: skip
    ingress = [sys.executable, "-m", "granian", "--port", str(port), "--interface", "asgi", "--factory", "--no-ws",
               "--log-level", "debug", "linli.ingress.app:application"]  # fmt: skip
    commands = [
        ingress,
        *([sys.executable, "-c", CHILD.format(name)] for name in ("drain", "welcome", "deliver", "worker")),
    ]
    with log.open("wb") as out:
        running = [subprocess.Popen(command, env=env, stdout=out, stderr=out) for command in commands]
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), within=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        time.sleep(0.1)
        return False


def by_callbacks(chain: Chain, base: str) -> None:
    """People scan, are written about, and leave; strangers knock with words of their own."""
    keys = connect.callback_settings(corp_id=chain.corp_id)
    address = base + "/callback/" + keys.url.rpartition("/")[2]
    config = {"corp_id": CORP, "agentid": AGENT, "url": address, "token": keys.token, "aes_key": keys.encoding_aes_key}
    chain.stage.control("callback", {**config, "verify": True})
    for number in range(20, 24):
        who = befriend(chain.stage, number, "clerk0-0")
        wishes = {"userid": "clerk0-0", "external_userid": who}
        chain.stage.act("staff_remarks", **wishes, remark=NAMES[0], remark_mobiles=[PHONES[0]], description=WORDS[0])
        chain.stage.act("customer_deletes", **wishes) if number == 23 else None
    chain.stage.settle()
    httpx.post(address, params={"msg_signature": "x", "timestamp": "1", "nonce": PHONES[0]}, content=WORDS[0].encode())
    httpx.post(f"{base}/callback/{NAMES[2]}", content=f"<xml><Encrypt>{PHONES[1]}</Encrypt></xml>".encode())
