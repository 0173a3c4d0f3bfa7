"""What every page of the console shows around its own content."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import formats, translation
from django.utils.translation import gettext as _

from linli.directory import api as directory
from linli.kit.clock import now
from linli.ledger import api as ledger


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame's own figures; nothing for customers' pages and for who is not signed in."""
    corp = getattr(request, "corp", None)
    if corp is None:
        return {"shell": {"demo": settings.LINLI.demo, "language": translation.get_language() or "zh-hans"}}
    moment = now().astimezone(ZoneInfo(corp.zone))
    line = ledger.line_state(corp_id=corp.id)
    ok = not line.parked and not line.stuck
    behind = _("%(rows)d callbacks wait") % {"rows": line.waiting} if line.waiting else _("in step with WeCom")
    return {
        "shell": {
            "corp_name": corp.name,
            "shop_count": len(directory.shops(corp_id=corp.id)),
            "line_state": {"ok": ok, "text": behind if ok else _("something needs a person")},
            "today": formats.date_format(moment, "MONTH_DAY_FORMAT") + " " + formats.date_format(moment, "l"),
            "now_text": moment.strftime("%H:%M"),
            "account": request.user,
            "account_name": getattr(request.user, "name", ""),
            "badges": {"running": line.parked},
            "active": getattr(request, "nav", ""),
            "demo": settings.LINLI.demo,
            "phones": f"{settings.LINLI.stand_in}/phones" if settings.LINLI.stand_in else "",
            "language": translation.get_language() or "zh-hans",
        }
    }
