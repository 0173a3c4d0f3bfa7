"""A load of callbacks over raw HTTP/1.1 with keep-alive, so that the load costs less than what it measures."""

import asyncio
import itertools
import time
from collections.abc import Sequence


async def _one(host: str, port: int, requests: "itertools.count[int]", bodies: Sequence[bytes], bad: list[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while (n := next(requests)) < len(bodies):
        writer.write(bodies[n])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            bad.append(n)
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if length:
            await reader.readexactly(length)
        elif b"chunked" in head.lower():
            await reader.readuntil(b"0\r\n\r\n")
    writer.close()


async def _all(host: str, port: int, bodies: Sequence[bytes], connections: int) -> tuple[float, int]:
    requests, bad = itertools.count(), []
    started = time.perf_counter()
    await asyncio.gather(*(_one(host, port, requests, bodies, bad) for _ in range(connections)))
    return time.perf_counter() - started, len(bad)


def fire(port: int, bodies: Sequence[bytes], connections: int) -> float:
    """Requests a second; raises when one was not answered 200."""
    seconds, bad = asyncio.run(_all("127.0.0.1", port, bodies, connections))
    if bad:
        raise RuntimeError(f"{bad} of {len(bodies)} were not answered 200")
    return len(bodies) / seconds


def request(path: str, body: bytes) -> bytes:
    """One POST, ready to be written."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
