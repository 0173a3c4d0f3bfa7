"""The list of groups, and one group with its people."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.console.groups import words
from linli.console.sight import Sight, sight_of
from linli.directory import api as directory
from linli.groups import api, queries
from linli.groups.communities import info
from linli.groups.models import Community, GroupChat, Member
from linli.groups.queries import DayFlow
from linli.kit.clock import now, today

PAGE_SIZE = 50
MEMBERS_A_PAGE = 50
WEEK = timedelta(days=7)
CHART_DAYS = 30
SORTS = {
    "name": "name", "people": "people", "customers": "customers", "joined": "joined", "left": "left", "created": "created_at",
}  # fmt: skip
TABS = ("", "near_full", "no_sheet", "stale", "dismissed")


def index(request: PageRequest) -> HttpResponse:
    """The list: who owns each group, how full it is, who came and left in 7 days, how far its sheet is."""
    corp_id = request.corp.id
    since = now() - WEEK
    shops = {one.id: one for one in directory.shops(corp_id=corp_id)}
    staff = {one.userid: one.name or one.userid for one in directory.staff(corp_id=corp_id)}
    only = request.GET.get("only", "") if request.GET.get("only", "") in TABS else ""
    found = _sorted(_narrowed(request, _tab(request, only, since)), request.GET.get("sort", "-customers"))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {
            "group": row,
            "shop": shops.get(row.shop_id or 0),
            "owner": staff.get(row.owner_userid, row.owner_userid),
            "sheet": info(row.community) if row.community else None,
            "near_full": vars(row)["people"] >= queries.NEAR_FULL,
            "status": words.STATUS.get(row.status),
        }
        for row in page
    ]
    figures = queries.figures(corp_id, request.scope, since=since)
    context = {
        "page": page, "rows": rows, "figures": figures, "tabs": _tabs(only, figures), "only": only,
        "shops": directory.shops(corp_id=corp_id, scope=request.scope), "full": queries.FULL,
        "near": queries.NEAR_FULL, "as_of": _local(request, now()),
    }  # fmt: skip
    return render(request, "groups/index.html", context)


def detail(request: PageRequest, group_id: int) -> HttpResponse:
    """One group: its sheet with the three questions, joins and leaves, its people."""
    corp_id = request.corp.id
    group = _group(request, group_id)
    last = today(request.corp.zone)
    flow = queries.flow(
        corp_id, first=last - timedelta(days=CHART_DAYS - 1), last=last, zone=request.corp.zone, group_id=group_id
    )
    staff = {one.userid: one.name or one.userid for one in directory.staff(corp_id=corp_id)}
    counted = vars(group)
    context = {
        "group": group, "people": counted["people"], "customers": counted["customers"],
        "staff_inside": counted["people"] - counted["customers"], "joined": counted["joined"], "left": counted["left"],
        "owner": staff.get(group.owner_userid, group.owner_userid), "sheet": info(group.community) if group.community else None,
        "near_full": counted["people"] >= queries.NEAR_FULL, "full": queries.FULL, "flow": flow, "chart": _chart(flow),
        "communities": Community.objects.filter(corp_id=corp_id, closed_at=None).order_by("name"),
        "status": words.STATUS.get(group.status), "as_of": _local(request, now()),
    }  # fmt: skip
    return render(request, "groups/detail.html", context | _members(request, group_id))


def members(request: PageRequest, group_id: int) -> HttpResponse:
    """The people of a group, a page of them, for htmx."""
    _group(request, group_id)
    return render(request, "groups/members.html", {"group_id": group_id} | _members(request, group_id))


@require_POST
def assign(request: PageRequest, group_id: int) -> HttpResponse:
    """Say which community a group belongs to."""
    chosen = request.POST.get("community", "")
    request.act.before = {"community": _group(request, group_id).community_id}
    request.act.after = {"community": int(chosen) if chosen.isdigit() else None}
    api.assign_group(corp_id=request.corp.id, group_id=group_id, community_id=int(chosen) if chosen.isdigit() else None)
    messages.success(request, _("This group has its sheet.") if chosen else _("This group has no sheet now."))
    return redirect("groups:detail", group_id)


def _members(request: PageRequest, group_id: int) -> dict[str, Any]:
    gone = request.GET.get("tab") == "left"
    rows = queries.members(request.corp.id, group_id, inside=not gone)
    page = Paginator(rows, MEMBERS_A_PAGE).get_page(request.GET.get("page"))
    sight = sight_of(request)
    shown = [
        {
            "row": row,
            "name": _name(sight, row),
            "scene": words.SCENES[row.join_scene],
            "left_by": words.LEFT_BY.get(row.left_by, row.left_by),
        }
        for row in page
    ]
    tabs = [
        {"label": _("Inside"), "href": "?", "active": not gone},
        {"label": _("Left"), "href": "?tab=left", "active": gone},
    ]
    return {"members": page, "member_rows": shown, "member_tabs": tabs, "gone": gone, "group_id": group_id}


def _name(sight: Sight, row: Member) -> str:
    """Staff by name; outsiders as far as this account may see."""
    if row.kind == Member.Kind.STAFF:
        return row.name or row.member_id
    if row.name or row.customer_id:
        return sight.show("name", row.name, row.customer_id)
    return sight.show("external_userid", row.member_id)


def _group(request: PageRequest, group_id: int) -> GroupChat:
    rows = queries.counted_groups(request.corp.id, request.scope, since=now() - WEEK).select_related(
        "community", "shop", "join_way"
    )
    group = rows.filter(id=group_id).first()
    if group is None:
        raise Http404
    return group


def _tab(request: PageRequest, only: str, since: datetime) -> QuerySet[GroupChat]:
    if only == "dismissed":
        rows = queries.counted_groups(request.corp.id, request.scope, since=since).exclude(dismissed_at=None)
        return rows.select_related("community", "shop")
    rows = queries.live_groups(request.corp.id, request.scope, since=since)
    match only:
        case "near_full":
            return queries.near_full(rows)
        case "no_sheet":
            return rows.filter(community=None)
        case "stale":
            return rows.filter(stale=True)
        case _:
            return rows


def _narrowed(request: PageRequest, rows: QuerySet[GroupChat]) -> QuerySet[GroupChat]:
    text, shop = request.GET.get("q", "").strip(), request.GET.get("shop", "")
    rows = rows.filter(name__icontains=text) if text else rows
    return rows.filter(shop_id=int(shop)) if shop.isdigit() else rows


def _sorted(rows: QuerySet[GroupChat], asked: str) -> QuerySet[GroupChat]:
    field = SORTS.get(asked.removeprefix("-"), "customers")
    return rows.order_by(f"-{field}" if asked.startswith("-") else field, "name", "id")


def _tabs(only: str, figures: queries.GroupFigures) -> list[dict[str, Any]]:
    counts = {
        "": figures.groups, "near_full": figures.near_full, "no_sheet": figures.without_community,
        "stale": figures.stale, "dismissed": None,
    }  # fmt: skip
    labels = {
        "": _("All"), "near_full": _("Nearly full"), "no_sheet": _("Without a sheet"), "stale": _("To be read again"),
        "dismissed": _("Dismissed"),
    }  # fmt: skip
    return [{"label": labels[key], "href": f"?only={key}", "active": key == only, "count": counts[key]} for key in TABS]


def _chart(flow: list[DayFlow]) -> dict[str, Any]:
    return {
        "legend": {},
        "tooltip": {"valueFormatter": "@absolute"},
        "xAxis": {"type": "category", "data": [_day(one.day) for one in flow]},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "@absolute"}, "minInterval": 1},
        "series": [
            _bars(_("joined"), [one.joined for one in flow], "@chart-1"),
            _bars(_("left"), [-one.left for one in flow], "@orange"),
        ],
    }


def _bars(name: str, values: list[int], colour: str) -> dict[str, Any]:
    return {"type": "bar", "name": name, "stack": "flow", "data": values, "itemStyle": {"color": colour}}


def _day(day: date) -> str:
    return f"{day.month}/{day.day}"


def _local(request: PageRequest, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(request.corp.zone))
