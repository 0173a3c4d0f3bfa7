"""Delivery: many objects at once, one object's events in order, with WeCom's time-out and retries."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass

import httpx

from wecom_sandbox.callbacks.envelope import envelope, seal
from wecom_sandbox.callbacks.events import Event, render
from wecom_sandbox.callbacks.faults import FaultPlan
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import App, Callback
from wecom_sandbox.world import World

CONCURRENCY = 16
RETRIES = 3
# A held event is let go after this silence, so that the world always comes to rest.
SILENCE_S = 0.3

Lane = tuple[str, int, str]


@dataclass(eq=False)
class Parcel:
    """An event on its way to one app."""

    corp_id: str
    agentid: int
    about: str
    xml: str
    acknowledged: bool = False

    def lane(self) -> Lane:
        """Name the queue that keeps this object's events in order."""
        return (self.corp_id, self.agentid, self.about)


@dataclass
class Held:
    """A parcel that waits until `behind` later ones have passed it."""

    parcels: list[Parcel]
    behind: int


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
        self._held: list[Held] = []
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
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def post(self, corp: Corp, app: App, event: Event) -> None:
        """Take an event for an app; the faults decide its course."""
        xml = render(event, corp_id=corp.corp_id, at=self.world.now())
        parcel = Parcel(corp.corp_id, app.agentid, event.about, xml)
        self.tally["events"] += 1
        course = self.faults.course(self.tally)
        passed = self._pass_held()
        parcels = [parcel] * course.copies
        if course.behind:
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
        """List everything not yet delivered, in flight or held back, lane by lane."""
        queued = [parcel for lane in self._lanes.values() for parcel in lane]
        return queued + [parcel for held in self._held for parcel in held.parcels]

    def forget(self, corp_id: str) -> None:
        """Drop what waits for a corp that is being replaced."""
        self._held = [held for held in self._held if held.parcels[0].corp_id != corp_id]
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
            self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._release_all)

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
            status = await self._attempt(client, parcel, app.callback)
            if status is not None:
                self._settle(parcel, status)
                return
        self.tally["failed"] += 1

    async def _attempt(self, client: httpx.AsyncClient, parcel: Parcel, callback: Callback) -> int | None:
        """POST once; None means time-out or no connection, the only cases that are tried again."""
        sealed = seal(parcel.xml, callback=callback, corp_id=parcel.corp_id, at=self.world.now())
        body = envelope(sealed, corp_id=parcel.corp_id, agentid=parcel.agentid).encode()
        url = httpx.URL(callback.url).copy_merge_params(sealed.query)
        limit = self.world.tunables.callback_timeout_s
        try:
            async with asyncio.timeout(limit):
                answer = await client.post(url, content=body, headers={"Content-Type": "text/xml"}, timeout=limit)
        except (httpx.TransportError, TimeoutError):
            return None
        return answer.status_code

    def _settle(self, parcel: Parcel, status: int) -> None:
        if status != httpx.codes.OK:
            self.tally["refused_http"] += 1
            return
        self.tally["deliveries"] += 1
        if not parcel.acknowledged:
            parcel.acknowledged = True
            self.tally["callbacks_sent"] += 1
