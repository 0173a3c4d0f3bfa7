"""Delivery: many objects at once, one object's events in order, with WeCom's time-out and retries."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from wecom_sandbox.callbacks.envelope import envelope, seal
from wecom_sandbox.callbacks.events import Event, render
from wecom_sandbox.corp import Corp
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.faults.rules import EVENT_FAULTS
from wecom_sandbox.records import App, Callback
from wecom_sandbox.tap import EVENT
from wecom_sandbox.world import World

CONCURRENCY = 16
RETRIES = 3
# How often the virtual clock is looked at while events are delayed; a move of the clock looks at once.
LOOK_S = 0.05

Lane = tuple[str, int, str]


@dataclass(eq=False)
class Parcel:
    """An event on its way to one app."""

    corp_id: str
    agentid: int
    about: str
    xml: str
    kind: str = ""
    userid: str = ""
    welcome_code: str = ""
    at: int = 0
    slow: float = 0.0
    acknowledged: bool = False
    made_at: float = 0.0  # monotonic, of this run
    never: str = ""  # why nobody will ever hear of it: dropped, or given up after the last retry

    def lane(self) -> Lane:
        """Name the queue that keeps this object's events in order."""
        return (self.corp_id, self.agentid, self.about)


@dataclass
class Held:
    """A parcel that waits until `behind` later ones have passed it."""

    parcels: list[Parcel]
    behind: int


@dataclass
class Delayed:
    """A parcel that waits until the virtual clock shows `until`."""

    parcels: list[Parcel]
    until: float


