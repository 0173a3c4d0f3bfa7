"""Who may call what, from where, how often, and beside which others (wire.md A.2, A.4)."""

import contextlib
import ipaddress
import json
from collections import Counter
from collections.abc import Iterator

from starlette.requests import Request

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import App
from wecom_sandbox.wire.rate import HOUR_S, MINUTE_S, RateLimiter
from wecom_sandbox.world import World

CONTACTS = ("department/", "user/", "tag/")
CUSTOMER_CONTACT = ("externalcontact/", "idconvert/")
# Writes of one relation that clash where they meet.
ON_A_RELATION = frozenset({"externalcontact/mark_tag", "externalcontact/remark"})
NOBODY = "0.0.0.0"  # noqa: S104 – an address to show, not one to bind


class Doorkeeper:
    """Stands before every call."""

    def __init__(self, world: World, rates: RateLimiter) -> None:
        """Know the world's limits."""
        self.world = world
        self.rates = rates
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._written: set[tuple[object, ...]] = set()

    def address(self, request: Request) -> str:
        """Tell where a call comes from: the connection, or the header that a tunable names."""
        header = self.world.tunables.address_header
        named = request.headers.get(header, "") if header else ""
        return named or (request.client.host if request.client else NOBODY)

    def admit(self, app: App, path: str, address: str) -> None:
        """Refuse an app that is stopped, a stranger's address, or a path that is not this app's."""
        if app.stopped:
            raise WireError(50003)
        if app.trusted and not _trusted(app.trusted, address):
            raise WireError(60020)
        helper = app.contacts and not path.startswith(CONTACTS)
        stranger = not app.callable and path.startswith(CUSTOMER_CONTACT)
        if helper or stranger or app.archive != path.startswith("msgaudit/"):
            raise WireError(48002)

    def count(self, corp_id: str, path: str, address: str, per_minute: int, *, debug: bool = False) -> None:
        """Count a call against the limits of the corp, of the address, and of the debug mode."""
        tunables, take = self.world.tunables, self.rates.take
        take(corp_id, path, per_minute, MINUTE_S)
        take(corp_id, path, tunables.rate_per_hour, HOUR_S)
        take(address, path, tunables.address_rate_per_minute, MINUTE_S)
        take(address, path, tunables.address_rate_per_hour, HOUR_S)
        if debug:
            take(corp_id, "debug", tunables.debug_per_minute, MINUTE_S)

    @contextlib.contextmanager
    def beside(self, corp_id: str, path: str, body: bytes) -> Iterator[None]:
        """Let a call be under way, unless too many of its like are (45033) or one writes the same relation (45035)."""
        most, key = self.world.tunables.concurrent_most, (corp_id, path)
        relation = _relation(corp_id, body) if path in ON_A_RELATION else None
        if most and self._under_way[key] >= most:
            raise WireError(45033)
        if relation in self._written and self.world.tunables.clashing_writes:
            raise WireError(45035)
        self._under_way[key] += 1
        first = relation is not None and relation not in self._written
        if first:
            self._written.add(relation or ())
        try:
            yield
        finally:
            self._under_way[key] -= 1
            if first:
                self._written.discard(relation or ())


def _relation(corp_id: str, body: bytes) -> tuple[object, ...] | None:
    try:
        args = json.loads(body)
        return (corp_id, str(args["userid"]), str(args["external_userid"]))
    except (ValueError, TypeError, KeyError):
        return None


def _trusted(entries: list[str], address: str) -> bool:
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(one, strict=False) for one in entries)
