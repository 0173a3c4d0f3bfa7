"""Files on the wire: the multipart form of an upload, and a file or a piece of it as an answer (wire.md D)."""

import re
import secrets
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus

import httpx

_FILES = ("image/", "audio/", "video/", "application/octet-stream", "voice/")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to be sent; the bytes stay out of the representation."""

    name: str
    data: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: both ends count, the first byte is 0."""

    first: int
    last: int

    @property
    def header(self) -> str:
        """The value of the Range header."""
        return f"bytes={self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file, or the part of it that was asked for; `total` is the size of the whole in bytes."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    total: int


def multipart(upload: Upload) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a form with the one field `media`.

    Built by hand because WeCom wants `filelength` beside the file's name, which httpx cannot add.
    """
    boundary = secrets.token_hex(16)
    name = upload.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{name}"; filelength={len(upload.data)}\r\n'
        f"Content-Type: {upload.content_type}\r\n\r\n"
    )
    body = b"".join((head.encode(), upload.data, f"\r\n--{boundary}--\r\n".encode()))
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body


def is_file(response: httpx.Response) -> bool:
    """Tell a file from WeCom's JSON: an error has no name to be saved under."""
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return False
    return "content-disposition" in response.headers or response.headers.get("content-type", "").startswith(_FILES)


def received(response: httpx.Response) -> Received:
    """Read a file out of an answer."""
    head = Message()
    head["Content-Disposition"] = response.headers.get("content-disposition", "attachment")
    span = _RANGE.fullmatch(response.headers.get("content-range", ""))
    return Received(
        name=head.get_filename() or "",
        content_type=response.headers.get("content-type", "").partition(";")[0],
        data=response.content,
        total=int(span[3]) if span else len(response.content),
    )
