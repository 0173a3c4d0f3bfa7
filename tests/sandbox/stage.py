"""A sandbox and a receiver of its callbacks, both real servers on ephemeral ports."""

import asyncio
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import WeChatCrypto

from wecom_sandbox.library import UPLOAD, MediaFile
from wecom_sandbox.server import Options, Sandbox, listen

CORP = "ww0123456789abcdef"
SECRET, RIVAL_SECRET = "secret-one", "secret-two"
AGENT, RIVAL = 1000002, 1000003
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

SEED: dict[str, Any] = {
    "corp_id": CORP,
    "corp_name": "邻里百货",
    "apps": [
        {"agentid": AGENT, "name": "Linli", "secret": SECRET},
        {"agentid": RIVAL, "name": "Rival", "secret": RIVAL_SECRET},
    ],
    "departments": [
        {"id": 1, "name": "总部", "parentid": 0, "order": 1},
        {"id": 2, "name": "华东", "parentid": 1, "order": 2},
        {"id": 3, "name": "一店", "parentid": 2, "order": 3},
    ],
    "users": [
        {"userid": "zhangsan", "name": "张三", "department": [3], "position": "店长", "mobile": "13800000000"},
        {"userid": "lisi", "name": "李四", "department": [3], "position": "导购"},
        {"userid": "wangwu", "name": "王五", "department": [2], "position": "导购", "customer_cap": 1},
    ],
}


def until(condition: Callable[[], bool], *, within: float = 20.0) -> None:
    """Poll until something holds."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "it never came to hold"
        time.sleep(0.01)


class Hosted:
    """An ASGI application served from a thread."""

    def __init__(self, app: Starlette, port: int = 0) -> None:
        self.listener = listen("127.0.0.1", port)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()
        until(lambda: self.server.started)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.listener.close()


@dataclass
class Heard:
    """One callback as the receiver decrypted it."""

    xml: str
    query: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)


class Receiver:
    """What an app's callback URL is: it verifies, decrypts and remembers."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.status = 200
        self.delay = 0.0
        self.echo_suffix = ""
        self.attempts = 0
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)
        self.hosted = Hosted(Starlette(routes=[Route("/callback", self._answer, methods=["GET", "POST"])]))
        self.url = self.hosted.url + "/callback"

    async def _answer(self, request: Request) -> Response:
        query = dict(request.query_params)
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            plain = self._crypto.check_signature(*signed, query["echostr"])
            return Response(plain + self.echo_suffix)
        self.attempts += 1
        await asyncio.sleep(self.delay)
        xml = self._crypto.decrypt_message(await request.body(), *signed)
        if self.status == 200:
            fields = {child.tag: child.text or "" for child in ET.fromstring(xml)}
            self.heard.append(Heard(xml, query, fields))
        return Response("", status_code=self.status)

    def changes(self) -> list[str]:
        return [heard.fields["ChangeType"] for heard in self.heard]


class Stage:
    """A client of one sandbox: its API as an app, its control plane as a director."""

    def __init__(self, options: Options | None = None) -> None:
        self.sandbox = Sandbox(options or Options())
        self.hosted = Hosted(self.sandbox.app())
        self.http = httpx.Client(base_url=self.hosted.url, trust_env=False)
        self._tokens: dict[str, str] = {}

    def stop(self) -> None:
        self.http.close()
        self.hosted.stop()

    def control(self, path: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        """Use the control plane: GET without a body, POST with one."""
        url = f"/control/{path}"
        answer = self.http.get(url) if body is None else self.http.post(url, json=body)
        assert answer.status_code == status, answer.text
        data: dict[str, Any] = answer.json()
        assert data["ok"] is (status == 200)
        return data

    def act(self, kind: str, *, status: int = 200, **wishes: object) -> dict[str, Any]:
        return self.control("act", {"kind": kind, **wishes}, status=status)

    def token(self, secret: str = SECRET) -> str:
        if secret not in self._tokens:
            query = {"corpid": CORP, "corpsecret": secret}
            self._tokens[secret] = self.http.get("/cgi-bin/gettoken", params=query).json()["access_token"]
        return self._tokens[secret]

    def get(self, path: str, *, code: int = 0, **query: str | int) -> dict[str, Any]:
        params = {"access_token": self.token(), **query}
        return self._checked(self.http.get(f"/cgi-bin/{path}", params=params), code)

    def post(self, path: str, body: object = None, *, code: int = 0, secret: str = SECRET) -> dict[str, Any]:
        params = {"access_token": self.token(secret)}
        answer = self.http.post(f"/cgi-bin/{path}", params=params, json={} if body is None else body)
        return self._checked(answer, code)

    def contact(self, path: str, body: object = None, *, code: int = 0, secret: str = SECRET) -> dict[str, Any]:
        return self.post(f"externalcontact/{path}", body, code=code, secret=secret)

    @staticmethod
    def _checked(answer: httpx.Response, code: int) -> dict[str, Any]:
        assert answer.status_code == 200
        data: dict[str, Any] = answer.json()
        assert data["errcode"] == code, data
        return data

    def listen(self, receiver: Receiver, agentid: int = AGENT) -> None:
        config = {"corp_id": CORP, "agentid": agentid, "url": receiver.url, "token": TOKEN, "aes_key": AES_KEY}
        self.control("callback", {**config, "verify": True})

    def way(self, state: str = "shop", users: tuple[str, ...] = ("zhangsan",)) -> str:
        kind = 1 if len(users) == 1 else 2
        body = {"type": kind, "scene": 2, "user": list(users), "state": state}
        config_id: str = self.contact("add_contact_way", body)["config_id"]
        return config_id

    def befriend(self, number: int = 1, state: str = "shop") -> str:
        """Let person `number` scan the code that carries `state`."""
        person = {"unionid": f"union{number}", "name": f"顾客{number}"}
        external_userid: str = self.act("scan", state=state, person=person)["external_userid"]
        return external_userid

    def own_files(self) -> None:
        """Let there be an upload of each kind whose media id is its kind's name."""
        world = self.sandbox.world
        for kind in ("image", "voice", "video", "file"):
            digest = world.vault.put(kind.encode())
            ends = world.now() + 3 * 86_400
            file = MediaFile(
                kind, kind, UPLOAD, f"{kind}.bin", "application/octet-stream", digest, 5, world.now(), ends
            )
            world.corps[CORP].library.files[kind] = file

    def settle(self) -> None:
        """Wait until no callback is under way."""

        def quiet() -> bool:
            left = self.control("outstanding")
            return not left["callbacks_queued"] and not left["callbacks_in_flight"]

        until(quiet)
