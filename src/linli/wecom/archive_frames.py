"""How the house and the process that holds the native library speak: frames of a JSON head and bytes, over two pipes."""

import json
import os
import select
import struct
import time
from typing import Any

_SIZES = struct.Struct(">II")
_MOST = 256 * 1024 * 1024

Head = dict[str, Any]


class Ended(Exception):
    """The other side closed its end."""


class TooLate(Exception):
    """The other side said nothing in time."""


def write(pipe: int, head: Head, body: bytes = b"") -> None:
    """Send one frame; Ended when nobody reads any more."""
    text = json.dumps(head).encode()
    left = memoryview(_SIZES.pack(len(text), len(body)) + text + body)
    try:
        while left:
            left = left[os.write(pipe, left) :]
    except BrokenPipeError:
        raise Ended from None


def read(pipe: int, within_s: float | None = None) -> tuple[Head, bytes]:
    """Receive one frame; Ended at the end of the pipe, TooLate when the whole of it has not come in time."""
    until = None if within_s is None else time.monotonic() + within_s
    head_size, body_size = _SIZES.unpack(_exactly(pipe, _SIZES.size, until))
    if head_size + body_size > _MOST:
        raise Ended
    head: Head = json.loads(_exactly(pipe, head_size, until))
    return head, _exactly(pipe, body_size, until)


def _exactly(pipe: int, size: int, until: float | None) -> bytes:
    found = bytearray()
    while len(found) < size:
        if until is not None and not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
            raise TooLate
        piece = os.read(pipe, size - len(found))
        if not piece:
            raise Ended
        found += piece
    return bytes(found)
