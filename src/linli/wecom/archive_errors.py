"""The errors of the message archive.

WecomError
└── ArchiveError         ArchiveOff KeyMissing LibraryBroken
    └── SdkError         ContentExpired NotDecrypted
"""

from typing import ClassVar

from linli.wecom.catalogue import Meaning, Retry, explain
from linli.wecom.errors import ApiError, WecomError, api_error


class ArchiveError(WecomError):
    """Base; `passing` tells whether the same call may go well a little later."""

    code = -90400
    zh = "会话存档出错"
    en = "The message archive failed"
    passing: bool = False


class ArchiveOff(ArchiveError):
    """No back is chosen: there is nothing to read from."""

    code = -90401
    zh = "会话存档没有启用"
    en = "The message archive is off"


class KeyMissing(ArchiveError):
    """The message was encrypted with a version of the public key whose private key is not here, or is another one."""

    code = -90402
    zh = "缺少这个版本的私钥"
    en = "The private key of this version is missing"

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}")
        self.version = version


class LibraryBroken(ArchiveError):
    """The native library cannot be loaded, died, or gave no answer in time; the next call starts it anew."""

    code = -90403
    zh = "会话存档的 SDK 无法使用"
    en = "The archive's native library cannot be used"

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


class SdkError(ArchiveError):
    """A return code of the native library, 10000 to 10011 (wire.md G.1)."""

    codes: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, code: int, call: str) -> None:
        super().__init__(call)
        self.code = code
        self.call = call
        self.meaning: Meaning = explain(code)
        self.zh, self.en = self.meaning.zh, self.meaning.en
        self.passing = self.meaning.retry is Retry.LATER


class ContentExpired(SdkError):
    """Older than five days: it cannot be fetched any more."""

    codes = frozenset({10010})


class NotDecrypted(SdkError):
    """A message did not open: another key, or broken bytes."""

    codes = frozenset({10006, 10008})


SDK_CODES = range(10_000, 10_012)


def archive_error(code: int, errmsg: str, call: str) -> SdkError | ApiError:
    """Return the error for a code that is not 0: the library's own, or WeCom's errcode inside its answer."""
    if code not in SDK_CODES:
        return api_error(code, errmsg, call)
    kind = next((one for one in (ContentExpired, NotDecrypted) if code in one.codes), SdkError)
    return kind(code, call)
