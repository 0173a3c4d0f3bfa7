"""Tags and filters that console templates and components share: {% load linli %}."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linli.access import api as access
from linli.console import shell
from linli.console.sight import Sight, sight_of

register = template.Library()

Number = int | float | Decimal
HEAT_STEPS = 9


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A Tabler icon from the sprite; decoration only, so hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def nav_links(state: Mapping[str, Any] | None, group: str) -> list[shell.NavLink]:
    """Links of one part of the navigation: work, keep, manage, phone (the tab bar), or more (work that is not in it)."""
    parts = {"keep": shell.KEEP, "manage": shell.MANAGE}
    state = state or {}
    found = shell.links(
        parts.get(group, shell.WORK), active=state.get("active", ""), badges=state.get("badges", {}),
        account=state.get("account"),
    )  # fmt: skip
    if group not in {"phone", "more"}:
        return found
    bar = found if len(found) <= shell.PHONE_ROOM else [link for link in found if link.item.key in shell.PHONE_KEYS]
    return bar if group == "phone" else [link for link in found if link not in bar]


@register.simple_tag(takes_context=True)
def may(context: Mapping[str, Any], permission: str) -> bool:
    """May whoever is signed in do this? For buttons that lead to a refusal otherwise."""
    return access.may(getattr(context.get("request"), "user", None), permission)


@register.filter
def num(value: Number | str | None, places: int = 0) -> str:
    """1942 → "1,942"; None → "–", because not known is not zero."""
    if value is None or value == "":
        return "–"
    return f"{Decimal(str(value)):,.{places}f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def signed(value: Number | None, places: int = 0) -> str:
    """61 → "+61", 0 → "0", and a real minus sign before what is below."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "") + num(value, places)


@register.filter
def percent(value: Number | None, places: int = 1) -> str:
    """0.316 → "31.6%"."""
    return "–" if value is None else num(Decimal(str(value)) * 100, places) + "%"


@register.filter
def share(value: Number | str | None, whole: Number | str | None) -> str:
    """A length for SVG: value as a part of whole, "0%" to "100%", never localised."""
    part, top = float(value or 0), float(whole or 0)
    return f"{max(0.0, min(1.0, part / top)) * 100:.2f}%" if top else "0%"


@register.filter
def heat(value: Number | None, top: Number | None) -> str:
    """The CSS class of a heat-map cell: heat-0 (nothing) to heat-9 (top or above)."""
    if not value or not top:
        return "heat-0"
    step = round(float(value) / float(top) * HEAT_STEPS)
    return f"heat-{max(1, min(HEAT_STEPS, step))}"


@register.filter
def spark(values: Sequence[Number]) -> str:
    """Points of a polyline in a 100 × 24 box."""
    heights = [float(value) for value in values]
    low = min(heights, default=0.0)
    span = max(heights, default=0.0) - low or 1.0
    step = 100 / max(1, len(heights) - 1)
    return " ".join(f"{i * step:.1f},{22 - (height - low) / span * 20:.1f}" for i, height in enumerate(heights))


@register.filter
def largest(rows: Sequence[Mapping[str, Any]]) -> Number:
    """The largest `value` among rows: the full length of their bars."""
    found: Number = max((row["value"] for row in rows), default=0)
    return found


@register.simple_tag(takes_context=True)
def personal(context: template.Context, kind: str, text: str | None, customer_id: int | None = None) -> str:
    """Personal data as this account may see them: {% personal "name" customer.name customer.pk %}."""
    return sight_of(context.get("request")).show(kind, text, customer_id)


@register.simple_tag(takes_context=True)
def sight(context: template.Context) -> Sight:
    """What this account may see of people now."""
    return sight_of(context.get("request"))


@register.filter
def initial(name: str) -> str:
    """The sign on an avatar: a name's first character."""
    return name.strip()[:1].upper() or "?"


@register.simple_tag
def funnel_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with what part of the one before it came this far (None for the first)."""
    out: list[dict[str, Any]] = []
    for row in rows:
        before = out[-1]["value"] if out else None
        out.append({**row, "rate": row["value"] / before if before else None})
    return out


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """This page's query with some parameters changed (None takes one away).

    Django's own querystring tag needs a RequestContext, which a component does not have.
    """
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def sort_state(context: template.Context, key: str) -> dict[str, str]:
    """How a column stands in ?sort=: its present direction and the value a click asks for."""
    request = context.get("request")
    now = request.GET.get("sort", "") if request else ""
    direction = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {"direction": direction, "next": key if direction == "descending" else f"-{key}"}
