"""The whole world: corps, clock, tunables, counters, and the mouth that speaks events."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from wecom_sandbox.callbacks.events import Event
from wecom_sandbox.clock import VirtualClock
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.library import UrlJob
from wecom_sandbox.records import App, JsTicket, OAuthCode, UserTicket, Welcome
from wecom_sandbox.sight import hears
from wecom_sandbox.tap import Tap
from wecom_sandbox.tunables import Tunables
from wecom_sandbox.vault import Vault


@dataclass
class Tally:
    """What happened so far; `events` counts, `calls` by path, `errors` by code, `made` and `heard` by kind of event."""

    events: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Lag:
    """What a group looked like before its last change (None: it was not there), and until when it is shown."""

    until: float
    before: dict[str, object] | None


@dataclass(frozen=True)
class Traversal:
    """One reading of contact_list: whose, when it began, and the rows as they were then."""

    corp_id: str
    agentid: int
    began: int
    rows: list[dict[str, object]]


class World:
    """All state; every change happens on the one event loop, so a call is atomic."""

    def __init__(self, clock: VirtualClock, vault: Vault) -> None:
        """Start without a corp; `vault` holds the bytes of files."""
        self.clock = clock
        self.vault = vault
        self.tunables = Tunables()
        self.tally = Tally()
        self.tap = Tap()
        self.corps: dict[str, Corp] = {}
        self.lags: dict[str, Lag] = {}
        self.dispatching: dict[str, float] = {}
        self.oauth_codes: dict[str, OAuthCode] = {}
        self.user_tickets: dict[str, UserTicket] = {}
        self.js_tickets: dict[tuple[str, int], JsTicket] = {}
        self.post: Callable[[Corp, App, Event], None] | None = None
        # What the clock brings about by itself, done before anybody looks or acts.
        self.chores: list[Callable[[], None]] = []
        self.traversals: dict[int, Traversal] = {}
        self.fetch: Callable[[Corp, UrlJob], None] | None = None

    def now(self) -> int:
        """Virtual unix seconds."""
        return self.clock.now()

    def catch_up(self) -> None:
        """Let everything happen whose time has come."""
        for chore in self.chores:
            chore()

    def the_corp(self, corp_id: object = None) -> Corp:
        """Find a corp; the id may be left out while there is only one."""
        if corp_id is not None:
            corp = self.corps.get(str(corp_id))
            if corp is None:
                raise ControlError(404, f"no corp {corp_id!r}")
            return corp
        if len(self.corps) != 1:
            raise ControlError(409, "no corp yet: seed one" if not self.corps else "several corps: name corp_id")
        return next(iter(self.corps.values()))

    def listeners(self, corp: Corp) -> list[App]:
        """List the apps that hear events."""
        return [app for app in corp.apps.values() if app.callback is not None]

    def emit(self, corp: Corp, event: Event) -> None:
        """Send an event to every app of the corp that listens and may hear of it."""
        for app in self.listeners(corp):
            if hears(corp, app, event):
                self.tell(corp, app.agentid, event)

    def tell(self, corp: Corp, agentid: int, event: Event) -> None:
        """Send an event to the one app it is about, if it listens."""
        app = corp.apps.get(agentid)
        if self.post is not None and app is not None and app.callback is not None:
            self.post(corp, app, event)

    def download(self, corp: Corp, job: UrlJob) -> None:
        """Begin an upload by URL."""
        if self.fetch is not None:
            self.fetch(corp, job)

    def sweep(self) -> None:
        """Forget the bytes of files that ended long ago."""
        for corp in self.corps.values():
            corp.library.sweep(self.now())
            corp.office.chatlog.sweep(self.clock.time() - self.tunables.archive_window_s)
        self.vault.keep_only(
            digest
            for corp in self.corps.values()
            for digests in (corp.library.digests(), corp.office.chatlog.digests())
            for digest in digests
        )

    def sayable_welcomes(self) -> list[Welcome]:
        """List open welcomes that some app has heard of, or may still."""
        return [welcome for welcome in self.open_welcomes() if not welcome.unheard]

    def open_welcomes(self) -> list[Welcome]:
        """List unused welcome codes that are still alive, and count those that died."""
        alive: list[Welcome] = []
        horizon = self.clock.time() - self.tunables.welcome_life_s
        for corp in self.corps.values():
            for welcome in list(corp.open_welcomes.values()):
                if welcome.issued_at >= horizon:
                    alive.append(welcome)
                else:
                    del corp.open_welcomes[welcome.code]
                    self.tally.events["welcomes_expired"] += 1
        return alive
