"""The words for a new friend: found fast, because WeCom takes them for 20 seconds only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.acquisition.models import LiveCode, Welcome
from linli.directory import api as directory
from linli.groups import api as groups
from linli.kit.clock import monotonic, now
from linli.kit.errors import BadInput, NotFound
from linli.wecom.attachments import Attachment, Link, from_wire, to_wire
from linli.wecom.errors import WecomError
from linli.wecom.fields import Fields
from linli.wecom.limits import message

_FRESH_S = 10.0
_MOST = 20_000
_LINK_TITLE = 128
# The longest values that the placeholders can take, so that a text that fits when saved fits when sent.
_LONGEST = {"customer": "客" * 32, "shop": "店" * 40, "staff": "员" * 32}


@dataclass(frozen=True, kw_only=True)
class WelcomeContent:
    """What send_welcome_msg takes."""

    text: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A welcome that may fit, with the part of the day it is for; both None is the whole day."""

    text: str
    attachments: tuple[Attachment, ...]
    from_time: time | None
    until_time: time | None
    with_group: bool

    def fits(self, at: time) -> bool:
        """Is it for this time of day? A window may pass midnight."""
        if self.from_time is None or self.until_time is None:
            return True
        if self.from_time <= self.until_time:
            return self.from_time <= at < self.until_time
        return at >= self.from_time or at < self.until_time


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that a welcome needs to know about one code and clerk."""

    zone: str
    shop: str
    staff: str
    group_link: Link | None
    candidates: tuple[Candidate, ...]


class _Memory:
    """Settings by (corp, state, userid), for 10 seconds of real time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str, str], tuple[float, Setting]] = {}
        self._lock = Lock()

    def get(self, key: tuple[int, str, str]) -> Setting:
        kept = self._kept.get(key)
        if kept is not None and monotonic() - kept[0] < _FRESH_S:
            return kept[1]
        setting = _look_up(*key)
        with self._lock:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = (monotonic(), setting)
        return setting

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


@lru_cache(maxsize=1)
def _memory() -> _Memory:
    return _Memory()


def welcome_for(*, corp_id: int, state: str, userid: str, at: datetime, customer: str = "") -> WelcomeContent:
    """The welcome for who came by this code to this clerk: the code's own, the shop's, the corp's, else the house's.

    A few reads at most, and none for 10 seconds after; it waits for no fact. `customer` is the nickname if known.
    """
    setting = _memory().get((corp_id, state, userid))
    here = at.astimezone(ZoneInfo(setting.zone)).time()
    return compose(setting, at=here, customer=customer)


def compose(setting: Setting, *, at: time, customer: str) -> WelcomeContent:
    """Choose the first candidate that fits and fill it in; pure."""
    chosen = next(one for one in setting.candidates if one.fits(at))
    link = (setting.group_link,) if chosen.with_group and setting.group_link else ()
    return WelcomeContent(
        text=fill(chosen.text, customer=customer, shop=setting.shop, staff=setting.staff),
        attachments=(*chosen.attachments, *link)[:9],
    )


def fill(text: str, *, customer: str, shop: str, staff: str) -> str:
    """Put the names in; without a customer's name the friendly word of the house stands in its place."""
    with translation.override(settings.LANGUAGE_CODE):
        friend = customer or gettext("friend")
        us = shop or gettext("our shop")
        me = staff or gettext("your shop assistant")
    return text.replace("{customer}", friend).replace("{shop}", us).replace("{staff}", me)


def default_text() -> str:
    """The house's own welcome, in the language of the installation."""
    with translation.override(settings.LANGUAGE_CODE):
        return gettext(
            "Hello {customer}, I am {staff} of {shop}. Ask me anything; what is new and on offer comes here first."
        )


def forget_welcomes() -> None:
    """Welcomes or codes were changed here: the next welcome reads them anew (other processes do within 10 s)."""
    _memory().forget()


def group_page(key: str) -> str:
    """The address of the page that leads to a shop's group."""
    return f"{settings.LINLI.public_url}/h/g/{key}/"


