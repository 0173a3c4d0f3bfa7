"""Which files WeCom takes for which use, checked before the call (wire.md D)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from linli.wecom import media_shapes as shapes
from linli.wecom.errors import UnfitFile, WrongMix

_MB = 1024 * 1024
# WeCom takes files above 5 bytes only.
SMALLEST = 6
VOICE_SECONDS = 60
MOMENT_LONG_SIDE, MOMENT_SHORT_SIDE = 10_800, 1_080
MOMENT_VIDEO_SECONDS = 30


class MediaKind(StrEnum):
    """What a file is to WeCom."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


class Use(IntEnum):
    """What an attachment is uploaded for."""

    MOMENT = 1
    ALBUM = 2


MOST_BYTES = {
    MediaKind.IMAGE: 10 * _MB,
    MediaKind.VOICE: 2 * _MB,
    MediaKind.VIDEO: 10 * _MB,
    MediaKind.FILE: 20 * _MB,
}
PICTURE_BYTES = 2 * _MB
_FITTING = {Use.MOMENT: (MediaKind.IMAGE, MediaKind.VIDEO), Use.ALBUM: (MediaKind.IMAGE,)}


@dataclass(frozen=True, slots=True)
class _Format:
    zh: str
    en: str


_FORMATS = {
    MediaKind.IMAGE: _Format("JPG 或 PNG 图片", "a JPG or PNG picture"),
    MediaKind.VOICE: _Format("AMR 语音", "an AMR voice"),
    MediaKind.VIDEO: _Format("MP4 视频", "an MP4 video"),
}


def temporary(kind: MediaKind, data: bytes) -> None:
    """Check a file for media/upload; raises UnfitFile."""
    _size(data, MOST_BYTES[kind])
    _format(kind, data)
    if kind is MediaKind.VOICE and shapes.voice_seconds(data) > VOICE_SECONDS:
        raise UnfitFile("media", f"语音超过 {VOICE_SECONDS} 秒", f"the voice is longer than {VOICE_SECONDS} s")


def picture(data: bytes) -> None:
    """Check a file for media/uploadimg; raises UnfitFile."""
    _size(data, PICTURE_BYTES)
    _format(MediaKind.IMAGE, data)


def attachment(kind: MediaKind, use: Use, data: bytes) -> None:
    """Check a file for media/upload_attachment; raises WrongMix or UnfitFile."""
    if kind not in _FITTING[use]:
        raise WrongMix("media_type", f"该用途不支持 {kind}", f"{kind} does not fit this use")
    _size(data, MOST_BYTES[kind])
    _format(kind, data)
    if use is Use.MOMENT:
        _moment(kind, data)


def by_url(kind: MediaKind) -> None:
    """Check the kind for media/upload_by_url; raises WrongMix."""
    if kind not in (MediaKind.VIDEO, MediaKind.FILE):
        raise WrongMix("type", "按地址上传只支持视频和文件", "only videos and files are uploaded by URL")


def _moment(kind: MediaKind, data: bytes) -> None:
    if kind is MediaKind.VIDEO:
        seconds = shapes.video_seconds(data)
        if seconds is not None and seconds > MOMENT_VIDEO_SECONDS:
            most = MOMENT_VIDEO_SECONDS
            raise UnfitFile("media", f"视频超过 {most} 秒", f"the video is longer than {most} s")
        return
    size = shapes.pixels(data)
    if size and (max(size) > MOMENT_LONG_SIDE or min(size) > MOMENT_SHORT_SIDE):
        raise UnfitFile(
            "media",
            f"图片为 {size[0]}×{size[1]}，长边上限 {MOMENT_LONG_SIDE}，短边上限 {MOMENT_SHORT_SIDE} 像素",
            f"the picture has {size[0]}×{size[1]} pixels of at most {MOMENT_LONG_SIDE} by {MOMENT_SHORT_SIDE}",
        )


def _size(data: bytes, most: int) -> None:
    if len(data) < SMALLEST:
        raise UnfitFile("media", "文件须大于 5 字节", "a file must hold more than 5 bytes")
    if len(data) > most:
        raise UnfitFile(
            "media",
            f"文件过大：{len(data)} 字节，上限 {most} 字节",
            f"the file is too large: {len(data)} of at most {most} bytes",
        )


def _format(kind: MediaKind, data: bytes) -> None:
    right = {
        MediaKind.IMAGE: shapes.picture_format(data) is not None,
        MediaKind.VOICE: shapes.is_amr(data),
        MediaKind.VIDEO: shapes.is_mp4(data),
        MediaKind.FILE: True,
    }
    if not right[kind]:
        wanted = _FORMATS[kind]
        raise UnfitFile("media", f"须为 {wanted.zh}", f"{wanted.en} is needed")
