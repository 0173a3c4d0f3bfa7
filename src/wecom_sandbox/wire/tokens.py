"""Access tokens: one per app, the same until it expires; lives are real time, not virtual (wire.md A.1)."""

import math
import secrets
import time
from dataclasses import dataclass, replace

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import App
from wecom_sandbox.world import World


@dataclass(frozen=True)
class Token:
    """A token and when it was given out, in monotonic seconds."""

    value: str
    corp_id: str
    agentid: int
    issued_at: float


class Tokens:
    """Every token given out since the start; none survives a restart."""

    def __init__(self, world: World) -> None:
        """Start without tokens."""
        self.world = world
        self._current: dict[tuple[str, int], Token] = {}
        self._all: dict[str, Token] = {}

    def issue(self, corp_id: str, secret: str) -> Token:
        """Give an app its token, the old one while it lives."""
        if not corp_id:
            raise WireError(41002)
        if not secret:
            raise WireError(41004)
        corp = self.world.corps.get(corp_id)
        if corp is None:
            raise WireError(40013)
        app = next((app for app in corp.apps.values() if app.secret == secret), None)
        if app is None and any(
            one.secret == secret for other in self.world.corps.values() for one in other.apps.values()
        ):
            raise WireError(40091)
        if app is None or app.stopped:
            raise WireError(40001)
        token = self._current.get((corp_id, app.agentid))
        if token is None or self.left(token) <= 0:
            token = Token(secrets.token_urlsafe(96), corp_id, app.agentid, time.monotonic())
            self._current[corp_id, app.agentid] = token
            self._all[token.value] = token
        return token

    def left(self, token: Token) -> float:
        """Seconds a token still lives."""
        return token.issued_at + self.world.tunables.token_life_s - time.monotonic()

    def accept(self, value: str) -> tuple[Corp, App]:
        """Tell whose token this is."""
        if not value:
            raise WireError(41001)
        token = self._all.get(value)
        corp = self.world.corps.get(token.corp_id) if token else None
        app = corp.apps.get(token.agentid) if token and corp else None
        if token is None or corp is None or app is None:
            raise WireError(40014)
        if self.left(token) <= 0:
            raise WireError(42001)
        return corp, app

    def whose(self, value: str) -> tuple[str, int]:
        """Name corp and app of a token, alive or not; ("", 0) of one that never was."""
        token = self._all.get(value)
        return (token.corp_id, token.agentid) if token else ("", 0)

    def spoil(self, value: str, *, forget: bool) -> None:
        """End a token before its time: from now on it is 42001, or 40014 when it is forgotten."""
        token = self._all.get(value)
        if token is None:
            return
        if forget:
            del self._all[value]
        else:
            self._all[value] = replace(token, issued_at=-math.inf)
        if self._current.get((token.corp_id, token.agentid)) == token:
            del self._current[token.corp_id, token.agentid]

    def revoke(self, corp_id: str) -> None:
        """Void every token of a corp that is being replaced."""
        self._current = {key: token for key, token in self._current.items() if key[0] != corp_id}
        self._all = {value: token for value, token in self._all.items() if token.corp_id != corp_id}
