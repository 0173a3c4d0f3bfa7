"""The page of phones and what it asks for; whatever is done on it goes through /control/act, as from any other hand."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.phones import codes, people
from wecom_sandbox.phones.example import Example
from wecom_sandbox.records import Json
from wecom_sandbox.tap import Entry
from wecom_sandbox.world import World

STATIC = Path(__file__).with_name("static")
# Shorter than the server's patience when it stops.
LIVE_WAIT_S = 0.8
LIVE_MOST, DETAIL = 60, 4000
POLICY = (
    "default-src 'self'; img-src 'self' data: blob: http: https:; media-src 'self' http: https:; frame-src http: https:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# What comes from apps is shown, never run.
SHOWN = ("image/", "video/", "audio/")


class Phones:
    """The page, its files, and its questions."""

    def __init__(self, world: World, faults: FaultPlan) -> None:
        """Look on a world."""
        self.world = world
        self.faults = faults

    def routes(self) -> list[BaseRoute]:
        """List them."""
        asked: list[tuple[str, Callable[[Request], Json]]] = [
            ("stage", self.stage), ("customer", self.customer), ("staff", self.staff), ("code", self.code)
        ]  # fmt: skip
        return [
            Route("/phones", self.page),
            Route("/phones/live", self.live),
            Route("/phones/media/{corp_id}/{media_id}", self.media),
            Route("/phones/api/app", self.app, methods=["POST"]),
            *(Route(f"/phones/api/{name}", _answering(answer)) for name, answer in asked),
            *Example(self.world).routes(),
            Mount("/phones/static", StaticFiles(directory=STATIC)),
        ]

    async def page(self, _request: Request) -> Response:
        """Give the page."""
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Referrer-Policy": "same-origin"}
        return FileResponse(STATIC / "phones.html", headers=headers)

    def stage(self, request: Request) -> Json:
        """Say which corps there are, and of one who and what can be picked (`q` looks for it)."""
        corps = [{"corp_id": one.corp_id, "name": one.name} for one in self.world.corps.values()]
        clock = {"now": self.world.clock.time(), "n": self.world.tap.n}
        plan = self.faults.describe()["rules"]
        answer: Json = {"corps": corps, "corp": None, "clock": clock, "faults": plan, "played": self.faults.counts()}
        if not corps:
            return answer
        corp, wanted = self._corp(request), request.query_params.get("q", "")
        apps = [
            {
                "agentid": app.agentid, "name": app.name, "listening": app.callback is not None, "home": app.home,
                "sidebar": app.sidebar, "archive": app.archive,
            }
            for app in corp.apps.values()
        ]  # fmt: skip
        found = {"codes": codes.listed(corp, wanted, str(request.base_url)), **people.stage(corp, wanted)}
        return {**answer, "corp": {"corp_id": corp.corp_id, "name": corp.name}, "apps": apps, **found}

    def customer(self, request: Request) -> Json:
        """Show the phone of the customer `who`, with the chat `open`."""
        self.world.catch_up()
        query = request.query_params
        return people.customer(self._corp(request), query.get("who", ""), query.get("open", ""))

    def staff(self, request: Request) -> Json:
        """Show the phone of the member `who`, with the chat `open`, and of their customers those that `q` finds."""
        self.world.catch_up()
        query = request.query_params
        asked = (query.get("who", ""), query.get("open", ""), query.get("q", ""))
        return people.member(self.world, self._corp(request), *asked)

    def code(self, request: Request) -> Json:
        """Say what the scanned `text` leads to."""
        return codes.read(self._corp(request), request.query_params.get("text", ""), str(request.base_url))

    async def app(self, request: Request) -> Response:
        """Set the pages `home` and `sidebar` of an app, as its developer does in the console."""
        try:
            wishes = await request.json()
            corp = self.world.the_corp(wishes.get("corp_id"))
            app = corp.apps[wishes["agentid"]]
            pages = {name: str(wishes[name]) for name in ("home", "sidebar") if name in wishes}
        except (ValueError, KeyError, AttributeError, ControlError):
            return JSONResponse({"ok": False, "error": "no such app"}, status_code=404)
        if any(url and urlsplit(url).scheme not in ("http", "https") for url in pages.values()):
            return JSONResponse({"ok": False, "error": "a page's address begins with http"}, status_code=400)
        vars(app).update(pages)
        return JSONResponse({"ok": True})

    async def media(self, request: Request) -> Response:
        """Show a file that an app sent, to whoever is on the page."""
        corp = self.world.corps.get(request.path_params["corp_id"])
        file = corp.library.files.get(request.path_params["media_id"]) if corp else None
        if file is None:
            return Response("404 no such file", status_code=404, media_type="text/plain")
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        if not file.content_type.startswith(SHOWN) or "svg" in file.content_type:
            headers["Content-Disposition"] = "attachment"
        return Response(self.world.vault.get(file.digest), media_type=file.content_type, headers=headers)

    async def live(self, request: Request) -> Response:
        """Answer with what happened after entry `after`, or with nothing after a moment."""
        after = request.query_params.get("after", "")
        tap = self.world.tap
        since = int(after) if after.isdigit() else tap.n
        if since > tap.n:  # a sandbox that was started anew
            since = 0
        await tap.wait(since, LIVE_WAIT_S)
        entries = tap.after(since)[-LIVE_MOST:]
        return JSONResponse(
            {"n": tap.n, "now": self.world.clock.time(), "missed": tap.n - since - len(entries),
             "entries": [self._told(one) for one in entries]}
        )  # fmt: skip

    def _told(self, entry: Entry) -> Json:
        corp = self.world.corps.get(entry.corp_id)
        app = corp.apps.get(entry.agentid) if corp else None
        told: Json = {
            "n": entry.n, "at": entry.at, "way": entry.way, "name": entry.name, "code": entry.code,
            "app": app.name if app else "", "said": _written(entry.said), "answered": _written(entry.answered),
        }  # fmt: skip
        return told

    def _corp(self, request: Request) -> Corp:
        wanted = request.query_params.get("corp_id")
        if wanted in self.world.corps:
            return self.world.corps[wanted]
        if not self.world.corps:
            raise ControlError(409, "no corp yet: seed one")
        return next(iter(self.world.corps.values()))


def _written(thing: object) -> str:
    if thing is None:
        return ""
    if isinstance(thing, bytes):
        text = thing.decode(errors="replace")
    elif isinstance(thing, dict):
        shown = {name: value for name, value in thing.items() if name != "access_token"}
        text = json.dumps(shown, ensure_ascii=False, indent=1, default=str)
    else:
        text = str(thing)
    return text[:DETAIL]


def _answering(answer: Callable[[Request], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, **answer(request)}, headers={"Cache-Control": "no-store"})
        except ControlError as error:
            return JSONResponse({"ok": False, "error": error.error}, status_code=error.status)

    return asked
