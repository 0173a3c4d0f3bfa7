"""Who may speak to the control plane and the pages: this machine's people and programs, no page of somebody else's.

There is no password. A foreign page in a browser could still send requests here, by its own scripts (Origin tells) or by a name
of its own that points to this machine (DNS rebinding; Host tells). See docs/decisions/0019.
"""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_VERBS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware in front of everything but /cgi-bin/, which asks for a secret of its own."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] = ()) -> None:
        """Let `hosts` through too: names with dots that this sandbox is called by."""
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 where the request is a foreign page's."""
        if scope["type"] == "http" and not scope["path"].startswith("/cgi-bin/"):
            refusal = self.refusal(scope["method"], Headers(scope=scope))
            if refusal:
                await JSONResponse({"ok": False, "error": refusal}, status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def refusal(self, verb: str, headers: Headers) -> str:
        """Say why not; "" where nothing speaks against it."""
        host = headers.get("host", "")
        if not self._ours(host):
            return f"Host {host!r} is not this sandbox's: start it with --allow-host to let a name through"
        origin = headers.get("origin")
        if verb not in SAFE_VERBS and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return f"a page of {origin!r} may not act here"
        return ""

    def _ours(self, host: str) -> bool:
        """No name that somebody else can register: an address, localhost, a name without dots, or one that was allowed."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if not name:
            return False
        if name in self.hosts or name.endswith(".localhost") or not {".", ":"}.intersection(name):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
