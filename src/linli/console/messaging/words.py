"""What the room's codes are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.console.templatetags.linli import signed
from linli.messaging import preview
from linli.messaging.models import Send, StaffTask
from linli.messaging.queries import Funnel

STATES: Mapping[str, Any] = {
    Send.State.DRAFT: gettext_lazy("Draft"),
    Send.State.PLANNED: gettext_lazy("Planned, waits for your go"),
    Send.State.APPROVED: gettext_lazy("Waits for its time"),
    Send.State.CREATING: gettext_lazy("Making the tasks"),
    Send.State.TASKED: gettext_lazy("Clerks are confirming"),
    Send.State.DONE: gettext_lazy("Done"),
    Send.State.CANCELLED: gettext_lazy("Cancelled"),
}
TONES: Mapping[str, str] = {
    Send.State.DRAFT: "plain",
    Send.State.PLANNED: "act",
    Send.State.APPROVED: "info",
    Send.State.CREATING: "info",
    Send.State.TASKED: "watch",
    Send.State.DONE: "well",
    Send.State.CANCELLED: "off",
}
TASK_STATES: Mapping[str, Any] = {
    StaffTask.State.INTENT: gettext_lazy("not made yet"),
    StaffTask.State.UNKNOWN: gettext_lazy("WeCom did not answer, being looked up"),
    StaffTask.State.CREATED: gettext_lazy("not confirmed"),
    StaffTask.State.CONFIRMED: gettext_lazy("confirmed"),
    StaffTask.State.CANCELLED: gettext_lazy("cancelled"),
    StaffTask.State.FAILED: gettext_lazy("refused by WeCom"),
}
TASK_TONES: Mapping[str, str] = {
    StaffTask.State.INTENT: "plain",
    StaffTask.State.UNKNOWN: "watch",
    StaffTask.State.CREATED: "act",
    StaffTask.State.CONFIRMED: "well",
    StaffTask.State.CANCELLED: "off",
    StaffTask.State.FAILED: "alarm",
}
STEPS: Mapping[str, Any] = {
    "in_segment": gettext_lazy("Meet the conditions"),
    "has_staff": gettext_lazy("Have a clerk as friend"),
    "consents": gettext_lazy("Want messages"),
    "below_cap": gettext_lazy("Below the cap"),
    "not_quiet": gettext_lazy("Not in quiet hours"),
    "sendable": gettext_lazy("Can be reached"),
    "holdout": gettext_lazy("Less the holdout"),
}
REASONS: Mapping[str, Any] = {
    "no_staff": gettext_lazy("no clerk as friend"),
    "no_consent": gettext_lazy("asked to be left alone"),
    "capped": gettext_lazy("at WeCom's cap"),
    "capped_own": gettext_lazy("at our own cap"),
    "quiet_hours": gettext_lazy("quiet hours"),
    "unreachable": gettext_lazy("no WeCom id"),
    "no_group_code": gettext_lazy("their shop has no group code"),
    "refused_by_wecom": gettext_lazy("WeCom cannot reach them"),
    "not_confirmed": gettext_lazy("not confirmed within 7 days"),
    "by_operator": gettext_lazy("cancelled by you"),
    "no_result": gettext_lazy("WeCom gave no result"),
    "holdout": gettext_lazy("held out"),
}
ALWAYS = ("in_segment", "has_staff", "consents", "below_cap", "holdout")


def reason(code: str) -> str:
    """A loss in words."""
    if code.startswith("wecom_"):
        return _("WeCom error %(code)s") % {"code": code.removeprefix("wecom_")}
    return str(REASONS.get(code, code))


def losses(lost: Mapping[str, int]) -> str:
    """Losses with their reasons, each as a negative figure."""
    return " · ".join(f"{signed(-n)} {reason(code)}" for code, n in lost.items() if n)


def waterfall(steps: tuple[preview.Step, ...]) -> list[dict[str, Any]]:
    """The plan as rows of c-waterfall; steps that took nobody are left out unless they are the usual ones."""
    return [
        {"label": STEPS[step.key], "value": step.left, "loss": losses(step.lost)}
        for step in steps
        if step.lost or step.key in ALWAYS
    ]


def funnel(found: Funnel) -> list[dict[str, Any]]:
    """What became of everyone, as rows of c-waterfall: each loss named, so that the lines add up."""
    tried = {**found.failed, "waiting": found.waiting, "unknown": found.unknown, "dropped": found.dropped}
    named = {
        "waiting": _("not made yet"),
        "unknown": _("WeCom did not answer, being looked up"),
        "dropped": _("cancelled before WeCom heard of it"),
        "unconfirmed": _("not confirmed yet"),
        "pending": _("on their way"),
        "no_result": _("WeCom gave no result"),
        "over_limit": _("already got another mass message"),
        "not_friend": _("no longer a friend"),
    }

    def said(lost: Mapping[str, int]) -> str:
        return " · ".join(f"{signed(-n)} {named.get(code) or reason(code)}" for code, n in lost.items() if n)

    after = {
        "pending": found.pending,
        "no_result": found.no_result,
        "over_limit": found.over_limit,
        "not_friend": found.not_friend,
    }
    return [
        {"label": _("In the segment"), "value": found.planned, "loss": ""},
        {"label": _("To be messaged"), "value": found.to_send + found.holdout, "loss": losses(found.excluded)},
        {"label": _("After the holdout"), "value": found.to_send, "loss": losses({"holdout": found.holdout})},
        {"label": _("Task made"), "value": found.tasked, "loss": said(tried)},
        {
            "label": _("Clerk confirmed"),
            "value": found.confirmed,
            "loss": said({"unconfirmed": found.unconfirmed, **found.cancelled}),
        },
        {"label": _("Sent"), "value": found.sent, "loss": said(after)},
    ]


def power(found: preview.Preview) -> str:
    """What this send could prove, told plainly; '' when it measures nothing."""
    lift = found.power.lift
    if lift is None:
        return ""
    percent = f"{lift:.0%}"
    return ngettext(
        "%(n)d person cannot show a lift below %(lift)s. Send it by all means, but do not expect proof this time.",
        "%(n)d people cannot show a lift below %(lift)s. Send it by all means, but do not expect proof this time.",
        found.to_send,
    ) % {"n": found.to_send, "lift": percent}
