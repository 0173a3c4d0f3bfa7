"""One HTTP exchange with WeCom, judged: data, a refusal, or one of the ways in which no answer came."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

import httpx

from linli.kit.clock import monotonic
from linli.kit.metrics import API_CALLS
from linli.wecom.errors import BadAnswer, NoAnswer, NotSent, OutcomeUnknown, TransportError
from linli.wecom.fields import Fields
from linli.wecom.files import Piece, Received, Upload, is_file, multipart, received
from linli.wecom.secrecy import guard_httpx_log, scrub

TIMEOUT = httpx.Timeout(15.0, connect=5.0)

# No answer that WeCom documents comes near this: 10,000 members of an address book are about 10 MB, a file is up to 20 MB.
LARGEST = 32 * 1024 * 1024
# A trickle never times out between two bytes; all of an answer must be here by then.
LONGEST_S = 120.0

_BARE_TOKEN_ERROR = "invalid access_token"  # noqa: S105 - WeCom's error text
_TOKEN_INVALID = 40014

guard_httpx_log()


# What was said about the packing is not true of what was unpacked.
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Unbounded(Exception):
    """An answer that does not end."""


class Effect(Enum):
    """Whether a call changes something at WeCom, which decides what may be repeated."""

    READS = auto()
    WRITES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call without its token: `api` is the path below /cgi-bin/; a `body` or an `upload` makes it a POST.

    `piece` asks for a part of a file; only a call that is `binary` may be answered by a file.
    """

    api: str
    effect: Effect
    params: Mapping[str, str | int] | None = None
    body: Mapping[str, object] | None = None
    upload: Upload | None = None
    binary: bool = False
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """WeCom said errcode 0, or sent a file."""

    fields: Fields
    file: Received | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """WeCom said another errcode; its empty collections are dropped here."""

    code: int
    errmsg: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable answer; `again` tells whether the same call may safely be repeated."""

    error: TransportError
    again: bool


Outcome = Accepted | Refused | Lost


def exchange(http: httpx.Client, base_url: str, request: Request, secrets: Mapping[str, str]) -> Outcome:
    """Send once, count it, and judge the answer; never raises for what the network or WeCom does."""
    outcome = _exchange(http, base_url, request, secrets)
    errcode = (
        "0" if isinstance(outcome, Accepted) else str(outcome.code) if isinstance(outcome, Refused) else "no_answer"
    )
    API_CALLS.labels(request.api, errcode).inc()
    return outcome


def _exchange(http: httpx.Client, base_url: str, request: Request, secrets: Mapping[str, str]) -> Outcome:
    # httpx's errors hold the URL with its token, so they are turned into values, not chained.
    try:
        response = _send(http, f"{base_url.rstrip('/')}/cgi-bin/{request.api}", request, secrets)
    except httpx.UnsupportedProtocol as error:
        return Lost(NotSent(request.api, _reason(error)), again=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Lost(NotSent(request.api, _reason(error)), again=True)
    except _Unbounded as error:
        # A writing call may have done its work; a reading one would get the same again.
        return _cut(request, str(error)) if request.effect is Effect.WRITES else _unread(request, str(error))
    except (httpx.TransportError, httpx.DecodingError) as error:
        return _cut(request, _reason(error))
    return _judge(request, response)


def _send(http: httpx.Client, url: str, request: Request, secrets: Mapping[str, str]) -> httpx.Response:
    params = {**secrets, **(request.params or {})}
    if request.upload is not None:
        headers, content = multipart(request.upload)
        return _bounded(http, http.build_request("POST", url, params=params, content=content, headers=headers))
    headers = {"Range": request.piece.header} if request.piece else {}
    verb = "GET" if request.body is None else "POST"
    return _bounded(http, http.build_request(verb, url, params=params, json=request.body, headers=headers))


def _bounded(http: httpx.Client, asked: httpx.Request) -> httpx.Response:
    """Read an answer as long as it stays within size and time; what is unpacked counts, not what was packed."""
    begun, found = monotonic(), bytearray()
    response = http.send(asked, stream=True)
    try:
        for chunk in response.iter_bytes():
            found += chunk
            if len(found) > LARGEST:
                raise _Unbounded(f"the answer is larger than {LARGEST >> 20} MB")
            if monotonic() - begun > LONGEST_S:
                raise _Unbounded(f"the answer takes longer than {LONGEST_S:.0f} s")
    finally:
        response.close()
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WAY]
    return httpx.Response(response.status_code, headers=headers, content=bytes(found), request=asked)


def _judge(request: Request, response: httpx.Response) -> Outcome:
    if request.binary and is_file(response):
        return Accepted(Fields({}, request.api), received(response))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A proxy between us may answer 502 or 504 after WeCom has done the work.
        return _cut(request, f"HTTP {response.status_code}")
    if response.status_code != HTTPStatus.OK:
        return Lost(BadAnswer(request.api, f"HTTP {response.status_code}"), again=False)
    try:
        data = json.loads(response.content)
    except (ValueError, RecursionError):
        if response.text.strip().startswith(_BARE_TOKEN_ERROR):
            return Refused(_TOKEN_INVALID, _BARE_TOKEN_ERROR)
        return _cut(request, "the answer is not JSON")
    code = data.get("errcode") if isinstance(data, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        return _cut(request, "the answer has no errcode")
    if code != 0:
        return Refused(code, scrub(str(data.get("errmsg", ""))))
    return Accepted(Fields(data, request.api))


def _cut(request: Request, reason: str) -> Lost:
    if request.effect is Effect.WRITES:
        return Lost(OutcomeUnknown(request.api, reason), again=False)
    return Lost(NoAnswer(request.api, reason), again=True)


def _unread(request: Request, reason: str) -> Lost:
    return Lost(BadAnswer(request.api, reason), again=False)


def _reason(error: Exception) -> str:
    return scrub(f"{type(error).__name__} {error}".strip())
