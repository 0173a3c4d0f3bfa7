"""What a subscriber does, and what an error means, in an operator's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SUBSCRIBERS: dict[str, str | Promise] = {
    "": gettext_lazy("Callbacks from WeCom"),
    "groups.name_stays": gettext_lazy("Naming group members who became customers"),
    "handover.leavers": gettext_lazy("Plans for the customers of clerks who left"),
    "handover.back": gettext_lazy("Plans put aside when a clerk is back"),
    "handover.results_soon": gettext_lazy("Looking at hand-overs when a customer moves"),
    "acquisition.tag_channel": gettext_lazy("Tagging new customers by their code"),
}
_NOT_AS_EXPECTED = (
    "KeyError",
    "TypeError",
    "ValueError",
    "AttributeError",
    "IndexError",
    "AssertionError",
    "CallbackError",
    "BadXml",
)
_AGAINST_THE_ROWS = ("IntegrityError", "DataError", "DoesNotExist", "NotFound", "MultipleObjectsReturned")
_NO_ANSWER = (
    "OutcomeUnknown",
    "NotSent",
    "TransportError",
    "Unavailable",
    "BudgetSpent",
    "RateLimited",
    "OperationalError",
)


def subscriber(name: str) -> str:
    """Its work in words; its own name when nobody has put it into words."""
    return str(SUBSCRIBERS.get(name, name))


def plainly(error: str) -> str:
    """What happened and what to do, by the kind of error."""
    kind = error.partition(":")[0].rpartition(".")[2]
    if kind in _NOT_AS_EXPECTED:
        return _("It does not look as Linli expects. Set it going again after the next update; until then it is kept.")
    if kind in _AGAINST_THE_ROWS:
        return _("It speaks of something that is not here, or contradicts it. Sync first, then set it going again.")
    if kind in _NO_ANSWER:
        return _("The other side did not answer for a long time. Set it going again when the line stands.")
    if kind in {"ApiError", "MessageError", "Refused"}:
        return _("WeCom refused it. Look its code up on the connection page, mend the cause, set it going again.")
    return _(
        "Linli did not expect this. Set it going again; if it fails again, pass the lines under “Where” on to who keeps Linli."
    )
