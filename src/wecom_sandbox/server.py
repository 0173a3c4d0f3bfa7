"""The program put together: world, wire, humans, callbacks and control plane in one ASGI application."""

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from wecom_sandbox import handing, linking, play, store
from wecom_sandbox.callbacks.sender import Sender
from wecom_sandbox.clock import VirtualClock, published_offset
from wecom_sandbox.control.page import Pages
from wecom_sandbox.control.plane import ControlPlane
from wecom_sandbox.downloads import Downloads
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.guard import Guard
from wecom_sandbox.phones.routes import Phones
from wecom_sandbox.records import Json
from wecom_sandbox.vault import Vault
from wecom_sandbox.wire.chatdata import ChatData
from wecom_sandbox.wire.dispatch import Gate
from wecom_sandbox.wire.doorkeeper import Doorkeeper
from wecom_sandbox.wire.oauth import OAuth
from wecom_sandbox.wire.rate import RateLimiter
from wecom_sandbox.wire.tokens import Tokens
from wecom_sandbox.world import World

SAVE_EVERY_S = 15.0
# Freezing blocks the event loop; it may take at most this share of the time.
SAVE_SHARE = 0.02


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; asyncio turns Nagle off only where the protocol is named, else a call takes 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener


@dataclass(frozen=True)
class Options:
    """Where the sandbox keeps its things, when its time begins (unix; None is now), the plan of faults it begins with, the names
    it is called by, and whether there is to be a world to play with."""

    clock_file: Path | None = None
    state_file: Path | None = None
    start: float | None = None
    faults: object = None
    hosts: tuple[str, ...] = ()
    play: bool = False


def _offset(options: Options, saved: Json | None) -> float:
    if saved is None:
        return options.start - time.time() if options.start is not None else 0.0
    # After a crash the file may be ahead of the last save, and its followers have seen that time.
    published = published_offset(options.clock_file) if options.clock_file else None
    return max(float(saved["offset"]), -math.inf if published is None else published)


class Sandbox:
    """One running sandbox."""

    def __init__(self, options: Options) -> None:
        """Load the saved world, or begin an empty one at `start`."""
        saved = store.read(options.state_file) if options.state_file else None
        offset = _offset(options, saved)
        self.options = options
        state = options.state_file
        vault = Vault(state.with_name(state.name + ".files") if state else None)
        self.world = World(VirtualClock(file=options.clock_file, offset=offset), vault)
        self.faults = FaultPlan()
        if options.faults is not None:
            self.faults.change(options.faults)
        self.sender = Sender(self.world, self.faults)
        self.world.post = self.sender.post
        self.world.chores.append(partial(handing.settle, self.world))
        self.world.chores.append(partial(linking.settle, self.world))
        self.downloads = Downloads(self.world)
        self.world.fetch = self.downloads.fetch
        self._saved = saved
        self._saver: asyncio.Task[None] | None = None

    def app(self) -> Starlette:
        """Build the application; its lifespan is the sandbox's."""
        tokens, rates = Tokens(self.world), RateLimiter()
        gate = Gate(self.world, self.faults, tokens, Doorkeeper(self.world, rates))
        verbs = ["GET", "POST"]
        wire = [
            Route("/cgi-bin/gettoken", gate.gettoken),
            Route("/cgi-bin/{path:path}", gate.call, methods=verbs),
            *ChatData(self.world, self.faults, rates).routes(),
        ]
        plane = ControlPlane(self.world, self.sender, self.faults, tokens, rates)
        pages = [*Pages(self.world).routes(), *OAuth(self.world).routes(), *Phones(self.world, self.faults).routes()]
        return Starlette(
            routes=[*wire, *plane.routes(), *pages],
            middleware=[Middleware(Guard, hosts=self.options.hosts)],
            lifespan=self._live,
        )

    @contextlib.asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        if self._saved is not None:
            store.thaw(self._saved, self.world, self.sender, self.faults)
            self._saved = None
        if self.options.play:
            play.furnish(self.world)
        self.sender.start()
        self.downloads.start()
        if self.options.state_file is not None:
            self._saver = asyncio.create_task(self._save_often(self.options.state_file))
        try:
            yield
        finally:
            await self._rest()

    async def _rest(self) -> None:
        if self._saver is not None:
            self._saver.cancel()
            await asyncio.gather(self._saver, return_exceptions=True)
        await self.downloads.stop()
        await self.sender.stop()
        if self.options.state_file is not None:
            store.write(self.options.state_file, store.freeze(self.world, self.sender, self.faults))
        self.world.clock.close()

    async def _save_often(self, path: Path) -> None:
        pause = SAVE_EVERY_S
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            frozen = store.freeze(self.world, self.sender, self.faults)
            pause = max(SAVE_EVERY_S, (time.monotonic() - began) / SAVE_SHARE)
            # Shielded, because a cancelled save and the last one would write the same draft.
            await asyncio.shield(asyncio.to_thread(store.write, path, frozen))
            self.world.sweep()
