"""The example app (示范应用): as small as an app of WeCom can be, and a real one: it hears callbacks and calls over HTTP.

It answers every new friend with a welcome; its page shows who opened it and makes tasks for clerks. It lives in the sandbox's
process so that a newcomer has an app at once. Its credentials stand in the world; whatever else it knows it asked over the wire.
"""

import asyncio
import secrets
import xml.etree.ElementTree as ET
from collections.abc import Coroutine
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from wechatpy.exceptions import InvalidSignatureException

from wecom_sandbox.callbacks.envelope import WeChatCrypto
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import App, Callback, Json
from wecom_sandbox.world import World

HERE = "/phones/example"
_PAGE = Template(Path(__file__).with_name("example.html").read_text(encoding="utf-8"))
_TASKS = {"mass": "给我的客户群发一条", "moment": "请我发一条客户朋友圈", "card": "给我一张任务卡"}
_CARD: Json = {
    "card_type": "button_interaction",
    "main_title": {"title": "有客户问：周末几点开门？", "desc": "示范应用的任务卡"},
    "button_list": [{"text": "我来回", "key": "mine", "style": 1}, {"text": "转给店长", "key": "pass", "style": 4}],
}


@dataclass(frozen=True)
class Line:
    """The app's line to WeCom: an address and its credentials."""

    base: str
    corp_id: str
    agentid: int
    secret: str

    async def call(self, path: str, body: Json | None = None, **query: str) -> Json:
        """Get a token and make one call, POST where there is a body."""
        async with httpx.AsyncClient(base_url=f"{self.base}cgi-bin/", trust_env=False, timeout=10) as http:
            pair = {"corpid": self.corp_id, "corpsecret": self.secret}
            token = (await http.get("gettoken", params=pair)).json().get("access_token", "")
            asked = {"access_token": token, **query}
            answer = await (http.get(path, params=asked) if body is None else http.post(path, params=asked, json=body))
            said: Json = answer.json()
            return said


