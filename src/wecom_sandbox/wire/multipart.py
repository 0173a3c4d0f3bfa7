"""The form of an upload: one field `media` with a file in it (wire.md D)."""

import re
from dataclasses import dataclass
from email.message import Message

_NAME = re.compile(r'\bname="([^"]*)"')
_FILENAME = re.compile(r'\bfilename="([^"]*)"')


@dataclass(frozen=True)
class FormFile:
    """A file as it was sent."""

    name: str
    data: bytes


def read_file(content_type: str, body: bytes, field: str = "media") -> FormFile | None:
    """Find the file in a form; None where the form has none."""
    head = Message()
    head["Content-Type"] = content_type
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary:
        return None
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode()):
        top, gap, data = part.partition(b"\r\n\r\n")
        disposition = next((line for line in top.split(b"\r\n") if line.lower().startswith(b"content-disp")), b"")
        text = disposition.decode(errors="replace")
        name, filename = _NAME.search(text), _FILENAME.search(text)
        if gap and name and filename and name[1] == field:
            return FormFile(_unescape(filename[1]), data)
    return None


def _unescape(name: str) -> str:
    """Undo what forms do to the three characters that would break their head; nothing else is escaped."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
