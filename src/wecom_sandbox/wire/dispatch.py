"""The door of /cgi-bin/: token, frequency, verb, JSON, and the envelope of every answer (wire.md 0.1)."""

import asyncio
import copy
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from wecom_sandbox.errors import WireError
from wecom_sandbox.faults.plan import Fate, FaultPlan
from wecom_sandbox.records import Json
from wecom_sandbox.tap import CALL
from wecom_sandbox.wire.call import Call, Served
from wecom_sandbox.wire.doorkeeper import Doorkeeper
from wecom_sandbox.wire.multipart import read_file
from wecom_sandbox.wire.rate import HOUR_S
from wecom_sandbox.wire.table import ENDPOINTS, Endpoint
from wecom_sandbox.wire.tokens import Token, Tokens
from wecom_sandbox.world import World

BAD_SECRET, INVALID, EXPIRED = 40001, 40014, 42001
MISTAKES = "mistaken"
TAPPED_BYTES = 2000
NOT_JSON = "invalid Request Parameter. Warning: wrong json format."


class Gate:
    """Answers apps."""

    def __init__(self, world: World, faults: FaultPlan, tokens: Tokens, keeper: Doorkeeper) -> None:
        """Join the parts that every call passes."""
        self.world = world
        self.faults = faults
        self.tokens = tokens
        self.keeper = keeper

    async def gettoken(self, request: Request) -> Response:
        """Answer gettoken (wire.md A.1)."""
        self.world.tally.calls["gettoken"] += 1
        fate = await self._fate("gettoken")
        address = self.keeper.address(request)
        try:
            _strike(fate)
            token = self._issue(request, address)
            self.keeper.count(token.corp_id, "gettoken", address, self.world.tunables.rate_per_minute)
        except WireError as error:
            return self._refuse(error, {}, address)
        answer = {"access_token": token.value, "expires_in": int(self.world.tunables.token_life_s)}
        return LostAnswer() if fate.lost else _ok(answer)

    async def call(self, request: Request) -> Response:
        """Answer any other path; an unknown one is a plain 404."""
        path = request.path_params["path"]
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            return Response("404 page not found", status_code=404, media_type="text/plain")
        self.world.tally.calls[path] += 1
        body = await request.body()
        fate, code = Fate(), 0
        said: Json | Served | None = None
        try:
            with self.keeper.beside(self.tokens.whose(request.query_params.get("access_token", ""))[0], path, body):
                fate = await self._fate(path)
                said = self._answer(path, endpoint, request, body, fate)
            answer = _file(said) if isinstance(said, Served) else _ok(said)
        except WireError as error:
            answer, code = self._refuse(error, endpoint.empty, self.keeper.address(request)), error.code
        self._tap(request, body, said, "answer lost" if fate.lost else code)
        # Whatever was done stays done.
        return LostAnswer() if fate.lost else answer

    def _tap(self, request: Request, body: bytes, said: Json | Served | None, code: int | str) -> None:
        """Let whoever looks on see the call, without its token; of a file only that it is one."""
        corp_id, agentid = self.tokens.whose(request.query_params.get("access_token", ""))
        form = request.headers.get("content-type", "").startswith("multipart/")
        asked = body[:TAPPED_BYTES] if body and not form else dict(request.query_params)
        answered = {"file": len(said.data)} if isinstance(said, Served) else said
        path, at = request.path_params["path"], self.world.clock.time()
        self.world.tap.note(at, CALL, path, code, corp_id=corp_id, agentid=agentid, said=asked, answered=answered)

    async def _fate(self, path: str) -> Fate:
        fate = self.faults.fate(path, self.world.clock.time())
        if fate.pause:
            await asyncio.sleep(fate.pause)
        return fate

    def _answer(self, path: str, endpoint: Endpoint, request: Request, body: bytes, fate: Fate) -> Json | Served:
        token = request.query_params.get("access_token", "")
        if fate.code in (INVALID, EXPIRED):
            self.tokens.spoil(token, forget=fate.code == INVALID)
        _strike(fate)
        corp, app = self.tokens.accept(token)
        address = self.keeper.address(request)
        self.keeper.admit(app, path, address)
        if endpoint.rate is not None:
            debug = request.query_params.get("debug") == "1"
            self.keeper.count(corp.corp_id, path, address, getattr(self.world.tunables, endpoint.rate), debug=debug)
        old = self.world.tunables.old_forms and request.method == endpoint.old_verb
        if request.method != endpoint.verb and not old:
            raise WireError(40063 if endpoint.verb == "POST" else 40058)
        args = _parse(body) if request.method == "POST" and not endpoint.form else dict(request.query_params)
        file = read_file(request.headers.get("content-type", ""), body) if endpoint.form else None
        span = request.headers.get("range", "")
        self.world.catch_up()
        return endpoint.answer(Call(self.world, corp, app, args, str(request.base_url), file, span))

    def _issue(self, request: Request, address: str) -> Token:
        """Give a token; an address that sends many wrong secrets is shut out for an hour."""
        query, rates = request.query_params, self.keeper.rates
        rates.refuse_blocked(address, MISTAKES, HOUR_S)
        try:
            return self.tokens.issue(query.get("corpid", ""), query.get("corpsecret", ""))
        except WireError as error:
            if error.code == BAD_SECRET:
                rates.take(address, MISTAKES, self.world.tunables.wrong_secrets_per_hour, HOUR_S)
            raise

    def _refuse(self, error: WireError, empty: Json, address: str) -> Response:
        self.world.tally.errors[str(error.code)] += 1
        envelope = {"errcode": error.code, "errmsg": error.message(now=self.world.now(), address=address)}
        return JSONResponse({**envelope, **copy.deepcopy(empty)})


class LostAnswer(Response):
    """The connection closes before the answer has come: the head promises a body, and none follows."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin an answer and leave; the server closes the connection."""
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})


def _strike(fate: Fate) -> None:
    if fate.code is not None:
        raise WireError(fate.code)


def _file(served: Served) -> Response:
    return Response(served.data, status_code=served.status, headers=served.headers)


def _ok(answer: Json) -> Response:
    return JSONResponse({"errcode": 0, "errmsg": "ok", **answer})


def _parse(body: bytes) -> Json:
    # An empty body is an empty object: get_corp_tag_list and others need no argument.
    try:
        args = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise WireError(40058, NOT_JSON) from error
    if not isinstance(args, dict):
        raise WireError(40058, NOT_JSON)
    return args
