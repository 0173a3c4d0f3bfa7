"""A corp's files: temporary ones that end, pictures that stay, and uploads by URL that are under way (wire.md D)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wecom_sandbox.records import Json

# An id that ended is told from one that never was for so long.
REMEMBERED_S = 30 * 86_400

UPLOAD, MOMENT, ALBUM, URL, JSSDK, KEPT = "upload", "moment", "album", "url", "jssdk", "kept"
RUNNING, DONE, FAILED = 1, 2, 3


@dataclass
class MediaFile:
    """A file by its media_id; `origin` says how it came, `ends_at` 0 that it stays; `fine` is a voice in speex."""

    media_id: str
    kind: str
    origin: str
    name: str
    content_type: str
    digest: str
    size: int
    created_at: int
    ends_at: int
    fine: str = ""


@dataclass
class Picture:
    """A picture from uploadimg, for good; `counted` where it was uploaded and weighs on the quota."""

    key: str
    digest: str
    content_type: str
    created_at: int
    counted: bool = True


@dataclass
class UrlJob:
    """An upload by URL."""

    jobid: str
    agentid: int
    type: str
    filename: str
    url: str
    md5: str
    created_at: int
    status: int = RUNNING
    errcode: int = 0
    media_id: str = ""
    media_created_at: int = 0


@dataclass
class Library:
    """The files of one corp by their ids."""

    files: dict[str, MediaFile] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    jobs: dict[str, UrlJob] = field(default_factory=dict)

    def digests(self) -> Iterator[str]:
        """Name the bytes that are still of use."""
        for file in self.files.values():
            yield file.digest
            if file.fine:
                yield file.fine
        for picture in self.pictures.values():
            yield picture.digest

    def sweep(self, now: int) -> None:
        """Forget what ended long ago."""
        horizon = now - REMEMBERED_S
        self.files = {one: file for one, file in self.files.items() if not file.ends_at or file.ends_at > horizon}

    def freeze(self) -> Json:
        """Write everything down."""
        return {name: list(getattr(self, name).values()) for name in ("files", "pictures", "jobs")}

    def thaw(self, rows: Json) -> None:
        """Take everything in again."""
        self.files = {row["media_id"]: MediaFile(**row) for row in rows.get("files", [])}
        self.pictures = {row["key"]: Picture(**row) for row in rows.get("pictures", [])}
        self.jobs = {row["jobid"]: UrlJob(**row) for row in rows.get("jobs", [])}
