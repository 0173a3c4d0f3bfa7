"""The list of customers, and everything known about one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.console.customers import purchases, words
from linli.console.door import PageRequest
from linli.console.sight import sight_of
from linli.customers import api, queries
from linli.customers.queries import Search
from linli.directory import api as directory
from linli.groups import api as groups
from linli.kit.clock import now
from linli.ledger import api as ledger

PAGE_SIZE = 50
FACTS_A_PAGE = 40
TABS = ("", "lost", "mall", "incomplete")


def index(request: PageRequest) -> HttpResponse:
    """The list."""
    corp_id = request.corp.id
    search = _search(request)
    shops = {shop.id: shop for shop in directory.shops(corp_id=corp_id)}
    page = Paginator(queries.customers(corp_id, request.scope, search), PAGE_SIZE).get_page(request.GET.get("page"))
    ids = [row.pk for row in page]
    tags, bought = queries.tags_of(corp_id, ids), purchases.bought(corp_id, ids)
    rows = [
        {
            "row": row,
            "shop": shops.get(row.home_shop_id or 0),
            "tags": tags.get(row.pk, []),
            "bought": bought.get(row.pk),
        }
        for row in page
    ]
    totals = queries.totals(corp_id, request.scope)
    context = {
        "page": page, "rows": rows, "totals": totals, "tabs": _tabs(search.only, totals), "search": search,
        "shops": directory.shops(corp_id=corp_id, scope=request.scope), "tags": queries.live_tags(corp_id),
        "channels": queries.channels(corp_id, request.scope)[:200], "currency": purchases.currency(corp_id),
        "as_of": now().astimezone(ZoneInfo(request.corp.zone)),
    }  # fmt: skip
    return render(request, "customers/index.html", context)


def detail(request: PageRequest, customer_id: int) -> HttpResponse:
    """One customer: who they are, with whom, what they bought, what happened."""
    corp_id = request.corp.id
    customer = get_object_or_404(queries.everyone(corp_id, request.scope), id=customer_id)
    follows = queries.follows_of_one(corp_id, customer_id)
    tags = queries.follow_tags(corp_id, [follow.pk for follow in follows])
    shops = {shop.id: shop.name for shop in directory.shops(corp_id=corp_id)}
    relations = [
        {
            "follow": follow,
            "shop": shops.get(follow.staff.shop_id or 0, ""),
            "tags": tags.get(follow.pk, []),
            "way": _(words.ADD_WAYS[follow.add_way]) if follow.add_way in words.ADD_WAYS else "",
            "lost_by": _(words.LOST_BY.get(follow.lost_by, "")) if follow.lost_at else "",
        }
        for follow in follows
    ]
    context = {
        "customer": customer,
        "relations": relations,
        "live": sum(follow.live for follow in follows),
        "shop": shops.get(customer.home_shop_id or 0, ""),
        "groups": groups.groups_of_customer(corp_id=corp_id, scope=request.scope, customer_id=customer_id),
        "bought": purchases.bought(corp_id, [customer_id]).get(customer_id),
        "orders": purchases.latest_orders(corp_id, customer_id),
        "currency": purchases.currency(corp_id),
        "identities": queries.identities_of(corp_id, customer_id),
        "consents": queries.consent_of(corp_id, customer_id),
        "conflicts": queries.conflicts_of(corp_id, request.scope, customer_id),
        **_timeline(request, customer_id, None),
    }
    return render(request, "customers/detail.html", context)


def timeline(request: PageRequest, customer_id: int) -> HttpResponse:
    """Older facts, added below the ones that stand there."""
    get_object_or_404(queries.everyone(request.corp.id, request.scope), id=customer_id)
    try:
        before = datetime.fromisoformat(request.GET.get("before", ""))
    except ValueError as error:
        raise Http404 from error
    if before.tzinfo is None:
        raise Http404
    return render(request, "customers/timeline.html", _timeline(request, customer_id, before))


@require_POST
def consent(request: PageRequest, customer_id: int) -> HttpResponse:
    """Leave somebody alone, or no longer."""
    known = get_object_or_404(queries.everyone(request.corp.id, request.scope), id=customer_id)
    may = request.POST.get("consent") == "1"
    api.set_consent(
        corp_id=request.corp.id, customer_id=customer_id, consent=may, author=request.account.name,
        reason=request.POST.get("reason", "").strip()[:200],
    )  # fmt: skip
    request.act.before, request.act.after = {"consent": known.consent}, {"consent": may}
    said = _("May be written to again.") if may else _("Will be left out of every send from now on.")
    messages.info(request, said)
    return redirect("customers:detail", customer_id)


def _search(request: PageRequest) -> Search:
    given = request.GET
    only = given.get("only", "")
    return Search(
        text=given.get("q", "").strip()[:100],
        tag_id=int(given["tag"]) if given.get("tag", "").isdecimal() else None,
        channel=given.get("channel", "")[:100],
        shop_id=int(given["shop"]) if given.get("shop", "").isdecimal() else None,
        only=only if only in TABS else "",
    )


def _tabs(only: str, totals: dict[str, int]) -> list[dict[str, Any]]:
    labels = {"": (_("All"), "all"), "lost": (_("Lost"), "lost"), "mall": (_("Mall only"), "mall")}
    labels["incomplete"] = (_("Not fully read"), "incomplete")
    return [
        {"href": f"?only={key}" if key else "?", "label": label, "active": key == only, "count": totals[count]}
        for key, (label, count) in labels.items()
    ]


def _timeline(request: PageRequest, customer_id: int, before: datetime | None) -> dict[str, Any]:
    corp_id, zone = request.corp.id, ZoneInfo(request.corp.zone)
    found = ledger.facts_of_customer(corp_id=corp_id, customer_id=customer_id, limit=FACTS_A_PAGE + 1, before=before)
    shown = found[:FACTS_A_PAGE]
    if len(found) > FACTS_A_PAGE:
        # The next page begins before a moment, so facts of one moment must not be torn apart.
        shown = [fact for fact in shown if fact.occurred_at > found[-1].occurred_at] or shown
    names = _names(request, customer_id, shown)
    events, day = [], ""
    for fact in shown:
        at = fact.occurred_at.astimezone(zone)
        text = at.strftime("%Y-%m-%d")
        events.append({"told": words.tell(fact, names), "at": at.strftime("%H:%M"), "day": text if text != day else ""})
        day = text
    older = shown[-1].occurred_at.isoformat() if len(found) > FACTS_A_PAGE else ""
    return {"events": events, "older": older, "customer_id": customer_id}


def _names(request: PageRequest, customer_id: int, facts: Sequence[ledger.Fact]) -> words.Names:
    corp_id, sight = request.corp.id, sight_of(request)
    roles = ("staff", "giver", "taker")
    staff_ids = {fact.data[role] for fact in facts for role in roles if isinstance(fact.data.get(role), int)}
    staff = directory.staff_by_ids(corp_id=corp_id, staff_ids=staff_ids)
    in_groups = any(fact.kind.startswith("groups.") for fact in facts)
    return words.Names(
        staff={key: info.name or info.userid for key, info in staff.items()},
        shops={shop.id: shop.name for shop in directory.shops(corp_id=corp_id)},
        groups={group.id: group.name for group in groups.groups(corp_id=corp_id)} if in_groups else {},
        show=lambda kind, text: sight.show(kind, text, customer_id),
    )
