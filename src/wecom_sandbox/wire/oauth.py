"""Signing in by WeCom (wire.md E): a page on which a person says who they are, and the code that an app asks about.

A code works once and lives five real minutes; none survives a restart. The page stands for both ways, inside the client
(connect/oauth2/authorize) and by scan in a browser (wwlogin/sso/login).
"""

import secrets
import time
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from wecom_sandbox.corp import external_id_of
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, OAuthCode, UserTicket
from wecom_sandbox.sight import sees_user
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.contacts import private_of
from wecom_sandbox.world import World

_PAGE = Template((Path(__file__).with_name("oauth.html")).read_text(encoding="utf-8"))


class OAuth:
    """The pages."""

    def __init__(self, world: World) -> None:
        """Stand before a world, which keeps the codes."""
        self.world = world

    def routes(self) -> list[Route]:
        """List the two pages."""
        return [Route(path, self.page) for path in ("/connect/oauth2/authorize", "/wwlogin/sso/login")]

    async def page(self, request: Request) -> Response:
        """Ask who it is; with `userid` (the answer) go back to the app with a code."""
        query = request.query_params
        corp = self.world.corps.get(query.get("appid", ""))
        back = query.get("redirect_uri", "")
        if corp is None or urlsplit(back).scheme not in {"http", "https"}:
            return HTMLResponse("参数错误 wrong appid or redirect_uri", status_code=400)
        if query.get("agentid") and int(query["agentid"]) not in corp.apps:
            return HTMLResponse("应用不存在 no such agentid", status_code=400)
        userid, external = query.get("userid", ""), query.get("external_userid", "")
        stranger = query.get("unionid", "")  # somebody whom the corp may not know yet
        if stranger and not external:
            external = external_id_of(corp, stranger)
        if userid in corp.users or external in corp.customers or stranger:
            # Without agentid the wider scope is silently the base one (wire.md E).
            private = query.get("scope") == "snsapi_privateinfo" and bool(query.get("agentid"))
            known = OAuthCode(
                corp.corp_id, userid, time.monotonic(), external_userid=external, private=private,
                domain=urlsplit(back).netloc,
            )  # fmt: skip
            code = secrets.token_urlsafe(32)
            self.world.oauth_codes[code] = known
            return RedirectResponse(_back(back, code, query.get("state", "")), 302)
        kept = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in query.items()
            if name != "userid"
        )
        people = "".join(
            f'<option value="{escape(user.userid)}">{escape(user.name)} {escape(user.position)}</option>'
            for user in corp.users.values()
        )
        return HTMLResponse(_PAGE.substitute(corp=escape(corp.name), kept=kept, people=people))


def getuserinfo(call: Call) -> Json:
    """Answer auth/getuserinfo: the member of a code, once."""
    found = call.world.oauth_codes.get(call.text("code", missing=40029))
    if found is None or found.corp_id != call.corp.corp_id:
        raise WireError(40029)
    if call.app.domain not in ("", found.domain):
        raise WireError(50001)
    if found.used:
        raise WireError(42022)
    if time.monotonic() - found.issued_at > call.world.tunables.oauth_code_life_s:
        raise WireError(42003)
    found.used = True
    if not found.userid:
        openid = "o" + call.corp.digest("openid/" + found.external_userid)[:27]
        known = found.external_userid in call.corp.customers
        return {"openid": openid, **({"external_userid": found.external_userid} if known else {})}
    user = call.corp.users.get(found.userid)
    if not found.private or user is None or not sees_user(call.corp, call.app, user):
        return {"userid": found.userid}
    ticket = secrets.token_urlsafe(32)
    call.world.user_tickets[ticket] = UserTicket(call.corp.corp_id, found.userid, time.monotonic())
    return {"userid": found.userid, "user_ticket": ticket}


def getuserinfo_of_old(call: Call) -> Json:
    """Answer user/getuserinfo, as auth/getuserinfo was before: names with capitals."""
    if not call.world.tunables.old_forms:
        raise WireError(48005)
    names = {"userid": "UserId", "openid": "OpenId"}
    return {names.get(name, name): value for name, value in getuserinfo(call).items()} | {"DeviceId": ""}


def getuserdetail(call: Call) -> Json:
    """Answer auth/getuserdetail: what a member agreed to show; gender is a text here."""
    ticket = call.world.user_tickets.get(call.text("user_ticket", missing=84015))
    user = call.corp.users.get(ticket.userid) if ticket and ticket.corp_id == call.corp.corp_id else None
    if ticket is None or user is None:
        raise WireError(84015)
    if time.monotonic() - ticket.issued_at >= call.world.tunables.user_ticket_life_s:
        raise WireError(84014)
    return {"userid": user.userid, **private_of(call, user)}


def _back(address: str, code: str, state: str) -> str:
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode({"code": code, "state": state})) if part)
    return urlunsplit(parts._replace(query=query))
