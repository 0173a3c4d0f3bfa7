"""What all calls share: guard, budget, token, repetition."""

import random as random_module
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import NoReturn, Protocol

import httpx

from linli.wecom.catalogue import Retry, explain
from linli.wecom.errors import BadAnswer, OutcomeUnknown, api_error
from linli.wecom.exchange import TIMEOUT, Accepted, Effect, Lost, Refused, Request, exchange
from linli.wecom.fields import Fields
from linli.wecom.files import Piece, Received, Upload

# "Busy" (wire.md A.3): nobody says that nothing was done, unlike the other codes that ask for patience.
_BUSY = -1
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0
# A welcome is worth nothing after 20 seconds, so its repeats stay close together.
_LONGEST_WELCOME_WAIT = 1.0

Body = Mapping[str, object]
Params = Mapping[str, str | int]


class Lane(StrEnum):
    """Who waits for a call: the budget serves welcomes before people before bulk work."""

    WELCOME = "welcome"
    HUMAN = "human"
    BULK = "bulk"


class TokenSource(Protocol):
    """Where the app's access token lives, for all processes of a corp."""

    def get(self) -> str:
        """Return the current token."""

    def renew(self, stale: str) -> str:
        """Return another token than `stale`, fetching one only if nobody has yet."""


class Budget(Protocol):
    """The rate budget that all processes of a corp share."""

    def take(self, api: str, lane: Lane) -> None:
        """Wait for the right to make one call of `api`, or raise."""


def cursor_pages(api: str, fetch: Callable[[str], Fields], cursor: str = "") -> Iterator[Fields]:
    """Follow `cursor` → `next_cursor` until it is empty or absent (wire.md 0.2); raises BadAnswer on a loop."""
    seen = {cursor}
    while True:
        page = fetch(cursor)
        yield page
        cursor = page.text("next_cursor")
        if not cursor:
            return
        if cursor in seen:
            raise BadAnswer(api, "next_cursor repeats")
        seen.add(cursor)


def _nothing() -> None:
    return None


def _nobody(api: str, code: int) -> None:
    del api, code


class Transport:
    """Sends calls for the chapters of the client.

    A call goes by its own `lane`, else by the client's, else reads are BULK and writes HUMAN (a welcome is always
    WELCOME unless its call says otherwise). `max_tries` counts HTTP calls, the one after a token renewal left out.
    `guard` runs before each HTTP call and raises where none may be made (an open transaction).
    `on_refusal` hears (api, errcode) of every answer that asks for patience, so that the budget can slow down.
    A write is repeated where WeCom says why it was not done (limits, conflicts, a token), never after -1: OutcomeUnknown.
    """

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenSource,
        budget: Budget,
        guard: Callable[[], None] = _nothing,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        random: random_module.Random | None = None,
        lane: Lane | None = None,
        max_tries: int = 5,
        on_refusal: Callable[[str, int], None] = _nobody,
    ) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._budget = budget
        self._guard = guard
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._owns_http = http is None
        self._sleep = sleep
        self._random = random or random_module.Random()  # noqa: S311 - spreads waits, guards nothing
        self._lane = lane
        self._max_tries = max_tries
        self._on_refusal = on_refusal

    def close(self) -> None:
        """Close the connections, unless they were handed in and may be shared."""
        if self._owns_http:
            self._http.close()

    def _get(self, api: str, params: Params | None = None, *, lane: Lane | None) -> Fields:
        return self._call(Request(api=api, effect=Effect.READS, params=params), lane or self._lane or Lane.BULK)

    def _query(self, api: str, body: Body, *, lane: Lane | None) -> Fields:
        return self._call(Request(api=api, effect=Effect.READS, body=body), lane or self._lane or Lane.BULK)

    def _write(self, api: str, body: Body, *, lane: Lane | None) -> Fields:
        return self._call(Request(api=api, effect=Effect.WRITES, body=body), lane or self._lane or Lane.HUMAN)

    def _upload(self, api: str, params: Params, upload: Upload, *, lane: Lane | None) -> Fields:
        request = Request(api=api, effect=Effect.WRITES, params=params, upload=upload)
        return self._call(request, lane or self._lane or Lane.HUMAN)

    def _download(self, api: str, params: Params, piece: Piece | None, *, lane: Lane | None) -> Received:
        request = Request(api=api, effect=Effect.READS, params=params, binary=True, piece=piece)
        answer = self._accepted(request, lane or self._lane or Lane.BULK)
        if answer.file is None:
            raise BadAnswer(api, "a file was expected")
        return answer.file

    def _pages(self, api: str, body: Body, *, rows: str, lane: Lane | None, cursor: str = "") -> Iterator[Fields]:
        def fetch(at: str) -> Fields:
            return self._query(api, {**body, "cursor": at}, lane=lane).listed(rows)

        return cursor_pages(api, fetch, cursor)

    def _call(self, request: Request, lane: Lane) -> Fields:
        return self._accepted(request, lane).fields

    def _accepted(self, request: Request, lane: Lane) -> Accepted:
        tries = 0
        renewed = False
        token = ""
        while True:
            self._guard()
            token = token or self._tokens.get()
            self._budget.take(request.api, lane)
            outcome = exchange(self._http, self._base_url, request, {"access_token": token})
            if isinstance(outcome, Accepted):
                return outcome
            retry = _retry(outcome)
            if retry is Retry.AFTER_TOKEN and not renewed:
                renewed = True
                token = self._tokens.renew(token)
                continue
            tries += 1
            if isinstance(outcome, Refused) and retry is Retry.LATER:
                self._on_refusal(request.api, outcome.code)
            if retry is not Retry.LATER or tries >= self._max_tries or _may_be_done(request, outcome):
                _give_up(request, outcome)
            self._sleep(self._wait(tries, lane))

    def _wait(self, tries: int, lane: Lane) -> float:
        longest = _LONGEST_WELCOME_WAIT if lane is Lane.WELCOME else _LONGEST_WAIT
        full = min(_FIRST_WAIT * 2.0 ** (tries - 1), longest)
        return full * (0.5 + self._random.random() / 2)


def _retry(outcome: Refused | Lost) -> Retry:
    if isinstance(outcome, Refused):
        return explain(outcome.code).retry
    return Retry.LATER if outcome.again else Retry.NEVER


def _may_be_done(request: Request, outcome: Refused | Lost) -> bool:
    return request.effect is Effect.WRITES and isinstance(outcome, Refused) and outcome.code == _BUSY


def _give_up(request: Request, outcome: Refused | Lost) -> NoReturn:
    if isinstance(outcome, Lost):
        raise outcome.error
    if _may_be_done(request, outcome):
        raise OutcomeUnknown(request.api, f"errcode {outcome.code}: {outcome.errmsg}")
    raise api_error(outcome.code, outcome.errmsg, request.api)