class Example:
    """Callback address and page of the example app."""

    def __init__(self, world: World) -> None:
        """Know the world only to find the app's own credentials."""
        self.world = world
        self._running: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """List them."""
        return [
            Route(f"{HERE}/join", self.join, methods=["POST"]),
            Route(f"{HERE}/callback", self.callback, methods=["POST"]),
            Route(f"{HERE}/home", self.home, methods=["GET", "POST"]),
        ]

    async def join(self, request: Request) -> Response:
        """Become the app `agentid` of `corp_id`: it hears its callbacks here, and its pages are the ones here."""
        wishes = await request.json()
        _, app = self._own(str(wishes.get("corp_id")), str(wishes.get("agentid")))
        if app is None:
            return JSONResponse({"ok": False, "error": "no such app"}, status_code=404)
        where = urlencode({"corp_id": wishes["corp_id"], "agentid": app.agentid})
        address = f"{request.base_url}{HERE[1:]}"
        app.callback = Callback(f"{address}/callback?{where}", secrets.token_hex(8), _letters(43))
        app.home = app.home or f"{address}/home?{where}"
        app.sidebar = app.sidebar or f"{address}/home?{where}&to={{external_userid}}"
        return JSONResponse({"ok": True})

    async def callback(self, request: Request) -> Response:
        """Hear an event and answer at once; what comes of it is done afterwards."""
        query = request.query_params
        corp, app = self._own(query.get("corp_id", ""), query.get("agentid", ""))
        if corp is None or app is None or app.callback is None:
            return Response("404 no such app", status_code=404)
        signed = [query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")]
        crypto = WeChatCrypto(app.callback.token, app.callback.aes_key, corp.corp_id)
        try:
            heard = ET.fromstring(crypto.decrypt_message(await request.body(), *signed))  # noqa: S314  # decrypted: our own
        except (InvalidSignatureException, ValueError):
            return Response("403 not signed as agreed", status_code=403)
        line = _line(request, corp, app)
        if code := heard.findtext("WelcomeCode"):
            self._later(self._welcome(line, code, corp.name, app.home))
        elif code := heard.findtext("ResponseCode"):
            self._later(self._settle(line, code, heard.findtext("FromUserName", ""), heard.findtext("EventKey", "")))
        return Response("")

    async def home(self, request: Request) -> Response:
        """Show who opened the page: known by signing in (wire.md E); a member may ask for tasks."""
        query = request.query_params
        corp, app = self._own(query.get("corp_id", ""), query.get("agentid", ""))
        if corp is None or app is None:
            return HTMLResponse("404 no such app", status_code=404)
        line = _line(request, corp, app)
        if request.method == "POST":
            form = (await request.body()).decode()
            asked = dict(part.split("=", 1) for part in form.split("&") if "=" in part)
            return _page("办好了", await _task(line, asked.get("do", ""), asked.get("userid", "")), "")
        if "code" not in query:
            sign_in = {"appid": corp.corp_id, "redirect_uri": str(request.url), "response_type": "code"}
            scope = {"scope": "snsapi_base", "state": "home", "agentid": str(app.agentid)}
            return RedirectResponse(f"/connect/oauth2/authorize?{urlencode({**sign_in, **scope})}#wechat_redirect")
        who = await line.call("auth/getuserinfo", code=query["code"])
        if "userid" in who:
            return await _for_member(line, who["userid"], query.get("to", ""))
        known = who.get("external_userid") or who.get("openid") or who.get("errmsg", "")
        return _page("欢迎光临", f"应用知道你是：{known}", "网页经 OAuth 拿到 code，应用凭它问企业微信：是谁打开的。")

    def _own(self, corp_id: str, agentid: str) -> tuple[Corp | None, App | None]:
        corp = self.world.corps.get(corp_id)
        return corp, corp.apps.get(int(agentid)) if corp and agentid.isdigit() else None

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @staticmethod
    async def _settle(line: Line, code: str, userid: str, key: str) -> None:
        words = {"mine": "你来回，好的", "pass": "已转给店长"}.get(key, "收到")
        body = {"userids": [userid], "agentid": line.agentid, "response_code": code, "button": {"replace_name": words}}
        await line.call("message/update_template_card", body)

    @staticmethod
    async def _welcome(line: Line, code: str, corp_name: str, home: str) -> None:
        link = {
            "msgtype": "link",
            "link": {"title": f"{corp_name}会员页", "desc": "点开看看应用认不认得你", "url": home},
        }
        words = {"content": f"您好，我是{corp_name}的店员，有事随时找我。"}
        await line.call(
            "externalcontact/send_welcome_msg", {"welcome_code": code, "text": words, "attachments": [link]}
        )


async def _for_member(line: Line, userid: str, external: str) -> Response:
    about = f"应用知道你是店员 {userid}"
    if external:
        found = await line.call("externalcontact/get", external_userid=external)
        about += f"，正在和 {found.get('external_contact', {}).get('name', external)} 聊天"
    forms = "".join(
        f'<form method="post"><input type="hidden" name="do" value="{name}"><input type="hidden" name="userid" '
        f'value="{escape(userid)}"><button>{label}</button></form>'
        for name, label in _TASKS.items()
    )
    return _page(
        "应用的网页", about, "下面的按钮让应用经接口建任务，由你在手机上点发送。", f"<section>{forms}</section>"
    )


async def _task(line: Line, wish: str, userid: str) -> str:
    """Do as a button asks, over the wire; tell the clerk where to look."""
    if wish == "mass":
        text = {"content": "这周六店里新品试吃，带上朋友来坐坐。"}
        done = await line.call(
            "externalcontact/add_msg_template", {"chat_type": "single", "sender": userid, "text": text}
        )
        where = "任务建好了：工作台 → 群发任务，点“发送”，客户才收到。"
    elif wish == "moment":
        body = {
            "text": {"content": "新到的豆子开袋了，满屋子香。"},
            "visible_range": {"sender_list": {"user_list": [userid]}},
        }
        done = await line.call("externalcontact/add_moment_task", body)
        where = "任务建好了：工作台 → 客户朋友圈，点“发表”。"
    elif wish == "card":
        card = {**_CARD, "task_id": f"example-{secrets.token_hex(4)}"}
        body = {"touser": userid, "msgtype": "template_card", "agentid": line.agentid, "template_card": card}
        done = await line.call("message/send", body)
        where = "卡片发了：消息 → 示范应用。"
    else:
        return "没有这个按钮。"
    return where if done.get("errcode") == 0 else f"企业微信答：{done.get('errcode')} {done.get('errmsg')}"


def _page(greeting: str, about: str, how: str, more: str = "") -> Response:
    return HTMLResponse(_PAGE.substitute(greeting=escape(greeting), about=escape(about), how=escape(how), more=more))


def _line(request: Request, corp: Corp, app: App) -> Line:
    return Line(str(request.base_url), corp.corp_id, app.agentid, app.secret)


def _letters(count: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    # The last of 43 base64 letters holds only four bits.
    return "".join(secrets.choice(alphabet) for _ in range(count - 1)) + secrets.choice("AEIMQUYcgkosw048")
