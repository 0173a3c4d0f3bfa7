"""A definition in words: one phrase for a chip, one sentence for the whole, in the language that is asked for."""

from decimal import Decimal
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from linli.segments.definition import (
    Added,
    And,
    Channel,
    Definition,
    Everyone,
    Frequency,
    GroupMember,
    InSegment,
    LastPurchase,
    Leaf,
    Not,
    Or,
    Reached,
    Rfm,
    Shop,
    Spend,
    SuperUser,
    Tag,
)
from linli.segments.names import Names

SHOWN = 2
RFM_NAMES: dict[str, str | Promise] = {
    "champions": gettext_lazy("Champions"),
    "loyal_customers": gettext_lazy("Loyal customers"),
    "potential_loyalists": gettext_lazy("Potential loyalists"),
    "new_customers": gettext_lazy("New customers"),
    "promising": gettext_lazy("Promising"),
    "need_attention": gettext_lazy("Need attention"),
    "about_to_sleep": gettext_lazy("About to sleep"),
    "at_risk": gettext_lazy("At risk"),
    "cant_lose": gettext_lazy("Can't lose"),
    "hibernating": gettext_lazy("Hibernating"),
}


def sentence(definition: Definition, *, language: str, names: Names) -> str:
    """One plain sentence about who is in."""
    with override(language):
        match definition:
            case And(()) | Everyone():
                return _("All customers.")
            case Or(()):
                return _("Nobody yet.")
            case And(parts) if any(isinstance(part, Not) for part in parts):
                return _with_exclusions(parts, names)
            case _:
                return _("Customers: %(what)s.") % {"what": _words(definition, names, top=True)}


def phrase(leaf: Leaf, names: Names) -> str:
    """A leaf in a few words, in the language that is active."""
    match leaf:
        case Everyone():
            return _("all customers")
        case Tag(tag_ids, match):
            listed = _listed([names.tags.get(one, f"#{one}") for one in tag_ids])
            return (_("tagged with all of %(tags)s") if match == "all" else _("tagged %(tags)s")) % {"tags": listed}
        case Channel(states):
            return _("came through %(channels)s") % {"channels": _listed([names.channels.get(s, s) for s in states])}
        case Shop(shop_ids):
            return _shops(shop_ids, names)
        case GroupMember() | LastPurchase() | Reached() | Added():
            return _when_or_where(leaf, names)
        case Frequency() | Spend():
            return _how_much(leaf)
        case Rfm(segments, method):
            listed = _listed([str(RFM_NAMES[one]) for one in segments], shown=4)
            return (_("RFM is %(what)s") if method == "published" else _("Linli RFM is %(what)s")) % {"what": listed}
        case SuperUser("super"):
            return _("super users")
        case SuperUser():
            return _("nearly super users")
        case InSegment(segment_id):
            return _("in segment %(name)s") % {"name": names.segments.get(segment_id, f"#{segment_id}")}
        case _:
            assert_never(leaf)


def label(definition: Definition, names: Names) -> str:
    """Any part of a definition in a few words, in the language that is active."""
    return _words(definition, names, top=True)


def _with_exclusions(parts: tuple[Definition, ...], names: Names) -> str:
    wanted = tuple(part for part in parts if not isinstance(part, Not))
    unwanted = [_words(part.one, names) for part in parts if isinstance(part, Not)]
    what = _words(And(wanted), names, top=True) if wanted else _("all customers")
    return _("Customers: %(what)s, without those %(unwanted)s.") % {"what": what, "unwanted": _(" or ").join(unwanted)}


def _words(definition: Definition, names: Names, *, top: bool = False) -> str:
    match definition:
        case And(()):
            return _("all customers")
        case Or(()):
            return _("nobody")
        case And(parts):
            joined = _(", and ").join(_words(part, names) for part in parts)
        case Or(parts):
            joined = _(" or ").join(_words(part, names) for part in parts)
        case Not(one):
            return _("not %(what)s") % {"what": _words(one, names)}
        case _:
            return phrase(definition, names)
    return joined if top or len(parts) == 1 else _("(%(what)s)") % {"what": joined}


def _listed(words: list[str], *, shown: int = SHOWN) -> str:
    if len(words) <= shown:
        return _(" or ").join(words)
    first = _(", ").join(words[:shown])
    return _("%(first)s and %(more)d more") % {"first": first, "more": len(words) - shown}


def _shops(shop_ids: tuple[int, ...], names: Names) -> str:
    cities = {names.cities.get(one, "") for one in shop_ids}
    if len(shop_ids) > SHOWN and len(cities) == 1 and "" not in cities:
        return _("home shop is one of %(n)d in %(city)s") % {"n": len(shop_ids), "city": cities.pop()}
    if len(shop_ids) > SHOWN:
        return _("home shop is one of %(n)d") % {"n": len(shop_ids)}
    return _("home shop is %(shops)s") % {"shops": _listed([names.shops.get(one, f"#{one}") for one in shop_ids])}


def _when_or_where(leaf: GroupMember | LastPurchase | Reached | Added, names: Names) -> str:
    match leaf:
        case GroupMember("any"):
            return _("in any group")
        case GroupMember("none"):
            return _("in no group")
        case GroupMember(_mode, group_ids):
            return _("in group %(groups)s") % {"groups": _listed([names.groups.get(g, f"#{g}") for g in group_ids])}
        case LastPurchase("within", days):
            return ngettext("bought in the last day", "bought in the last %(n)d days", days) % {"n": days}
        case LastPurchase("before", days):
            return ngettext("last bought over a day ago", "last bought over %(n)d days ago", days) % {"n": days}
        case LastPurchase():
            return _("never bought")
        case Reached(days):
            return ngettext("messaged in the last day", "messaged in the last %(n)d days", days) % {"n": days}
        case Added(int(days)):
            return ngettext("added in the last day", "added in the last %(n)d days", days) % {"n": days}
        case Added(_days, since, until):
            return _between(since, until)
        case _:
            assert_never(leaf)


def _between(since: str | None, until: str | None) -> str:
    if until is None:
        return _("added since %(since)s") % {"since": since}
    if since is None:
        return _("added until %(until)s") % {"until": until}
    return _("added from %(since)s to %(until)s") % {"since": since, "until": until}


def _how_much(leaf: Frequency | Spend) -> str:
    if isinstance(leaf, Spend):
        low = None if leaf.min is None else _amount(leaf.min)
        high = None if leaf.max is None else _amount(leaf.max)
        what = _("spent")
    else:
        low = None if leaf.min is None else str(leaf.min)
        high = None if leaf.max is None else str(leaf.max)
        what = _("orders") if leaf.basis == "orders" else _("order lines")
    values = {"what": what, "low": low, "high": high}
    if low == high:
        words = _("%(what)s exactly %(low)s") % values
    elif high is None:
        words = _("%(what)s at least %(low)s") % values
    elif low is None:
        words = _("%(what)s at most %(high)s") % values
    else:
        words = _("%(what)s %(low)s to %(high)s") % values
    if leaf.days is None:
        return words
    return ngettext("in the last day %(words)s", "in the last %(n)d days %(words)s", leaf.days) % {
        "n": leaf.days,
        "words": words,
    }


def _amount(text: str) -> str:
    return f"{Decimal(text):,f}"
