"""Facts in plain words, for a customer's timeline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from linli.kit.masking import mask
from linli.ledger.api import Fact

ADD_WAYS = {
    1: gettext_noop("scanned a code"), 2: gettext_noop("searched by phone number"),
    3: gettext_noop("a shared card"), 4: gettext_noop("from a group"), 5: gettext_noop("from the phone book"),
    6: gettext_noop("a WeChat contact"), 8: gettext_noop("added by another app’s service staff"),
    9: gettext_noop("searched by e-mail"), 10: gettext_noop("from Channels"), 11: gettext_noop("from a calendar"),
    12: gettext_noop("from a meeting"), 13: gettext_noop("a WeChat friend’s WeCom"),
    14: gettext_noop("from a smart device"), 15: gettext_noop("from on-site service"),
    16: gettext_noop("by an acquisition link"), 24: gettext_noop("accepted a WeChat request"),
    201: gettext_noop("shared by a colleague"), 202: gettext_noop("assigned by the administrator"),
}  # fmt: skip
LOST_BY = {
    "customer": gettext_noop("deleted by the customer"),
    "staff": gettext_noop("deleted by the clerk"),
    "transfer": gettext_noop("handed over"),
    "resigned": gettext_noop("the clerk left; handed over"),
    "": gettext_noop("found gone when comparing with WeCom"),
}
CAUSES = {
    "missed_callback": gettext_noop("found when comparing with WeCom"),
    "sync": gettext_noop("read at the first sync"),
    "linli": gettext_noop("by Linli"),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of the timeline."""

    title: str
    detail: str = ""
    icon: str = "circle-check"
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Names:
    """What ids in facts are called."""

    staff: Mapping[int, str]
    shops: Mapping[int, str]
    groups: Mapping[int, str]
    show: Callable[[str, str], str] = mask

    def clerk(self, data: Mapping[str, Any]) -> str:
        """The clerk a fact names, by name, else by userid."""
        return self.staff.get(data.get("staff", 0)) or str(data.get("userid", "")) or _("a clerk")

    def one(self, staff_id: object) -> str:
        """A member by name."""
        return self.staff.get(staff_id, "") if isinstance(staff_id, int) else ""

    def place(self, data: Mapping[str, Any]) -> str:
        """Shop and channel of a fact, as far as they are known."""
        shop = self.shops.get(data.get("shop") or 0, "")
        state = str(data.get("state") or "")
        channel = _("channel %(state)s") % {"state": state} if state else ""
        return " · ".join(part for part in (shop, channel, cause(data)) if part)


def cause(data: Mapping[str, Any]) -> str:
    """How Linli came to know, where it was not a callback."""
    text = CAUSES.get(str(data.get("cause", "")))
    return _(text) if text else ""


def tell(fact: Fact, names: Names) -> Told:
    """A fact as a sentence; a kind without words of its own shows its name, so nothing is hidden."""
    words = _WORDS.get(fact.kind)
    return words(fact.data, names) if words else Told(title=fact.kind, icon="circle-check")


