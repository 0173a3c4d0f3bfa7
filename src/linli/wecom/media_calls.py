"""Files: temporary ones, permanent pictures, attachments of moments and albums, and fetching them (wire.md D)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from linli.wecom import media_limits
from linli.wecom.fields import Fields
from linli.wecom.files import Piece, Received, Upload
from linli.wecom.limits import need, within_bytes
from linli.wecom.media_limits import MediaKind, Use
from linli.wecom.transport import Lane, Transport

# Above it WeCom wants ranges, and each of them may be so large at most.
PIECE = 20 * 1024 * 1024
_GENERAL_SCENE = 1
_NAME = 128
_URL = 1024


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file: the id works for 3 days, in every app of the corp."""

    type: str
    media_id: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlUpload:
    """A video or file up to 200 MB that WeCom fetches itself: name up to 128 bytes, URL 1024, md5 in hex.

    The URL must answer Range requests.
    """

    type: MediaKind
    filename: str
    url: str
    md5: str


class JobStatus(IntEnum):
    """How far an upload by URL is."""

    RUNNING = 1
    DONE = 2
    FAILED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlUploadResult:
    """What became of an upload by URL: `media_id` is set where it is done, `errcode` where it failed."""

    status: JobStatus
    errcode: int
    errmsg: str
    media_id: str | None
    created_at: int | None


class MediaCalls(Transport):
    """Calls about files. Nothing lists uploaded files.

    After OutcomeUnknown a file may be uploaded again: what was lost is named by nobody and ends by itself, only a
    picture by `upload_picture` stays and counts (1000 a day, 3000 a month).
    """

    def upload_media(self, kind: MediaKind, file: Upload, *, lane: Lane | None = None) -> Media:
        """Upload a temporary file: image 10 MB, voice 2 MB and 60 s, video 10 MB, file 20 MB; raises UnfitFile."""
        need("filename", file.name)
        media_limits.temporary(kind, file.data)
        return _media(self._upload("media/upload", {"type": str(kind)}, file, lane=lane))

    def upload_picture(self, file: Upload, *, lane: Lane | None = None) -> str:
        """Upload a picture that stays, up to 2 MB; returns the URL, the only kind an attachment's `pic_url` takes."""
        need("filename", file.name)
        media_limits.picture(file.data)
        return self._upload("media/uploadimg", {}, file, lane=lane).must("url")

    def upload_attachment(self, kind: MediaKind, use: Use, file: Upload, *, lane: Lane | None = None) -> Media:
        """Upload a picture or video for moments, or a picture for albums; such an id serves nothing else."""
        need("filename", file.name)
        media_limits.attachment(kind, use, file.data)
        params: dict[str, str | int] = {"media_type": str(kind), "attachment_type": int(use)}
        return _media(self._upload("media/upload_attachment", params, file, lane=lane))

    def get_media(self, media_id: str, piece: Piece | None = None, *, lane: Lane | None = None) -> Received:
        """Fetch a file or a piece of it; raises ApiError 830002 for a file above 20 MB without a piece."""
        need("media_id", media_id)
        return self._download("media/get", {"media_id": media_id}, piece, lane=lane)

    def media_pieces(self, media_id: str, size: int = PIECE, *, lane: Lane | None = None) -> Iterator[bytes]:
        """Yield a file of any size, in pieces of `size` bytes."""
        at, total = 0, 1
        while at < total:
            got = self.get_media(media_id, Piece(at, at + size - 1), lane=lane)
            if not got.data:
                return
            yield got.data
            at, total = at + len(got.data), got.total

    def get_jssdk_media(self, media_id: str, *, lane: Lane | None = None) -> Received:
        """Fetch in speex, 16 kHz, what a staff member recorded by JS."""
        need("media_id", media_id)
        return self._download("media/get/jssdk", {"media_id": media_id}, None, lane=lane)

    def upload_by_url(self, upload: UrlUpload, *, lane: Lane | None = None) -> str:
        """Let WeCom fetch a file, for group welcome templates and `get_media` only; returns the job (60 minutes).

        MediaUploadFinished tells of the end, `upload_by_url_result` how it ended. After OutcomeUnknown start anew.
        """
        media_limits.by_url(upload.type)
        for name in ("filename", "url", "md5"):
            need(name, getattr(upload, name))
        within_bytes("filename", upload.filename, _NAME)
        within_bytes("url", upload.url, _URL)
        body = {
            "scene": _GENERAL_SCENE,
            "type": str(upload.type),
            "filename": upload.filename,
            "url": upload.url,
            "md5": upload.md5,
        }
        return self._write("media/upload_by_url", body, lane=lane).must("jobid")

    def upload_by_url_result(self, jobid: str, *, lane: Lane | None = None) -> UrlUploadResult:
        """Return how far an upload by URL is."""
        need("jobid", jobid)
        answer = self._query("media/get_upload_by_url_result", {"jobid": jobid}, lane=lane)
        detail = answer.maybe_child("detail") or Fields({}, "media/get_upload_by_url_result")
        return UrlUploadResult(
            status=answer.one_of("status", JobStatus),
            errcode=detail.number("errcode"),
            errmsg=detail.text("errmsg"),
            media_id=detail.maybe("media_id"),
            created_at=detail.maybe_number("created_at"),
        )


def _media(x: Fields) -> Media:
    return Media(x.text("type"), x.must("media_id"), x.number("created_at"))
