"""Keeps tokens and secrets, which WeCom puts into URLs, out of logs and error texts."""

import logging
import re

_SECRET = re.compile(r"((?:access_token|corpsecret|suite_access_token)=)[^&\s\"']+")


def scrub(text: str) -> str:
    """Return the text with the values of secret URL parameters replaced by `***`."""
    return _SECRET.sub(r"\1***", text)


class ScrubFilter(logging.Filter):
    """Rewrites log records that carry a URL with a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's text where it holds a secret; never drops a record."""
        text = record.getMessage()
        clean = scrub(text)
        if clean != text:
            record.msg, record.args = clean, None
        return True


def guard_httpx_log() -> None:
    """Install the filter on httpx's logger, which writes whole URLs at INFO; repeating it changes nothing."""
    log = logging.getLogger("httpx")
    if not any(isinstance(item, ScrubFilter) for item in log.filters):
        log.addFilter(ScrubFilter())
