"""Hand-overs in plain words: states, reasons, what WeCom said and what to do about it."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from linli.handover.api import TIMES, WINDOW_DAYS
from linli.wecom.catalogue import explain

STATES: dict[str, Promise] = {
    "proposed": gettext_lazy("waits for your yes"),
    "running": gettext_lazy("under way"),
    "done": gettext_lazy("through"),
    "cancelled": gettext_lazy("stopped"),
    "dismissed": gettext_lazy("not wanted"),
}
TONES = {"proposed": "act", "running": "busy", "done": "well", "cancelled": "off", "dismissed": "off"}
MOVES: dict[str, Promise] = {
    "left_out": pgettext_lazy("hand-over", "left out"),
    "planned": gettext_lazy("not asked for at WeCom yet"),
    "unknown": gettext_lazy("WeCom’s answer was lost; being looked up"),
    "waiting": gettext_lazy("waits for the 24 hours"),
    "done": gettext_lazy("taken over"),
    "refused": gettext_lazy("the customer refused"),
    "full": gettext_lazy("the taker is full"),
    "failed": gettext_lazy("WeCom refused"),
    "no_result": gettext_lazy("WeCom gave no result"),
    "cancelled": pgettext_lazy("hand-over", "stopped before it began"),
}
MOVE_TONES = {
    "left_out": "off", "planned": "plain", "unknown": "watch", "waiting": "watch", "done": "well", "refused": "act",
    "full": "act", "failed": "act", "no_result": "act", "cancelled": "off",
}  # fmt: skip
REASONS: dict[str, Promise] = {
    "half": gettext_lazy("not confirmed as friends yet"),
    "not_listed": gettext_lazy("WeCom does not list them as left behind"),
    "too_long_ago": gettext_lazy("the clerk left more than a year ago: WeCom hands nobody over any more"),
    "in_hand": gettext_lazy("in another hand-over already"),
    "too_often": gettext_lazy("handed over twice in 90 days: WeCom allows no third time"),
    "taker_full": gettext_lazy("no taker has room left"),
    "no_taker": gettext_lazy("nobody can take over"),
    "by_operator": gettext_lazy("stopped by an operator"),
    "erased": gettext_lazy("asked to be erased"),
}
DUTIES: dict[str, Promise] = {
    "refused": gettext_lazy("They stay with their clerk. Let the clerk talk with them, then try again; a refusal is not counted."),
    "full": gettext_lazy("Have WeCom widen the taker’s limit of customers, or choose another taker."),
    "no_result": gettext_lazy("Look the customer up in WeCom; then hand them over again."),
    "taker_full": gettext_lazy("Choose more takers, or set a higher limit of customers if WeCom has widened yours."),
    "no_taker": gettext_lazy("Choose takers by name: the shop has nobody who can."),
    "too_often": gettext_lazy("Wait for the day shown; until then they stay."),
}  # fmt: skip
PROBLEMS: dict[str, Promise] = {
    "not_active": gettext_lazy("not active in WeCom"),
    "not_able": gettext_lazy("not within customer contact’s range (客户联系 → 使用范围)"),
    "said_full": gettext_lazy("WeCom said in the last 7 days: limit of customers reached"),
    "only_groups": gettext_lazy("gets groups only"),
}
SPLITS: dict[str, Promise] = {
    "known": gettext_lazy("Whom the customer has already, the others evenly"),
    "even": gettext_lazy("Evenly"),
    "load": gettext_lazy("More to who has fewer customers"),
}
GROUPS_TO: dict[str, Promise] = {
    "keeper": gettext_lazy("To the shop’s keeper"),
    "shared": gettext_lazy("Evenly among the takers"),
    "one": gettext_lazy("All to one clerk"),
    "stay": gettext_lazy("Groups stay"),
}
MODES: dict[str, Promise] = {
    "propose": gettext_lazy("Lay a plan before us"),
    "carry_out": gettext_lazy("Hand over at once within the shop"),
    "off": gettext_lazy("Do nothing by itself"),
}


def state(row: Any) -> dict[str, Any]:
    """A hand-over's state with its tone; what goes on is seen to."""
    tone = TONES[row.state]
    return {"text": STATES[row.state], "tone": "watch" if tone == "busy" else tone, "busy": tone == "busy"}


def move(row: Any) -> dict[str, Any]:
    """A customer's or group's state, why, and what to do."""
    duty = DUTIES.get(row.state) or DUTIES.get(row.reason) or (todo(row.code) if row.code else "")
    return {"text": MOVES[row.state], "tone": MOVE_TONES[row.state], "why": why(row), "duty": duty}


def why(row: Any) -> str:
    """The reason in words; WeCom's codes with what the catalogue says about them."""
    if row.code:
        return code(row.code)
    return str(REASONS[row.reason]) if row.reason in REASONS else ""


def code(number: int) -> str:
    """What WeCom's code means, in the reader's language, with the number."""
    meaning = explain(number)
    return _("%(said)s (%(number)d)") % {"said": meaning.zh if _chinese() else meaning.en, "number": number}


def todo(number: int) -> str:
    """What to do about a code, "" where there is nothing."""
    meaning = explain(number)
    return meaning.admin_zh if _chinese() else meaning.admin_en


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def problem(text: str) -> str:
    """Why a taker takes nobody."""
    if not text:
        return ""
    if text.startswith("wecom_"):
        return _("WeCom refused in the last 7 days: %(why)s") % {"why": code(int(text.removeprefix("wecom_")))}
    return str(PROBLEMS[text]) if text in PROBLEMS else text


def losses(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Who is left out, most first, with the reason and what to do."""
    return [
        {"reason": REASONS.get(key, key), "n": n, "duty": DUTIES.get(key, "")}
        for key, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def limits() -> str:
    """WeCom's limits in one sentence."""
    return _(
        "WeCom waits 24 hours, in which a customer may refuse; at most %(times)d hand-overs in %(days)d days each."
    ) % {
        "times": TIMES,
        "days": WINDOW_DAYS,
    }
