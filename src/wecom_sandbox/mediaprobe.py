"""How large a picture is and how long a recording plays, as WeCom's limits ask (wire.md D)."""

import struct
from dataclasses import dataclass
from io import BytesIO

FRAMES_A_SECOND = 50
# Whole AMR-NB frames in bytes, head included: eight speech modes, then silence descriptors and "no data".
_FRAMES = {0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6}


@dataclass(frozen=True)
class Probe:
    """What a file is: its true kind, with pixels for a picture and seconds for a voice or video."""

    kind: str
    content_type: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0


def probe(data: bytes) -> Probe:
    """Look at a file; what is neither picture, AMR nor MP4 is just a file."""
    if data[:8] == bytes.fromhex("89504e470d0a1a0a"):
        return Probe("image", "image/png", *_png(data))
    if data[:3] == bytes.fromhex("ffd8ff"):
        return Probe("image", "image/jpeg", *_jpeg(BytesIO(data)))
    if data[:6] == b"#!AMR\n":
        return Probe("voice", "audio/amr", seconds=_amr(data))
    if data[4:8] == b"ftyp":
        return Probe("video", "video/mp4", seconds=_mp4(data))
    return Probe("file", "application/octet-stream")


def _png(data: bytes) -> tuple[int, int]:
    if len(data) < 24:
        return (0, 0)
    return (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))


def _jpeg(file: BytesIO) -> tuple[int, int]:
    file.seek(2)
    while file.read(1) == b"\xff":
        code = file.read(1)
        while code == b"\xff":
            code = file.read(1)
        if not code:
            break
        number = code[0]
        if number == 1 or 0xD0 <= number <= 0xD7:
            continue
        head = file.read(2)
        if len(head) < 2:
            break
        rest = int.from_bytes(head, "big") - 2
        if 0xC0 <= number <= 0xCF and number not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            return (int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
        file.seek(rest, 1)
    return (0, 0)


def _amr(data: bytes) -> float:
    place, count = 6, 0
    while place < len(data):
        place += _FRAMES.get((data[place] & 0x78) >> 3, 1)
        count += 1
    return count / FRAMES_A_SECOND


def _mp4(data: bytes) -> float:
    movie = _box(data, b"moov")
    head = _box(movie, b"mvhd") if movie else None
    if not head or len(head) < 20:
        return 0.0
    if head[0] == 0:
        scale, units = struct.unpack_from(">LL", head, 12)
    elif len(head) >= 32:
        scale, units = struct.unpack_from(">LQ", head, 20)
    else:
        return 0.0
    return float(units / scale) if scale else 0.0


def _box(data: bytes, wanted: bytes) -> bytes | None:
    place = 0
    while place + 8 <= len(data):
        (length,) = struct.unpack_from(">L", data, place)
        begin = place + 8
        if length == 1 and place + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, place + 8)
            begin = place + 16
        end = len(data) if length == 0 else place + length
        if end <= place:
            return None
        if data[place + 4 : place + 8] == wanted:
            return data[begin:end]
        place = end
    return None
