"""What stands around every console page: the navigation and the keys that reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.access import api as access


@dataclass(frozen=True)
class NavItem:
    """One line of the navigation; `jump` is the letter that opens it after g."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    badge_key: str
    jump: str


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
    NavItem("insights", _("Insights"), "chart-histogram", "insights:index", "insights", "i"),
)
MANAGE = (
    NavItem("shops", _("Shops & codes"), "qrcode", "acquisition:index", "shops", "m"),
    NavItem("connection", _("WeCom connection"), "plug-connected", "connect:index", "connection", "w"),
    NavItem("running", _("Running"), "activity", "running:index", "running", "y"),
    NavItem("audit", _("Audit trail"), "shield-check", "audit:index", "audit", "a"),
    NavItem("privacy", _("Privacy"), "lock", "privacy:index", "privacy", "v"),
    NavItem("accounts", _("Accounts"), "users-group", "access:index", "accounts", "u"),
    NavItem("settings", _("Settings"), "settings", "settings:index", "settings", ","),
)
NAV = WORK + MANAGE
PHONE_KEYS = ("today", "customers", "groups", "sends")


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
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:  # a room that is not installed has no page to offer
            continue
        if account is None or _opens(url, account):
            found.append(NavLink(item, url, item.key == active, badges.get(item.badge_key, 0)))
    return found


def first_page(account: object) -> str:
    """The first page of the navigation that opens to this account; "" where none does."""
    found = links(NAV, active="", badges={}, account=account)
    return found[0].url if found else ""


def _opens(url: str, account: object) -> bool:
    """What the gate would say (door.page leaves the permission on the view)."""
    view = resolve(url).func
    scope = access.scope_of(account, view.permission)  # type: ignore[attr-defined]
    return scope.whole or (bool(scope) and view.narrows)  # type: ignore[attr-defined]
