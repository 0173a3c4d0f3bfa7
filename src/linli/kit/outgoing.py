"""Where this house may call: the internet, and of private networks only what a setting names.

The address is judged where the connection is made, after its name was resolved, and that very address is then called: a
name that says one thing to a check and another to the call (DNS rebinding) leads nowhere. Redirects are not followed. A proxy
of the environment (HTTPS_PROXY) is the administrator's own, and what it reaches is its own affair.
"""

import socket
from collections.abc import Iterable, Sequence

import httpcore
import httpx

from linli.kit.addresses import Network, is_open


class PrivateAddress(httpx.UnsupportedProtocol):
    """The name leads into a network that no setting has opened; nothing was sent. Calling again does not help."""


def client(*, private: Sequence[Network], timeout: httpx.Timeout, limits: httpx.Limits) -> httpx.Client:
    """An HTTP client that calls nothing but the internet and these private networks, and follows no redirect."""
    made = httpx.Client(timeout=timeout, limits=limits, follow_redirects=False)
    # A transport that is handed in would switch the environment's proxies off, so the one that httpx made is guarded.
    pool: httpcore.ConnectionPool = made._transport._pool  # type: ignore[attr-defined]  # noqa: SLF001
    pool._network_backend = _Guarded(pool._network_backend, private)  # noqa: SLF001
    return made


class _Guarded(httpcore.NetworkBackend):
    """Resolves, judges, and connects to what it has judged."""

    def __init__(self, backend: httpcore.NetworkBackend, private: Sequence[Network]) -> None:
        self._backend = backend
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if shut := [one for one in addresses if not is_open(one, self._private)]:
            raise PrivateAddress(f"{shut[0]} is a private address: LINLI_PRIVATE_NETWORKS does not open it")
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)