class Sender:
    """Lanes of parcels and the workers that empty them."""

    def __init__(self, world: World, faults: FaultPlan) -> None:
        """Prepare the lanes; nothing moves before start()."""
        self.world = world
        self.faults = faults
        self.tally = world.tally.events
        self.in_flight = 0
        self._lanes: defaultdict[Lane, deque[Parcel]] = defaultdict(deque)
        self._ready: asyncio.Queue[Lane] = asyncio.Queue()
        self.undelivered: list[Parcel] = []
        # While somebody measures: seconds that each answer took, and seconds since its event was made.
        self.measured: list[tuple[float, float]] | None = None
        self._held: list[Held] = []
        self._delayed: list[Delayed] = []
        self._look: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._client: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Open the client and put the workers to work."""
        limits = httpx.Limits(max_connections=CONCURRENCY * 2, max_keepalive_connections=CONCURRENCY)
        self._client = httpx.AsyncClient(limits=limits, trust_env=False)
        self._workers = [asyncio.create_task(self._work(self._client)) for _ in range(CONCURRENCY)]

    async def stop(self) -> None:
        """Stop at once; what was not delivered stays in the lanes and can be saved."""
        self._release_all()
        if self._look is not None:
            self._look.cancel()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def post(self, corp: Corp, app: App, event: Event) -> None:
        """Take an event for an app; the faults decide its course."""
        now = self.world.now()
        parcel = Parcel(
            corp.corp_id, app.agentid, event.about, render(event, corp_id=corp.corp_id, at=now), event.kind,
            userid=event.value("UserID"), welcome_code=event.value("WelcomeCode"), at=now,
        )  # fmt: skip
        self.tally["events"] += 1
        self.world.tally.made[event.kind] += 1
        course = self.faults.course(event.kind, self.world.clock.time())
        happened = (course.dropped, course.copies > 1, course.behind, course.delay, course.slow)
        self.tally.update(word for word, so in zip(EVENT_FAULTS.values(), happened, strict=True) if so)
        parcel.slow, parcel.made_at = course.slow, time.monotonic()
        parcels = [parcel] * course.copies
        passed = self._pass_held()
        if course.dropped:
            self._never(parcel, "dropped")
        elif course.delay:
            self._delayed.append(Delayed(parcels, self.world.clock.time() + course.delay))
            self.release_due()
        elif course.behind:
            self._held.append(Held(parcels, course.behind))
        else:
            self.enqueue(parcels)
        for held in passed:
            self.enqueue(held.parcels)
        self._watch_silence()

    def enqueue(self, parcels: list[Parcel]) -> None:
        """Put parcels at the end of their lanes."""
        for parcel in parcels:
            lane = self._lanes[parcel.lane()]
            lane.append(parcel)
            if len(lane) == 1:
                self._ready.put_nowait(parcel.lane())

    def waiting(self) -> list[Parcel]:
        """List everything not yet delivered, in flight, held back or delayed, lane by lane."""
        queued = [parcel for lane in self._lanes.values() for parcel in lane]
        aside = [one.parcels for one in self._held] + [one.parcels for one in self._delayed]
        return queued + [parcel for parcels in aside for parcel in parcels]

    def delayed(self) -> int:
        """Count what waits for the virtual clock."""
        return sum(len(one.parcels) for one in self._delayed)

    def release_due(self) -> None:
        """Let go what was delayed until now, and look again in a moment while something is."""
        due = [one for one in self._delayed if one.until <= self.world.clock.time()]
        self._delayed = [one for one in self._delayed if one not in due]
        for one in due:
            self.enqueue(one.parcels)
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if self._delayed:
            self._look = asyncio.get_running_loop().call_later(LOOK_S, self.release_due)

    def forget(self, corp_id: str) -> None:
        """Drop what waits for a corp that is being replaced."""
        self._held = [held for held in self._held if held.parcels[0].corp_id != corp_id]
        self._delayed = [one for one in self._delayed if one.parcels[0].corp_id != corp_id]
        self.undelivered = [parcel for parcel in self.undelivered if parcel.corp_id != corp_id]
        for key, lane in self._lanes.items():
            if key[0] == corp_id:
                # The head may be in flight; its worker removes it.
                while len(lane) > 1:
                    lane.pop()

    def _pass_held(self) -> list[Held]:
        for held in self._held:
            held.behind -= 1
        passed = [held for held in self._held if held.behind <= 0]
        self._held = [held for held in self._held if held.behind > 0]
        return passed

    def _watch_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if self._held:
            # Held events are let go after a silence, so that the world always comes to rest.
            pause = self.world.tunables.reorder_silence_s
            self._silence = asyncio.get_running_loop().call_later(pause, self._release_all)

    def _release_all(self) -> None:
        released, self._held = self._held, []
        for held in released:
            self.enqueue(held.parcels)

    async def _work(self, client: httpx.AsyncClient) -> None:
        while True:
            key = await self._ready.get()
            lane = self._lanes[key]
            self.in_flight += 1
            try:
                await self._deliver(client, lane[0])
            finally:
                self.in_flight -= 1
            lane.popleft()
            if lane:
                self._ready.put_nowait(key)
            else:
                del self._lanes[key]

    async def _deliver(self, client: httpx.AsyncClient, parcel: Parcel) -> None:
        corp = self.world.corps.get(parcel.corp_id)
        app = corp.apps.get(parcel.agentid) if corp else None
        if app is None or app.callback is None:
            self.tally["failed"] += 1
            return
        for attempt in range(RETRIES + 1):
            if attempt:
                self.tally["retried"] += 1
                await asyncio.sleep(self.world.tunables.callback_backoff_s * attempt)
            began = time.monotonic()
            status = await self._attempt(client, parcel, app.callback)
            if status is not None:
                if self.measured is not None:
                    self.measured.append((time.monotonic() - began, time.monotonic() - parcel.made_at))
                self._settle(parcel, status)
                return
        self.tally["failed"] += 1
        self._never(parcel, "given up")

    async def _attempt(self, client: httpx.AsyncClient, parcel: Parcel, callback: Callback) -> int | None:
        """POST once; None means time-out or no connection, the only cases that are tried again."""
        sealed = seal(parcel.xml, callback=callback, corp_id=parcel.corp_id, at=self.world.now())
        body = envelope(sealed, corp_id=parcel.corp_id, agentid=parcel.agentid).encode()
        url = httpx.URL(callback.url).copy_merge_params(sealed.query)
        limit = self.world.tunables.callback_timeout_s
        headers = {"Content-Type": "text/xml", "Content-Length": str(len(body))}
        content = _trickle(body, parcel.slow) if parcel.slow else body
        try:
            async with asyncio.timeout(limit + parcel.slow):
                answer = await client.post(url, content=content, headers=headers, timeout=limit + parcel.slow)
        except (httpx.TransportError, TimeoutError):
            return None
        return answer.status_code

    def _settle(self, parcel: Parcel, status: int) -> None:
        self._tap(parcel, 0 if status == httpx.codes.OK else status)
        if status != httpx.codes.OK:
            self.tally["refused_http"] += 1
            return
        self.tally["deliveries"] += 1
        if not parcel.acknowledged:
            parcel.acknowledged = True
            self.tally["callbacks_sent"] += 1
            self.world.tally.heard[parcel.kind] += 1
            self._heard(parcel)

    def _tap(self, parcel: Parcel, code: int | str) -> None:
        at = self.world.clock.time()
        self.world.tap.note(
            at, EVENT, parcel.kind, code, corp_id=parcel.corp_id, agentid=parcel.agentid, said=parcel.xml
        )

    def _heard(self, parcel: Parcel) -> None:
        """Count a welcome code that reached an app while it could still be used."""
        corp = self.world.corps.get(parcel.corp_id)
        welcome = corp.welcomes.get(parcel.welcome_code) if corp else None
        now = self.world.clock.time()
        if welcome and not welcome.heard_at and now <= welcome.issued_at + self.world.tunables.welcome_life_s:
            welcome.heard_at = now
            self.tally["welcomes_heard"] += 1

    def _never(self, parcel: Parcel, why: str) -> None:
        """Keep that an app will not hear of this; its welcome code is known to nobody, unless another app listens."""
        if parcel.acknowledged or parcel.never:
            return
        parcel.never = why
        self._tap(parcel, why)
        self.undelivered.append(parcel)
        corp = self.world.corps.get(parcel.corp_id)
        welcome = corp.welcomes.get(parcel.welcome_code) if corp else None
        if corp and welcome:
            welcome.unheard = len(self.world.listeners(corp)) == 1


async def _trickle(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    """Send a body over a slow line: half of it, and the rest later."""
    half = len(body) // 2
    yield body[:half]
    await asyncio.sleep(seconds)
    yield body[half:]
