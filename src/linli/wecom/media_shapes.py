"""What a file is, read from its first bytes: pictures' pixels, videos' and voices' seconds; no decoding.

Enough to know before a call what WeCom would refuse (wire.md D); a file that hides its size reads as unknown.
"""

import struct
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_AMR = b"#!AMR\n"
# Bytes of a narrow-band AMR frame behind its head, by frame type; each plays for 20 ms.
_AMR_FRAME = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_NO_SIZE = frozenset({0x01, *range(0xD0, 0xD9)})
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_format(data: bytes) -> str | None:
    """Return png or jpeg, or None for anything else."""
    if data.startswith(_PNG):
        return "png"
    return "jpeg" if data.startswith(_JPEG) else None


def is_mp4(data: bytes) -> bool:
    """Tell whether the bytes begin as an MP4 file does."""
    return data[4:8] == b"ftyp"


def is_amr(data: bytes) -> bool:
    """Tell whether the bytes begin as an AMR voice does."""
    return data.startswith(_AMR)


def pixels(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG, or None where they cannot be found."""
    kind = picture_format(data)
    if kind == "png" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return _jpeg_pixels(data) if kind == "jpeg" else None


def voice_seconds(data: bytes) -> float:
    """Return how long an AMR voice plays."""
    at, frames = len(_AMR), 0
    while at < len(data):
        at += 1 + _AMR_FRAME[data[at] >> 3 & 15]
        frames += 1
    return frames / 50


def video_seconds(data: bytes) -> float | None:
    """Return how long an MP4 video plays, or None where its head cannot be found."""
    for kind, body in _boxes(data):
        if kind == b"moov":
            for inner, head in _boxes(body):
                if inner == b"mvhd":
                    return _duration(head)
    return None


def _jpeg_pixels(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _NO_SIZE:
            at += 2
            continue
        if marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, head = int.from_bytes(data[at : at + 4]), 8
        kind = data[at + 4 : at + 8]
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            return
        yield kind, data[at + head : at + size]
        at += size


def _duration(head: bytes) -> float | None:
    if len(head) < 32:
        return None
    scale, length = struct.unpack(">IQ", head[20:32]) if head[0] == 1 else struct.unpack(">II", head[12:20])
    return length / scale if scale else None
