"""The daily figures of staff and groups, as WeCom counted them: whole for the corp, a keeper's own shop for a keeper."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.console.door import PageRequest
from linli.console.insights import charts
from linli.console.insights.tables import Column, Table, Value, as_csv
from linli.console.insights.views import tabs
from linli.console.insights.words import WORKING
from linli.directory import api as directory
from linli.directory.api import ShopInfo
from linli.insights.queries.working import WorkDay, Working, working
from linli.kit.clock import now
from linli.wecom.days import within_reach

RANGES = (7, 30, 90, 180)
STAFF_A_PAGE = 30
_KINDS = {"replied": "share", "minutes": "decimal"}
DAYS = (
    "added", "applied", "chats", "messages", "replied", "minutes", "rejected", "groups", "members", "joined", "spoke",
    "group_messages", "moments", "seen", "likes", "comments",
)  # fmt: skip
STAFF = ("added", "chats", "messages", "replied", "minutes", "rejected", "joined", "group_messages")
CARDS = ("added", "chats", "messages", "replied", "rejected", "spoke")


def index(request: PageRequest) -> HttpResponse:
    """Cards of the last whole day, charts, and the members."""
    asked = _Asked(request)
    found = asked.ask()
    members = _members(found, asked)
    page = Paginator(members.rows, STAFF_A_PAGE).get_page(request.GET.get("page"))
    links = members.links[page.start_index() - 1 : page.end_index()] if page.paginator.count else []
    return render(request, "insights/working.html", {
        "tabs": tabs(request, "working"), "found": found, "last": found.days[-1], "shops": asked.shops, "shop": asked.shop,
        "one": found.staff[0] if asked.staff_id and found.staff else None, "days": asked.days,
        "ranges": [{"label": _("%(days)s days") % {"days": n}, "href": asked.address(days=n), "active": n == asked.days} for n in RANGES],
        "cards": _cards(found.days), "told": any(day.told for day in found.days), "lost": sum(day.lost for day in found.days),
        "parts": [_part(_("Customers added, and who broke off"), found, ("added", "rejected")),
                  _part(_("Talks one to one"), found, ("chats", "messages")),
                  _part(_("Share of talks answered"), found, ("replied",)),
                  _part(_("Life in the groups"), found, ("spoke", "group_messages"))],
        "table": _days(found), "members": Table(members.name, members.title, members.columns, list(page.object_list), links),
        "page": page, "csv": _csv(asked, "days"), "members_csv": _csv(asked, "staff"), "all_href": asked.address(staff=""),
        "formulas": [(label, how) for label, how in WORKING.values()],
    })  # fmt: skip


def download(request: PageRequest) -> HttpResponse:
    """The days or the members as CSV, for the same question that the page was asked."""
    asked = _Asked(request)
    found = asked.ask()
    return as_csv(_members(found, asked) if request.GET.get("table") == "staff" else _days(found))


class _Asked:
    """The question in the address: days, a shop, a member; nothing outside the account's scope."""

    def __init__(self, request: PageRequest) -> None:
        self.request = request
        given = request.GET.get("days", "")
        self.days = int(given) if given.isdigit() and int(given) in RANGES else 30
        self.shops = directory.shops(corp_id=request.corp.id, scope=request.scope)
        self.shop = _one_of(self.shops, request.GET.get("shop", ""))
        self.staff_id = _number(request.GET.get("staff", ""))
        within = directory.reach(corp_id=request.corp.id, scope=request.scope)
        if self.staff_id is not None and within is not None and self.staff_id not in within.staff_ids:
            raise Http404

    def ask(self) -> Working:
        last = within_reach(now()).last
        return working(
            corp_id=self.request.corp.id, scope=self.request.scope, first=last - timedelta(days=self.days - 1), last=last,
            shop_id=self.shop.id if self.shop else None, staff_id=self.staff_id,
        )  # fmt: skip

    def address(self, **other: object) -> str:
        """This page with the same question, but for what is given."""
        same = {"days": self.days, "shop": self.shop.id if self.shop else "", "staff": self.staff_id or ""}
        return (
            reverse("insights:working")
            + "?"
            + urlencode({key: value for key, value in (same | other).items() if value})
        )


def _one_of(shops: Sequence[ShopInfo], given: str) -> ShopInfo | None:
    if not given:
        return None
    found = next((one for one in shops if str(one.id) == given), None)
    if found is None:
        raise Http404
    return found


def _number(given: str) -> int | None:
    return int(given) if given.isdigit() and len(given) < 19 else None


def _csv(asked: _Asked, table: str) -> str:
    query = asked.address().partition("?")[2]
    return reverse("insights:working_csv") + f"?{query}&table={table}"


def _cards(days: Sequence[WorkDay]) -> list[dict[str, Any]]:
    last = days[-1]
    return [
        {
            "label": WORKING[key][0], "value": Column("", _KINDS.get(key, "whole")).show(getattr(last, key)),
            "spark": [float(value) for day in days[-30:] if (value := getattr(day, key)) is not None],
        }
        for key in CARDS
    ]  # fmt: skip


def _part(title: str, found: Working, keys: Sequence[str]) -> dict[str, Any]:
    share = keys == ("replied",)
    lines = [(str(WORKING[key][0]), [_plain(getattr(day, key)) for day in found.days]) for key in keys]
    return {"title": title, "option": charts.lines([day.day for day in found.days], lines, percent=share)}


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


def _days(found: Working) -> Table:
    columns = [Column(_("Day"), "day"), *(Column(WORKING[key][0], _KINDS.get(key, "whole")) for key in DAYS)]
    rows: list[list[Value]] = [[day.day, *(getattr(day, key) for key in DAYS)] for day in reversed(found.days)]
    return Table("working-days", _("Day by day"), columns, rows)


def _members(found: Working, asked: _Asked) -> Table:
    columns = [
        Column(_("Staff")),
        Column(_("Shop")),
        *(Column(WORKING[key][0], _KINDS.get(key, "whole")) for key in STAFF),
    ]
    rows: list[list[Value]] = [
        [one.name, one.shop or "–", *(getattr(one, key) for key in STAFF)] for one in found.staff
    ]
    links = [asked.address(staff=one.staff_id) for one in found.staff]
    return Table("working-staff", _("Staff by staff"), columns, rows, links)
