"""The welcome as the customer will see it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from linli.acquisition.models import LiveCode, LiveCodeStaff
from linli.acquisition.welcomes import compose, setting_of
from linli.kit.clock import now
from linli.wecom.attachments import Link


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What stands on the phone now: the text and the link cards, from the first clerk of the code."""

    shop: str
    staff: str
    text: str
    links: tuple[Link, ...]
    others: int


def preview(corp_id: int, code: LiveCode, zone: str) -> Preview:
    """The welcome by this code at this time of day."""
    first = LiveCodeStaff.objects.filter(code=code).select_related("staff").order_by("staff_id").first()
    setting = setting_of(corp_id=corp_id, state=code.state, userid=first.staff.userid if first else "")
    content = compose(setting, at=now().astimezone(ZoneInfo(zone)).time(), customer="阿May")
    links = tuple(one for one in content.attachments if isinstance(one, Link))
    return Preview(
        shop=setting.shop,
        staff=setting.staff,
        text=content.text,
        links=links,
        others=len(content.attachments) - len(links),
    )