def _added(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Added %(clerk)s as a friend") % {"clerk": names.clerk(data)}
    return Told(title=title, detail=names.place(data), icon="user-plus", tone="well")


def _lost(data: Mapping[str, Any], names: Names) -> Told:
    title = _("No longer a friend of %(clerk)s") % {"clerk": names.clerk(data)}
    by = str(data.get("by", ""))
    known = _(LOST_BY[by]) if by in LOST_BY else by
    return Told(title=title, detail=known, icon="user-minus", tone="act")


def _half(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Added %(clerk)s, who has not confirmed yet") % {"clerk": names.clerk(data)}
    return Told(title=title, detail=names.place(data), icon="user-plus", tone="watch")


def _one_clerk(data: Mapping[str, Any], names: Names) -> Told:
    title = _("%(clerk)s has another WeCom account") % {"clerk": names.clerk(data)}
    return Told(title=title, detail=_("the two relations are one"), icon="user-check")


def _handed_over(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Went from %(giver)s to %(taker)s") % {
        "giver": names.one(data.get("giver")) or _("a clerk"), "taker": names.one(data.get("taker")) or _("a clerk"),
    }  # fmt: skip
    detail = _("the clerk had left") if data.get("resigned") else _("handed over on the job")
    return Told(title=title, detail=detail, icon="arrows-exchange", tone="well")


def _not_handed_over(data: Mapping[str, Any], names: Names) -> Told:
    reasons = {
        "refused": _("the customer refused"), "full": _("the taker is full"), "no_result": _("WeCom gave no result"),
        "failed": _("WeCom refused"),
    }  # fmt: skip
    title = _("Did not go from %(giver)s to %(taker)s") % {
        "giver": names.one(data.get("giver")) or _("a clerk"), "taker": names.one(data.get("taker")) or _("a clerk"),
    }  # fmt: skip
    return Told(title=title, detail=reasons.get(str(data.get("why")), ""), icon="arrows-exchange", tone="watch")


def _restored(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Still a friend of %(clerk)s after all") % {"clerk": names.clerk(data)}
    return Told(title=title, detail=cause(data), icon="user-plus", tone="well")


def _joined(data: Mapping[str, Any], names: Names) -> Told:
    return Told(title=_("Became a customer"), detail=names.place(data), icon="star", tone="well")


def _tagged(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Got the tags %(tags)s") % {"tags": _list(data)}
    return Told(title=title, detail=_by(data, names), icon="tag")


def _untagged(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Lost the tags %(tags)s") % {"tags": _list(data)}
    return Told(title=title, detail=_by(data, names), icon="tag")


def _known(data: Mapping[str, Any], names: Names) -> Told:
    mall_id = names.show("mall", str(data.get("mall_id", "")))
    return Told(title=_("Known from the mall as %(mall_id)s") % {"mall_id": mall_id}, icon="user")


def _identified(data: Mapping[str, Any], names: Names) -> Told:
    kinds = {"mall": _("mall id"), "unionid": _("unionid"), "external_userid": _("WeCom"), "phone": _("phone")}
    kind = kinds.get(str(data.get("kind")), str(data.get("kind")))
    title = _("Recognised by %(kind)s") % {"kind": kind}
    value = names.show(str(data.get("kind")), str(data.get("value", "")))
    return Told(title=title, detail=value, icon="user-check")


def _conflict(data: Mapping[str, Any], names: Names) -> Told:
    title = _("Two customers claim the same identity")
    value = names.show(str(data.get("kind")), str(data.get("value", "")))
    return Told(title=title, detail=value, icon="alert-triangle", tone="act")


def _erased(_data: Mapping[str, Any], _names: Names) -> Told:
    return Told(title=_("The personal data were erased"), icon="trash", tone="watch")


def _edited(_data: Mapping[str, Any], _names: Names) -> Told:
    return Told(title=_("Changed their WeChat name or picture"), icon="edit")


def _consent(data: Mapping[str, Any], _names: Names) -> Told:
    if data.get("consent"):
        return Told(title=_("May be written to again"), icon="bell")
    return Told(title=_("Asked to be left alone"), icon="ban", tone="watch")


def _paid(data: Mapping[str, Any], _names: Names) -> Told:
    title = _("Bought for %(amount)s") % {"amount": _amount(data)}
    lines = int(data.get("line_count") or 0)
    pieces = ngettext("%(n)d line", "%(n)d lines", lines) % {"n": lines}
    detail = _("Order %(number)s · %(lines)s") % {"number": data.get("number", ""), "lines": pieces}
    return Told(title=title, detail=detail, icon="receipt", tone="well")


def _refunded(data: Mapping[str, Any], _names: Names) -> Told:
    title = _("Gave back %(amount)s") % {"amount": _amount(data)}
    detail = _("Document %(number)s") % {"number": data.get("number", "")}
    return Told(title=title, detail=detail, icon="receipt", tone="watch")


def _group_in(data: Mapping[str, Any], names: Names) -> Told:
    name = names.groups.get(data.get("group", 0), "")
    return Told(title=_("Joined the group %(name)s") % {"name": name}, detail=cause(data), icon="messages", tone="well")


def _group_out(data: Mapping[str, Any], names: Names) -> Told:
    name = names.groups.get(data.get("group", 0), "")
    detail = _("removed by the owner") if data.get("by") == "removed" else cause(data)
    return Told(title=_("Left the group %(name)s") % {"name": name}, detail=detail, icon="messages", tone="watch")


def _sent(data: Mapping[str, Any], _names: Names) -> Told:
    return Told(title=_("Got the message “%(name)s”") % {"name": data.get("name", "")}, icon="send")


def _not_sent(data: Mapping[str, Any], _names: Names) -> Told:
    reasons = {"over_limit": _("over WeCom’s limit"), "not_friend": _("no longer a friend")}
    title = _("Did not get the message “%(name)s”") % {"name": data.get("name", "")}
    return Told(title=title, detail=reasons.get(str(data.get("why")), ""), icon="send", tone="watch")


def _changed(data: Mapping[str, Any], _names: Names) -> Told:
    detail = _("Order %(number)s") % {"number": data.get("number", "")}
    return Told(title=_("An order was corrected by its source"), detail=detail, icon="edit")


def _standing(title: str, tone: str) -> Callable[[Mapping[str, Any], Names], Told]:
    def tell(_data: Mapping[str, Any], _names: Names) -> Told:
        return Told(title=_(title), detail=_("by spend in the last 90 days"), icon="star", tone=tone)

    return tell


def _list(data: Mapping[str, Any]) -> str:
    return _(", ").join(str(name) for name in data.get("names") or [])


def _by(data: Mapping[str, Any], names: Names) -> str:
    clerk = _("on the relation with %(clerk)s") % {"clerk": names.clerk(data)}
    return " · ".join(part for part in (clerk, cause(data)) if part)


def _amount(data: Mapping[str, Any]) -> str:
    try:
        return f"{Decimal(str(data.get('amount'))):,.2f} {data.get('currency', '')}".strip()
    except InvalidOperation:
        return str(data.get("amount", ""))


_WORDS: dict[str, Callable[[Mapping[str, Any], Names], Told]] = {
    "customers.follow_added": _added,
    "customers.follow_lost": _lost,
    "customers.follow_half": _half,
    "customers.follow_restored": _restored,
    "customers.follow_merged": _one_clerk,
    "customers.joined": _joined,
    "customers.tagged": _tagged,
    "customers.untagged": _untagged,
    "customers.member_known": _known,
    "customers.identified": _identified,
    "customers.identity_conflict": _conflict,
    "customers.edited": _edited,
    "customers.consent_changed": _consent,
    "commerce.order_paid": _paid,
    "commerce.order_refunded": _refunded,
    "groups.member_joined": _group_in,
    "groups.member_left": _group_out,
    "groups.member_known": _group_in,
    "commerce.order_changed": _changed,
    "segments.became_super": _standing(gettext_noop("Became a super user"), "well"),
    "segments.left_super": _standing(gettext_noop("Is no longer a super user"), "watch"),
    "segments.became_near": _standing(gettext_noop("Became nearly a super user"), "well"),
    "segments.left_near": _standing(gettext_noop("Is no longer nearly a super user"), "plain"),
    "handover.handed_over": _handed_over,
    "handover.not_handed_over": _not_handed_over,
    "privacy.person_erased": _erased,
    "messaging.sent": _sent,
    "messaging.not_sent": _not_sent,
}
