"""The control plane over HTTP: every answer is {"ok": true, ...}, or HTTP 4xx with {"ok": false, "error"}."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wecom_sandbox.callbacks.sender import Sender
from wecom_sandbox.callbacks.verify import check_shape, verify
from wecom_sandbox.clock import parse_instant
from wecom_sandbox.control import dump
from wecom_sandbox.control.census import census
from wecom_sandbox.control.seed import seed
from wecom_sandbox.errors import ControlError
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.faults.scenario import read_scenario
from wecom_sandbox.humans.acts import perform
from wecom_sandbox.library import RUNNING
from wecom_sandbox.load import Load, read_pace
from wecom_sandbox.records import Callback, Json
from wecom_sandbox.tap import CLOCK
from wecom_sandbox.wire.rate import RateLimiter
from wecom_sandbox.wire.tokens import Tokens
from wecom_sandbox.world import World

Handler = Callable[[Request], Awaitable[Json]]


class ControlPlane:
    """Who exists, what time it is, who does what, what goes wrong."""

    def __init__(self, world: World, sender: Sender, faults: FaultPlan, tokens: Tokens, rates: RateLimiter) -> None:
        """Join the parts it commands."""
        self.world = world
        self.sender = sender
        self.faults = faults
        self.tokens = tokens
        self.rates = rates
        self.load: Load | None = None

    def routes(self) -> list[Route]:
        """List every path of the control plane."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "seed", self.seed),
            ("POST", "callback", self.callback),
            ("GET", "clock", self.show_clock),
            ("POST", "clock", self.move_clock),
            ("POST", "act", self.act),
            ("POST", "acts", self.acts),
            ("GET", "tasks", self.tasks),
            ("GET", "moments", self.moments),
            ("GET", "load", self.show_load),
            ("POST", "load", self.begin_load),
            ("GET", "outstanding", self.outstanding),
            ("GET", "counters", self.counters),
            ("GET", "undelivered", self.undelivered),
            ("GET", "faults", self.show_faults),
            ("POST", "faults", self.change_faults),
            ("GET", "tunables", self.show_tunables),
            ("POST", "tunables", self.change_tunables),
            ("GET", "state", self.state),
            ("GET", "census", self.census),
            ("GET", "inbox/{external_userid}", self.inbox),
            ("GET", "staff/{userid}/messages", self.staff_messages),
        ]
        return [Route(f"/control/{path}", _answering(handler), methods=[verb]) for verb, path, handler in table]

    async def seed(self, request: Request) -> Json:
        """Make or replace a corp; its tokens and waiting events go with the old one."""
        corp = await seed(self.world, await _body(request))
        self.tokens.revoke(corp.corp_id)
        self.sender.forget(corp.corp_id)
        return {
            "corp_id": corp.corp_id,
            "users": len(corp.users),
            "apps": len(corp.apps),
            "customers": len(corp.customers),
            "follows": len(corp.follows),
            "groups": len(corp.groups),
        }

    async def callback(self, request: Request) -> Json:
        """Set where an app hears events, after the URL has proved itself."""
        wishes = await _body(request)
        corp = self.world.the_corp(wishes.get("corp_id"))
        app = next((app for app in corp.apps.values() if app.agentid == wishes.get("agentid")), None)
        if app is None:
            raise ControlError(404, f"no app {wishes.get('agentid')!r}")
        callback = Callback(*(str(wishes.get(name, "")) for name in ("url", "token", "aes_key")))
        check_shape(callback)
        if wishes.get("verify", True) is not False:
            await verify(callback, corp_id=corp.corp_id, at=self.world.now())
        app.callback = callback
        return {"verified": wishes.get("verify", True) is not False}

    async def show_clock(self, _request: Request) -> Json:
        """Tell the virtual time."""
        clock = self.world.clock
        return {"now": clock.time(), "iso": clock.iso(), "offset": clock.offset}

    async def move_clock(self, request: Request) -> Json:
        """Move forward, but not over a welcome that can still be sent, unless forced."""
        wishes = await _body(request)
        seconds = self._wanted_jump(wishes)
        if seconds < 0:
            raise ControlError(409, "the clock never goes back")
        horizon = self.world.clock.time() + seconds - self.world.tunables.welcome_life_s
        lost = [welcome for welcome in self.world.sayable_welcomes() if welcome.issued_at < horizon]
        if lost and wishes.get("force") is not True:
            raise ControlError(409, f"{len(lost)} welcome(s) still open would expire")
        self.world.clock.advance(seconds)
        self.world.tap.note(self.world.clock.time(), CLOCK, f"{seconds:.0f}")
        self.world.catch_up()
        self.sender.release_due()
        return await self.show_clock(request)

    def _wanted_jump(self, wishes: Json) -> float:
        if ("to" in wishes) == ("advance" in wishes):
            raise ControlError(400, "say either to or advance")
        try:
            here = self.world.clock.time()
            seconds = parse_instant(wishes["to"]) - here if "to" in wishes else float(wishes["advance"])
        except (TypeError, ValueError) as error:
            raise ControlError(400, f"not a time: {error}") from error
        if not math.isfinite(seconds):
            raise ControlError(400, "not a time: infinite")
        return seconds

    async def act(self, request: Request) -> Json:
        """Let one person do one thing."""
        return perform(self.world, await _body(request))

    async def acts(self, request: Request) -> Json:
        """Let many things be done; a refusal of one does not stop the others."""
        acts = (await _body(request)).get("acts")
        if not isinstance(acts, list):
            raise ControlError(400, "acts is a list")
        return {"results": [self._try(act) for act in acts]}

    def _try(self, act: object) -> Json:
        try:
            return {"ok": True, **perform(self.world, act)}
        except ControlError as error:
            return {"ok": False, "error": error.error, "status": error.status}

    async def tasks(self, request: Request) -> Json:
        """List mass tasks."""
        query = request.query_params
        return {"tasks": dump.tasks(self.world.the_corp(query.get("corp_id")), query.get("status", "open"))}

    async def moments(self, request: Request) -> Json:
        """List moments of the corp."""
        query = request.query_params
        return {"moments": dump.moments(self.world.the_corp(query.get("corp_id")), query.get("status", "open"))}

    async def outstanding(self, _request: Request) -> Json:
        """Tell what is still under way: nothing is when the first three are 0; what is delayed waits for the clock."""
        self.world.catch_up()
        in_flight = self.sender.in_flight
        delayed = self.sender.delayed()
        return {
            "callbacks_queued": len(self.sender.waiting()) - in_flight - delayed,
            "callbacks_in_flight": in_flight,
            "welcomes_open": len(self.world.sayable_welcomes()),
            "callbacks_delayed": delayed,
            "downloads": sum(
                job.status == RUNNING for corp in self.world.corps.values() for job in corp.library.jobs.values()
            ),
        }

    async def begin_load(self, request: Request) -> Json:
        """Let customers and clerks act at a pace; one run at a time."""
        wishes = await _body(request)
        if self.load is not None and not self.load.done:
            raise ControlError(409, "a load is running")
        self.load = Load(self.world, self.sender, self.world.the_corp(wishes.get("corp_id")), read_pace(wishes))
        self._running = asyncio.create_task(self.load.run())
        return self.load.describe()

    async def show_load(self, _request: Request) -> Json:
        """Tell how far the load is, or how it went."""
        if self.load is None:
            raise ControlError(404, "no load was begun")
        return self.load.describe()

    async def undelivered(self, request: Request) -> Json:
        """List what no app will ever hear."""
        return {"events": dump.undelivered(self.sender, self.world.the_corp(request.query_params.get("corp_id")))}

    async def counters(self, _request: Request) -> Json:
        """Give the tally."""
        return dump.counters(self.world)

    async def show_faults(self, _request: Request) -> Json:
        """Give the seed, the rules, and what was really played."""
        return {**self.faults.describe(), "played": self.faults.counts()}

    async def change_faults(self, request: Request) -> Json:
        """Set another plan: seed and rules, odds by name, or {"scenario": a YAML text}."""
        wishes: Any = await _body(request)
        self.world.tap.note(self.world.clock.time(), "faults", "faults", said=wishes)
        if "scenario" in wishes:
            wishes = read_scenario(str(wishes["scenario"]))
        self.faults.change(wishes)
        return await self.show_faults(request)

    async def show_tunables(self, _request: Request) -> Json:
        """Give limits, lags and lives."""
        return self.world.tunables.describe()

    async def change_tunables(self, request: Request) -> Json:
        """Set limits, lags and lives; rate blocks are lifted."""
        self.world.tunables.change(await _body(request))
        self.rates.reset()
        return self.world.tunables.describe()

    async def state(self, request: Request) -> Json:
        """Give the canonical dump of a corp."""
        self.world.catch_up()
        return dump.state(self.world.the_corp(request.query_params.get("corp_id")))

    async def census(self, request: Request) -> Json:
        """Give what else a mirror may agree with: members, hand-overs, codes, links, moments."""
        self.world.catch_up()
        return census(self.world.the_corp(request.query_params.get("corp_id")))

    async def inbox(self, request: Request) -> Json:
        """List what a customer saw."""
        corp = self.world.the_corp(request.query_params.get("corp_id"))
        return {"messages": dump.inbox(corp, request.path_params["external_userid"])}

    async def staff_messages(self, request: Request) -> Json:
        """List what a member got from apps."""
        corp = self.world.the_corp(request.query_params.get("corp_id"))
        return {"messages": dump.notices(corp, request.path_params["userid"])}


async def _body(request: Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise ControlError(400, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise ControlError(400, "the body is not an object")
    return body


def _answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, **await handler(request)})
        except ControlError as error:
            return JSONResponse({"ok": False, "error": error.error}, status_code=error.status)

    return answer
