"""Small files of every kind that WeCom tells apart, made to measure."""

import struct
import zlib

from linli.wecom.files import Upload
from linli.wecom.media_calls import MediaKind, Use


def png(width=2, height=3):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IEND", b"")


def jpeg(width=2, height=3):
    note = b"\xff\xfe" + struct.pack(">H", 2 + 5) + b"hello"
    # The frame lies behind a comment and a fill byte.
    frame = b"\xff\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + note + frame + b"\xff\xd9"


def amr(seconds=1.0, mode=7):
    size = {0: 12, 7: 31, 15: 0}[mode]
    return b"#!AMR\n" + (bytes([mode << 3 | 4]) + b"\0" * size) * round(seconds * 50)


def mp4(seconds=1.0, *, version=0):
    if version:
        head = struct.pack(">B3xQQIQ", 1, 0, 0, 1000, round(seconds * 1000))
    else:
        head = struct.pack(">B3xIIII", 0, 0, 0, 1000, round(seconds * 1000))
    head += b"\0" * 80
    movie = struct.pack(">I4s", len(head) + 8, b"mvhd") + head
    return struct.pack(">I4s8s", 16, b"ftyp", b"isom\0\0\0\0") + struct.pack(">I4s", len(movie) + 8, b"moov") + movie


def file(data, name="file.bin"):
    return Upload(name=name, data=data)


def picture(client, kind=MediaKind.IMAGE, data=None, use=Use.MOMENT):
    return client.upload_attachment(kind, use, file(data or png())).media_id
