"""Which back a corp's archive has, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.archive.models import ArchiveLine
from linli.connect import api as connect
from linli.connect.api import TwoTongues
from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound
from linli.wecom.archive import ArchiveBack, NoBack
from linli.wecom.archive_errors import ArchiveError, KeyMissing, LibraryBroken, SdkError
from linli.wecom.archive_library import Way
from linli.wecom.archive_native import Native, NativeBack
from linli.wecom.archive_sandbox import SandboxBack
from linli.wecom.errors import WecomError

SECRET, PROXY_PASSWORD = "archive.secret", "archive.proxy"
NONE, NATIVE, SANDBOX = "none", "native", "sandbox"


@dataclass(frozen=True, kw_only=True)
class LineInfo:
    """How a corp's archive stands; `trouble` is empty when the last reading went well."""

    back: str
    has_secret: bool
    proxy: str
    timeout_s: int
    seq: int
    newest_at: datetime | None
    pulled_at: datetime | None
    caught_up_at: datetime | None
    held_back: int
    trouble_code: int
    trouble: TwoTongues | None


def choices(*, corp_id: int) -> list[str]:
    """The backs that this installation can offer: the library where the server names one, the sandbox where WeCom is one."""
    found = connect.line(corp_id=corp_id)
    offered = [NONE]
    if settings.LINLI.archive_library:
        offered.append(NATIVE)
    if found is not None and found.base_url != connect.OFFICIAL:
        offered.append(SANDBOX)
    return offered


def row_of(corp_id: int) -> ArchiveLine:
    """The corp's row, as it stands before anybody chose a back when there is none."""
    return ArchiveLine.objects.filter(corp_id=corp_id).first() or ArchiveLine(corp_id=corp_id, changed_at=now())


def line(*, corp_id: int) -> LineInfo:
    """How the archive stands; back "none" until somebody chooses another."""
    row = row_of(corp_id)
    return LineInfo(
        back=row.back, has_secret=_secret(corp_id, SECRET) != "", proxy=row.proxy, timeout_s=row.timeout_s, seq=row.seq,
        newest_at=row.newest_at, pulled_at=row.pulled_at, caught_up_at=row.caught_up_at, held_back=row.held_back,
        trouble_code=row.trouble_code,
        trouble=TwoTongues(zh=row.trouble_zh, en=row.trouble_en) if row.trouble_zh else None,
    )  # fmt: skip


@transaction.atomic
def choose(
    *, corp_id: int, back: str, secret: str, proxy: str, proxy_password: str, timeout_s: int, author: str
) -> None:
    """Set the back; an empty secret or password leaves the kept one. How far was read stays."""
    if back not in choices(corp_id=corp_id):
        raise BadInput("back", _("This way of reading the archive is not to be had here."))
    if back != NONE and not secret and not _secret(corp_id, SECRET):
        raise BadInput("secret", _("The archive’s secret is needed: WeCom console → Message archive → Secret."))
    for name, value in ((SECRET, secret), (PROXY_PASSWORD, proxy_password)):
        if value:
            access.seal_secret(corp_id=corp_id, name=name, value=value)
    given = {
        "back": back, "proxy": proxy, "timeout_s": timeout_s, "changed_at": now(), "changed_by": author, "asked_at": None,
        "trouble_code": 0, "trouble_zh": "", "trouble_en": "",
    }  # fmt: skip
    ArchiveLine.objects.update_or_create(corp_id=corp_id, defaults=given)


def back_of(row: ArchiveLine) -> ArchiveBack:
    """The back itself; the caller closes it."""
    if connection.in_atomic_block:
        raise RuntimeError("the archive is read outside of transactions: read first, then write")
    wecom_id = access.corp(corp_id=row.corp_id).wecom_id
    secret = _secret(row.corp_id, SECRET)
    if row.back == SANDBOX and (found := connect.line(corp_id=row.corp_id)) is not None:
        return SandboxBack(found.base_url, wecom_id, secret, connect.shared_http())
    if row.back == NATIVE:
        way = Way(proxy=row.proxy, password=_secret(row.corp_id, PROXY_PASSWORD), timeout_s=row.timeout_s)
        return NativeBack(Native(library=settings.LINLI.archive_library, corp_id=wecom_id, secret=secret, way=way))
    return NoBack()


def keep_trouble(corp_id: int, error: WecomError) -> None:
    """What a reading ended on, in words, until one goes well."""
    words = explain(error)
    ArchiveLine.objects.filter(corp_id=corp_id).update(
        trouble_code=error.code, trouble_zh=words.zh, trouble_en=words.en
    )


def explain(error: WecomError) -> TwoTongues:
    """What happened and what to do."""
    if not isinstance(error, ArchiveError):
        return connect.explain_error(error)
    zh, en = f"{error.zh}（{error.code}）。", f"{error.en} ({error.code}). "
    if isinstance(error, SdkError):
        zh, en = zh + _sentence(error.meaning.admin_zh, "。"), en + _sentence(error.meaning.admin_en, ".")
    elif isinstance(error, LibraryBroken):
        zh += f"（{error.reason}）" + (
            "邻里会自己再试。" if error.passing else "请核对 LINLI_ARCHIVE_LIBRARY 指向的文件。"
        )
        en += f"{error.reason}. " + (
            "Linli tries again by itself." if error.passing else "Check the file that LINLI_ARCHIVE_LIBRARY names."
        )
    elif isinstance(error, KeyMissing):
        zh, en = zh + "请在本页补上私钥。", en + "Add the private key on this page."
    return TwoTongues(zh=zh, en=en.strip())


def _sentence(text: str, end: str) -> str:
    return f"{text}{end}" if text else ""


def _secret(corp_id: int, name: str) -> str:
    try:
        return access.open_secret(corp_id=corp_id, name=name)
    except NotFound:
        return ""
