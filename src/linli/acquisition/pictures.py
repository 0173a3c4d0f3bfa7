"""The picture of a code: WeCom's own where it gave one, else drawn here."""

import io
from urllib.parse import urlsplit

import segno

# Hosts on which WeCom keeps the pictures of codes. Any other address is no picture but what a scan shall open
# (as the sandbox's are), so its QR is drawn here.
_PICTURE_HOSTS = ("qpic.cn", "qlogo.cn", "qq.com", "gtimg.com", "wework.cn")


def is_picture(url: str) -> bool:
    """Does WeCom show a picture at this address?"""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == one or host.endswith(f".{one}") for one in _PICTURE_HOSTS)


def safe_picture_url(url: str) -> str:
    """The picture's address over https: WeCom still gives http ones, which a page on https may not show."""
    return "https://" + url.removeprefix("http://").removeprefix("https://")


def draw_png(text: str, *, scale: int = 8) -> bytes:
    """A QR code as PNG (WeChat reads a long press on PNG, not on SVG)."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=scale, border=3)
    return out.getvalue()
