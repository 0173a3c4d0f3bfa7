"""What stands around every console page: the navigation and the keys that reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.access import api as access


@dataclass(frozen=True)
class NavItem:
    """One line of the navigation; `jump` is the letter that opens it after g. Who may not open the page gets `instead`."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    badge_key: str
    jump: str
    instead: str = ""


@dataclass(frozen=True)
class NavLink:
    """A NavItem as one page shows it."""

    item: NavItem
    url: str
    active: bool
    badge: int


WORK = (
    NavItem("today", _("Today"), "sun", "today:index", "today", "t"),
    NavItem("customers", _("Customers"), "users", "customers:index", "customers", "c"),
    NavItem("groups", _("Groups"), "messages", "groups:index", "groups", "q"),
    NavItem("segments", _("Segments"), "filter", "segments:index", "segments", "p"),
    NavItem("sends", _("Sends"), "send", "sends:index", "sends", "s"),
    NavItem("orders", _("Orders"), "receipt", "commerce:index", "orders", "o"),
    NavItem("shops", _("Shops & codes"), "qrcode", "acquisition:index", "shops", "m"),
    NavItem("handovers", _("Hand-overs"), "arrows-exchange", "handover:index", "handovers", "j"),
    NavItem("insights", _("Insights"), "chart-histogram", "insights:index", "insights", "i", "insights:working"),
)
KEEP = (
    NavItem(
        "connection", _("WeCom connection"), "plug-connected", "connect:index", "connection", "w", "connect:comparing"
    ),
    NavItem("archive", _("Message archive"), "message-2", "archive:index", "archive", "e"),
    NavItem("running", _("Running"), "activity", "running:index", "running", "y"),
    NavItem("doctor", _("Health check"), "heart", "settings:doctor", "doctor", "h"),
)
MANAGE = (
    NavItem("accounts", _("Accounts"), "users-group", "access:index", "accounts", "u"),
    NavItem("privacy", _("Privacy"), "lock", "privacy:index", "privacy", "v"),
    NavItem("audit", _("Audit trail"), "shield-check", "audit:index", "audit", "a"),
    NavItem("settings", _("Settings"), "settings", "settings:index", "settings", ","),
)
NAV = WORK + KEEP + MANAGE
PHONE_KEYS = ("today", "customers", "groups", "sends")
PHONE_ROOM = 5  # who has no more work than this (a shop keeper) has all of it in the tab bar


def links(
    items: tuple[NavItem, ...],
    *,
    active: str,
    badges: Mapping[str, int],
    account: object = None,
) -> list[NavLink]:
    """The items whose page exists in this installation and opens to the account (None: to whoever), in their order."""
    found = []
    for item in items:
        url = _first_that_opens(item, account)
        if url:
            found.append(NavLink(item, url, item.key == active, badges.get(item.badge_key, 0)))
    return found


def first_page(account: object) -> str:
    """The first page of the navigation that opens to this account; "" where none does."""
    found = links(NAV, active="", badges={}, account=account)
    return found[0].url if found else ""


def _first_that_opens(item: NavItem, account: object) -> str:
    for name in (item.url_name, item.instead):
        try:
            url = reverse(name)
        except NoReverseMatch:  # a room that is not installed has no page to offer
            continue
        if account is None or opens(url, account):
            return url
    return ""


def opens(url: str, account: object) -> bool:
    """What the gate would say to this account at this address (door.page leaves the permission on the view)."""
    view = resolve(urlsplit(url).path).func
    scope = access.scope_of(account, view.permission)  # type: ignore[attr-defined]
    return scope.whole or (bool(scope) and view.narrows)  # type: ignore[attr-defined]
