"""Callbacks in: a bare ASGI app that verifies, decrypts, and gathers rows for about 3 ms into one INSERT.

WeCom hears 200 only after the row is durable. While the database is away the answer waits: WeCom repeats a callback that
timed out, but nothing says that it repeats one that was answered with an error (wire.md F.1). What still cannot be kept when
WeCom has given up is answered 503.
"""

import asyncio
import hashlib
import json
import logging
import logging.config
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from linli.ingress.lines import Line, Lines
from linli.ingress.store import InboxRow, NotKept, Store
from linli.kit import logs, metrics
from linli.kit.heartbeat import beat
from linli.kit.kin import follow_parent
from linli.kit.metrics import CALLBACKS
from linli.kit.redaction import quiet_deaths
from linli.kit.sealing import sealer_from_env
from linli.kit.settings import read_settings
from linli.wecom.envelope import parse_envelope
from linli.wecom.errors import BadXml, BodyTooLarge, CallbackError, CryptoError, SignatureMismatch, WrongReceiver
from linli.wecom.events import Peek, peek

log = logging.getLogger(__name__)
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_LIMIT = 64 * 1024
_DAY_S = 86_400
_TEXT = b"text/plain; charset=utf-8"


class Ingress:
    """One process's ingress; made once, started by the ASGI lifespan."""

    def __init__(self, dsn: str) -> None:
        self._store = Store(dsn)
        self._lines = Lines(self._store, sealer_from_env())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            ident = logs.request_id(_given_id(scope))
            with logs.bound(request_id=ident):
                status, body, kind = await self._answered(scope, receive)
            headers = [(b"content-type", kind), (b"x-request-id", ident.encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._store.start()
                self._heart = asyncio.create_task(_beat_forever())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._heart.cancel()
                await self._store.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answered(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        """What nobody expected is logged here, in our words: the server's own log would quote the callback."""
        try:
            return await self._answer(scope, receive)
        except Exception:
            log.exception("a callback could not be answered")
            return 500, b"failed", _TEXT

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        path: str = scope["path"]
        if path == "/healthz":
            return 200, b"ok", _TEXT
        if path == "/readyz":
            parts = await self._store.parts()
            ready = set(parts.values()) == {"ok"}
            return 200 if ready else 503, json.dumps({"ready": ready, "parts": parts}).encode(), b"application/json"
        return *await self._callback(scope, receive), _TEXT

    async def _callback(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        path: str = scope["path"]
        if not path.startswith("/callback/"):
            return 404, b"not found"
        line = await self._lines.get(path.removeprefix("/callback/"))
        if line is None:
            return 404, b"not found"
        query = {key: values[-1] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        try:
            if scope["method"] == "GET":
                return 200, line.crypto.verify_url(echostr=query.get("echostr", ""), **_signed(query))
            if scope["method"] != "POST":
                return 405, b"GET or POST"
            return await self._take(line, query, await _body(receive))
        except NotKept:
            return 503, b"not kept"
        except (CryptoError, CallbackError) as error:
            reason = _reason(error)
            self._store.count(line.corp_id, reason)
            CALLBACKS.labels(reason).inc()
            log.info("a callback is refused: %s", reason, extra={"corp_id": line.corp_id})
            return 413 if isinstance(error, BodyTooLarge) else 403, b"refused"

    async def _take(self, line: Line, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        envelope = parse_envelope(body)
        plain = line.crypto.decrypt(encrypt=envelope.encrypt, **_signed(query))
        seen = _peek(plain)
        await self._store.keep(
            InboxRow(
                corp_id=line.corp_id, payload_hash=hashlib.sha256(plain).digest(), kind=seen.kind,
                object_key=seen.object_key, payload=plain, event_at=seen.created_at, welcome_code=seen.welcome_code,
                user_id=seen.user_id or "", channel_state=seen.state or "",
            )
        )  # fmt: skip
        CALLBACKS.labels("kept").inc()
        return 200, b""


async def _beat_forever() -> None:
    while True:
        beat()
        await asyncio.sleep(1)


def _given_id(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), None)


def _peek(plain: bytes) -> Peek:
    """What WeCom signed is kept even when it cannot be read: a person can look at it, and nothing is lost.

    Its time is then the day's, so that the same bytes sent again within minutes are still one row.
    """
    try:
        return peek(plain)
    except CallbackError:
        return Peek(
            kind="unreadable", object_key="unreadable", created_at=int(time.time()) // _DAY_S * _DAY_S, welcome_code=None, user_id=None,
            external_user_id=None, state=None,
        )  # fmt: skip


def _signed(query: dict[str, str]) -> dict[str, str]:
    return {key: query.get(key, "") for key in ("msg_signature", "timestamp", "nonce")}


def _reason(error: Exception) -> str:
    match error:
        case SignatureMismatch():
            return "bad_signature"
        case WrongReceiver():
            return "wrong_corp"
        case BodyTooLarge():
            return "too_large"
        case BadXml():
            return "bad_xml"
        case _:
            return "bad_" + type(error).__name__.removeprefix("Bad").lower()


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        size += len(message.get("body", b""))
        if size > _LIMIT:
            raise BodyTooLarge(size)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def application() -> Ingress:
    """The factory that granian calls in each worker; DATABASE_URL names the database."""
    follow_parent()
    metrics.start("ingress")
    os.environ.setdefault("LINLI_MASTER_KEY_FILE", str(read_settings().master_key_file))
    logging.config.dictConfig(logs.config("ingress"))
    quiet_deaths()
    return Ingress(os.environ["DATABASE_URL"])
