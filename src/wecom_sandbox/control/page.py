"""The sandbox's pages for people: a first page, and the picture behind a qr_code address."""

from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from wecom_sandbox.control import dump
from wecom_sandbox.corp import Corp
from wecom_sandbox.phones.codes import picture
from wecom_sandbox.world import World

_TEMPLATES = Path(__file__).with_name("templates")
_README = Path(__file__).parents[1] / "README.md"
# The page with everybody's phones side by side, where this program has it.
PHONES = "/phones"
_PHONES = f'<a href="{PHONES}">手机：客户的微信与店员的企业微信 phones</a> · '


def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))


class Pages:
    """What a browser may look at."""

    def __init__(self, world: World) -> None:
        """Read the templates once."""
        self.world = world
        self._index = _template("index.html")
        self._corp = _template("corp.html")

    def routes(self) -> list[Route]:
        """List the pages."""
        return [
            Route("/", self.index),
            Route("/readme", self.readme),
            Route("/qr/{config_id}", self.code),
            Route("/media/picture/{key}", self.picture),
        ]

    async def index(self, request: Request) -> Response:
        """Say what this is, with the counts and the clock."""
        tally = dump.counters(self.world)
        corps = "".join(self._corp.substitute(_counts(corp)) for corp in self.world.corps.values())
        page = self._index.substitute(
            iso=escape(self.world.clock.iso().replace("T", " ").split(".")[0]),
            offset=f"{self.world.clock.offset:.0f}",
            corps=corps,
            phones=_PHONES if any(getattr(one, "path", "") == PHONES for one in request.app.routes) else "",
            calls=sum(tally["api_calls"].values()),
            events=tally["events"],
            deliveries=tally["deliveries"],
            failed=tally["failed"],
            welcomes=f"{tally['welcomes_sent']} / {tally['welcomes_issued']}",
        )
        return HTMLResponse(page)

    async def readme(self, _request: Request) -> Response:
        """Show what this program's own README says, the tour among it."""
        return PlainTextResponse(_README.read_text(encoding="utf-8"))

    async def picture(self, request: Request) -> Response:
        """Show a picture that stays: whoever has its address may see it."""
        key = request.path_params["key"]
        for corp in self.world.corps.values():
            picture = corp.library.pictures.get(key)
            if picture is not None:
                return Response(self.world.vault.get(picture.digest), media_type=picture.content_type)
        return Response("404 no such picture", status_code=404, media_type="text/plain")

    async def code(self, request: Request) -> Response:
        """Draw a code: the phones' scanner reads it."""
        config_id = request.path_params["config_id"]
        for corp in self.world.corps.values():
            if config_id in corp.contact_ways or config_id in corp.join_ways:
                return Response(picture(f"{request.base_url}qr/{config_id}"), media_type="image/png")
        return Response("404 no such code", status_code=404, media_type="text/plain")


def _counts(corp: Corp) -> dict[str, object]:
    return {
        "name": escape(corp.name),
        "corp_id": escape(corp.corp_id),
        # Nothing here opens a door of the real WeCom.
        "named": "<br>".join(
            f"应用 {escape(app.name)} <code>agentid {app.agentid}</code> <code>secret {escape(app.secret)}</code>"
            for app in corp.apps.values()
        ),
        "apps": len(corp.apps),
        "listening": sum(app.callback is not None for app in corp.apps.values()),
        "users": len(corp.users),
        "customers": len(corp.customers),
        "follows": len(corp.follows),
        "groups": len(corp.groups),
        "ways": len(corp.contact_ways) + len(corp.join_ways),
        "tasks": len(dump.tasks(corp, "open")),
    }
