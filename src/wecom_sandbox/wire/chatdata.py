"""What the native library of the archive gives, over HTTP (wire.md G.1): it has no public HTTP of its own to copy."""

import asyncio
import base64
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.faults.plan import Fate, FaultPlan
from wecom_sandbox.records import Json
from wecom_sandbox.wire.archive import need_alive
from wecom_sandbox.wire.dispatch import EXPIRED as TOKEN_EXPIRED
from wecom_sandbox.wire.dispatch import INVALID, LostAnswer
from wecom_sandbox.wire.rate import RateLimiter
from wecom_sandbox.world import World

BAD_ARGUMENT, BAD_FILE, EXPIRED = 10000, 10005, 10010
Work = Callable[[Corp, Json], Json]
_INDEX = re.compile(r"Range:bytes=(\d+)-\d+")


class ChatData:
    """Answers POST /archive/chatdata and /archive/media; the corp's id and the archive's secret stand in each body."""

    def __init__(self, world: World, faults: FaultPlan, rates: RateLimiter) -> None:
        """Join the parts that every call passes."""
        self.world = world
        self.faults = faults
        self.rates = rates

    def routes(self) -> list[Route]:
        """List both paths."""
        return [
            Route("/archive/chatdata", self.chat_data, methods=["POST"]),
            Route("/archive/media", self.media, methods=["POST"]),
        ]

    async def chat_data(self, request: Request) -> Response:
        """Give rows behind `seq`, at most `limit` and 1000; an empty list is the end."""
        return await self._answer(request, "archive/chatdata", self._rows, {"chatdata": []})

    async def media(self, request: Request) -> Response:
        """Give a piece of `sdkfileid` at `indexbuf` ("" for the first), its bytes as base64."""
        return await self._answer(request, "archive/media", self._piece, {})

    async def _answer(self, request: Request, path: str, work: Work, empty: Json) -> Response:
        self.world.tally.calls[path] += 1
        fate = self.faults.fate(path, self.world.clock.time())
        await asyncio.sleep(fate.pause)
        try:
            body = await _body(request)
            _strike(fate)
            corp = self._corp(body)
            tunables = self.world.tunables
            most = tunables.archive_chatdata_per_minute if work == self._rows else tunables.archive_media_per_minute
            self.rates.take(corp.corp_id, path, most)
            self.world.catch_up()
            answer = JSONResponse({"errcode": 0, "errmsg": "ok", **work(corp, body)})
        except WireError as error:
            self.world.tally.errors[str(error.code)] += 1
            return JSONResponse({"errcode": error.code, "errmsg": error.message(now=self.world.now()), **empty})
        return LostAnswer() if fate.lost else answer

    def _corp(self, body: Json) -> Corp:
        corp = self.world.corps.get(str(body.get("corpid")))
        if corp is None:
            raise WireError(40013)
        if not any(app.archive and app.secret == body.get("secret") for app in corp.apps.values()):
            raise WireError(40001)
        need_alive(self.world, corp)
        return corp

    def _rows(self, corp: Corp, body: Json) -> Json:
        seq, limit = body.get("seq"), body.get("limit")
        if type(seq) is not int or type(limit) is not int or seq < 0:
            raise WireError(BAD_ARGUMENT)
        if not 0 < limit <= self.world.tunables.archive_page_most:
            raise WireError(BAD_ARGUMENT)
        horizon = self._horizon()
        if self.world.tunables.archive_old_seq_refused and seq and corp.office.chatlog.has_lost(seq, horizon):
            raise WireError(EXPIRED)
        return {"chatdata": [item.row() for item in corp.office.chatlog.after(seq, limit, horizon)]}

    def _piece(self, corp: Corp, body: Json) -> Json:
        file = corp.office.chatlog.files.get(str(body.get("sdkfileid")))
        if file is None:
            raise WireError(BAD_FILE)
        if file.at < self._horizon():
            raise WireError(EXPIRED)
        index = _INDEX.fullmatch(str(body.get("indexbuf", "")))
        if index is None and body.get("indexbuf"):
            raise WireError(BAD_ARGUMENT)
        start, size = int(index[1]) if index else 0, self.world.tunables.archive_piece_bytes
        if start > file.size:
            raise WireError(BAD_ARGUMENT)
        data = self.world.vault.get(file.digest)[start : start + size]
        end = start + len(data)
        last = end >= file.size
        following = "" if last else f"Range:bytes={end}-{min(end + size, file.size) - 1}"
        return {"data": base64.b64encode(data).decode(), "outindexbuf": following, "is_finish": int(last)}

    def _horizon(self) -> float:
        return self.world.clock.time() - self.world.tunables.archive_window_s


def _strike(fate: Fate) -> None:
    if fate.code is not None and fate.code not in (INVALID, TOKEN_EXPIRED):  # there is no token here
        raise WireError(fate.code)


async def _body(request: Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise WireError(BAD_ARGUMENT) from None
    if not isinstance(body, dict):
        raise WireError(BAD_ARGUMENT)
    return body
