"""What a media_id may be used for: it must exist, be of the right kind and origin, and not have ended (wire.md D)."""

import mimetypes
from dataclasses import dataclass
from urllib.parse import urlsplit

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.library import KEPT, UPLOAD, MediaFile, Picture
from wecom_sandbox.mediaprobe import Probe
from wecom_sandbox.wire.call import Call

BAD_MEDIA = 40007
PICTURES = "media/picture/"


@dataclass(frozen=True)
class Incoming:
    """A file that has passed the limits."""

    kind: str
    origin: str
    name: str
    data: bytes
    probe: Probe


def store(call: Call, incoming: Incoming) -> MediaFile:
    """Give a file its id and its three days."""
    now = call.world.now()
    file = MediaFile(
        media_id=new_media_id(call.corp),
        kind=incoming.kind,
        origin=incoming.origin,
        name=incoming.name,
        content_type=_content_type(incoming),
        digest=call.world.vault.put(incoming.data),
        size=len(incoming.data),
        created_at=now,
        ends_at=now + int(call.world.tunables.media_life_s),
    )
    call.corp.library.files[file.media_id] = file
    return file


def new_media_id(corp: Corp) -> str:
    """Draw an id in WeCom's style."""
    return "1" + corp.digest(f"media/{corp.next_seq()}")


def usable(call: Call, media_id: object, kind: str, *origins: str) -> MediaFile:
    """Find a file for a use; ids by media/upload where no origin is named."""
    file = call.corp.library.files.get(media_id) if isinstance(media_id, str) else None
    if file is None or file.kind != kind or file.origin not in (origins or (UPLOAD,)):
        raise WireError(BAD_MEDIA)
    return alive(call, file)


def alive(call: Call, file: MediaFile) -> MediaFile:
    """Refuse a file whose time is over."""
    if file.ends_at and file.ends_at <= call.world.now():
        raise WireError(call.world.tunables.ended_media_code)
    return file


def keep(corp: Corp, file: MediaFile) -> str:
    """Give what a file holds another id that never ends, as the lists of moments show it."""
    media_id = "WWCISP_" + corp.digest(f"kept/{corp.next_seq()}")
    corp.library.files[media_id] = MediaFile(**{**vars(file), "media_id": media_id, "origin": KEPT, "ends_at": 0})
    return media_id


def hang(call: Call, file: MediaFile) -> str:
    """Make a picture for good of a temporary one; gives its key."""
    picture = Picture(call.corp.new_id("p"), file.digest, file.content_type, call.world.now(), counted=False)
    call.corp.library.pictures[picture.key] = picture
    return picture.key


def picture_key(call: Call, url: object) -> str:
    """Find the picture behind a pic_url; any other address than uploadimg's is refused."""
    path = urlsplit(url).path.lstrip("/") if isinstance(url, str) else ""
    key = path.removeprefix(PICTURES)
    if not path.startswith(PICTURES) or key not in call.corp.library.pictures:
        raise WireError(41065, "invalid pic_url")
    return key


def picture_url(call: Call, key: str) -> str:
    """Give the address of a picture, which the sandbox serves itself."""
    return f"{call.base_url}{PICTURES}{key}"


def _content_type(incoming: Incoming) -> str:
    if incoming.probe.kind != "file":
        return incoming.probe.content_type
    return mimetypes.guess_type(incoming.name)[0] or incoming.probe.content_type