@transaction.atomic
def save_welcome(
    *, corp_id: int, name: str, text: str, welcome_id: int | None = None, shop_id: int | None = None,
    from_time: time | None = None, until_time: time | None = None, attachments: Sequence[Attachment] = (),
    with_group: bool = True,
) -> int:  # fmt: skip
    """Write a welcome; refuses what WeCom would refuse."""
    if not name.strip():
        raise BadInput("no_name", _("Give the welcome a name."))
    if (from_time is None) != (until_time is None):
        raise BadInput("half_window", _("Give both times of the day, or none."))
    try:
        message(fill(text, **_LONGEST), [*attachments, *([None] if with_group else [])])
    except WecomError as error:
        raise BadInput("too_long", _("This is longer than WeCom takes: 4,000 bytes and 9 attachments.")) from error
    row = Welcome(corp_id=corp_id, created_at=now())
    if welcome_id is not None:
        row = Welcome.objects.select_for_update().filter(corp_id=corp_id, id=welcome_id).first() or _absent()
    row.name, row.text, row.shop_id, row.with_group = name.strip(), text.strip(), shop_id, with_group
    row.from_time, row.until_time = from_time, until_time
    row.attachments = [to_wire(one) for one in attachments]
    if Welcome.objects.filter(corp_id=corp_id, name=row.name, retired_at=None).exclude(id=row.pk).exists():
        raise BadInput("name_taken", _("Another welcome has this name. Choose a different one."))
    row.save()
    forget_welcomes()
    return row.pk


@transaction.atomic
def retire_welcome(*, corp_id: int, welcome_id: int) -> None:
    """Use a welcome no more; codes that had it fall back to the shop's or the house's."""
    Welcome.objects.filter(corp_id=corp_id, id=welcome_id, retired_at=None).update(retired_at=now())
    LiveCode.objects.filter(corp_id=corp_id, welcome_id=welcome_id).update(welcome=None)
    forget_welcomes()


def setting_of(*, corp_id: int, state: str, userid: str) -> Setting:
    """What a welcome by this code and clerk is made of, read now."""
    return _look_up(corp_id, state, userid)


def _look_up(corp_id: int, state: str, userid: str) -> Setting:
    code = LiveCode.objects.select_related("shop").filter(corp_id=corp_id, state=state).first() if state else None
    clerk = next(iter(directory.ensure_staff(corp_id=corp_id, userids=[userid]).values())) if userid else None
    shop_id = (code.shop_id if code else None) or (clerk.shop_id if clerk else None)
    of_shop = LiveCode.objects.select_related("shop").filter(corp_id=corp_id, kind=LiveCode.Kind.SHOP)
    shop_code = of_shop.filter(shop_id=shop_id).first() if shop_id else None
    shop = (code.shop if code else None) or (shop_code.shop if shop_code else None)
    corp = access.corp(corp_id=corp_id)
    name = shop.name if shop else corp.name
    return Setting(
        zone=corp.zone, shop=name, staff=clerk.name if clerk else "",
        group_link=_group_link(corp_id, shop_code, name),
        candidates=_candidates(corp_id, code.welcome_id if code else None, shop_id),
    )  # fmt: skip


def _candidates(corp_id: int, welcome_id: int | None, shop_id: int | None) -> tuple[Candidate, ...]:
    """The code's own first, then the shop's, then the corp's; inside each, those for a part of the day first."""
    rows = Welcome.objects.filter(
        Q(id=welcome_id) | Q(shop__in=[shop_id] if shop_id else []) | Q(shop=None), corp_id=corp_id, retired_at=None
    )
    own = set(LiveCode.objects.filter(corp_id=corp_id).exclude(welcome=None).values_list("welcome_id", flat=True))

    def rank(row: Welcome) -> tuple[bool, bool, bool, int]:
        return (row.pk != welcome_id, row.shop_id is None, row.from_time is None, row.pk)

    # A welcome that was given to some code is that code's alone.
    fitting = sorted((row for row in rows if row.pk == welcome_id or row.pk not in own), key=rank)
    return (*(_candidate(row) for row in fitting), _house())


def _candidate(row: Welcome) -> Candidate:
    return Candidate(
        text=row.text, attachments=tuple(from_wire(Fields(one, "welcome")) for one in row.attachments),
        from_time=row.from_time, until_time=row.until_time, with_group=row.with_group,
    )  # fmt: skip


def _house() -> Candidate:
    return Candidate(text=default_text(), attachments=(), from_time=None, until_time=None, with_group=True)


def _group_link(corp_id: int, shop_code: LiveCode | None, shop: str) -> Link | None:
    """A link to the shop's group page, once the group code is made."""
    if shop_code is None or shop_code.shop_id is None:
        return None
    way = groups.join_way_for(corp_id=corp_id, shop_id=shop_code.shop_id)
    if way is None or not way.qr_code:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        title = gettext("%(shop)s: join our group") % {"shop": shop}
        desc = gettext("Offers first, help from neighbours; leave whenever you like.")
    return Link(title=_cut(title, _LINK_TITLE), url=group_page(shop_code.key), desc=desc)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _absent() -> Welcome:
    raise NotFound("no_welcome", _("This welcome is not there any more."))
