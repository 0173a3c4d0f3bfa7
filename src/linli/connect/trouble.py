"""What is wrong with a line, kept with it in plain words until a call goes well again: the connection page shows it."""

from linli.connect.messages import explain_error
from linli.connect.models import CorpLine
from linli.kit.clock import now
from linli.wecom.errors import WecomError


def keep(*, corp_id: int, error: Exception) -> None:
    """A reading ended on this error; one that is not WeCom's or the line's own says nothing about the line."""
    if isinstance(error, WecomError):
        CorpLine.objects.filter(corp_id=corp_id).update(
            checked_at=now(), check_code=error.code, check_text=str(explain_error(error))
        )


def clear(*, corp_id: int) -> None:
    """A reading went well: what was kept is over."""
    CorpLine.objects.filter(corp_id=corp_id).exclude(check_text="").update(
        checked_at=now(), check_code=0, check_text=""
    )
