"""What waits for a person, in words: title, detail, where to go and what to do there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from linli.acquisition.api import CODES_RUN
from linli.console.templatetags.linli import num
from linli.insights.api import StoryStep, Waiting

Words = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of the list."""

    tone: str
    title: str
    detail: str
    href: str
    act: str


def todo(one: Waiting) -> Todo:
    """A waiting thing as a line of the list."""
    codes = one.kind == "sync_partial" and one.name == CODES_RUN
    title, detail, href, act = _codes_missing(one) if codes else _WORDS[one.kind](one)
    return Todo(tone=_TONES.get(one.kind, "act"), title=title, detail=detail, href=href, act=act)


def _tasks(one: Waiting) -> Words:
    title = ngettext(
        "“%(name)s”: %(n)s task is not confirmed, %(people)s people wait",
        "“%(name)s”: %(n)s tasks are not confirmed, %(people)s people wait",
        one.n,
    ) % {"name": one.name, "n": num(one.n), "people": num(one.m)}
    return title, _("Until the clerk confirms, WeCom sends nothing."), f"/sends/{one.ref}/", _("Remind")


def _approval(one: Waiting) -> Words:
    title = _("“%(name)s” is planned and waits for your yes") % {"name": one.name}
    return title, _("To be sent to %(n)s people.") % {"n": num(one.n)}, f"/sends/{one.ref}/", _("Look at it")


def _sync_failed(one: Waiting) -> Words:
    title = _("The last sync of %(what)s failed") % {"what": run_name(one.name)}
    return title, _("What is shown may be old until it succeeds."), "/connection/runs/", _("See why")


def _sync_partial(one: Waiting) -> Words:
    title = ngettext(
        "The last sync of %(what)s left %(n)s thing out", "The last sync of %(what)s left %(n)s things out", one.n
    )
    named = title % {"what": run_name(one.name), "n": num(one.n)}
    return named, _("Not fetched is not deleted: the old rows stay."), "/connection/runs/", _("See what")


def _codes_missing(one: Waiting) -> Words:
    title = ngettext("%(n)s code of a shop could not be made", "%(n)s codes of shops could not be made", one.n)
    return title % {"n": num(one.n)}, _("What is made stays; “Make all codes” goes on."), "/shops/", _("See why")


def _import_failed(one: Waiting) -> Words:
    title = _("The import of “%(name)s” stopped") % {"name": one.name}
    return (
        title,
        _("What was written stays; it can go on where it stopped."),
        f"/orders/imports/{one.ref}/",
        _("See why"),
    )


def _import(one: Waiting) -> Words:
    title = ngettext("%(n)s line of “%(name)s” did not get in", "%(n)s lines of “%(name)s” did not get in", one.n)
    named = title % {"n": num(one.n), "name": one.name}
    return (
        named,
        _("The good lines are in. Correct these and import them again."),
        f"/orders/imports/{one.ref}/",
        _("See them"),
    )


def _group_full(one: Waiting) -> Words:
    title = _("“%(name)s” has %(n)s members and no next group") % {"name": one.name or _("A group"), "n": num(one.n)}
    return (
        title,
        _("No group code leads to it, so WeCom will not open another at 200."),
        f"/groups/{one.ref}/",
        _("Open it"),
    )


def _join_way(one: Waiting) -> Words:
    title = ngettext("WeCom refused %(n)s group code", "WeCom refused %(n)s group codes", one.n) % {"n": num(one.n)}
    return title, _("Customers of these shops find no group."), "/shops/", _("See why")


def _code_refused(one: Waiting) -> Words:
    title = ngettext("WeCom refused %(n)s live code", "WeCom refused %(n)s live codes", one.n) % {"n": num(one.n)}
    return title, _("Nobody can be added by these codes."), "/shops/", _("See why")


def _codes_paused(one: Waiting) -> Words:
    title = ngettext("%(n)s live code is paused", "%(n)s live codes are paused", one.n) % {"n": num(one.n)}
    return title, _("Whoever scans is led to the next shop."), "/shops/", _("See them")


def _conflicts(one: Waiting) -> Words:
    title = ngettext(
        "%(n)s identity is claimed by two customers", "%(n)s identities are claimed by two customers", one.n
    )
    return (
        title % {"n": num(one.n)},
        _("Are they one person? Only you can tell."),
        f"/customers/{one.ref}/",
        _("Look at it"),
    )


def _parked(one: Waiting) -> Words:
    title = ngettext("%(n)s thing could not be handled", "%(n)s things could not be handled", one.n)
    return (
        title % {"n": num(one.n)},
        _("Nothing is lost: they are kept, each with its error."),
        "/running/",
        _("See why"),
    )


def _stuck(one: Waiting) -> Words:
    title = _("“%(name)s” has stopped reading what happens") % {"name": one.name}
    return title, _("It tries again by itself; what it missed it will catch up."), "/running/", _("See why")


def _handover(one: Waiting) -> Words:
    title = ngettext(
        "%(name)s has left: a plan for the hand-over waits for your yes",
        "%(n)s clerks have left: plans for the hand-over wait for your yes", one.n,
    )  # fmt: skip
    href = f"/handovers/{one.ref}/" if one.n == 1 else "/handovers/?state=proposed"
    return (
        title % {"name": one.name, "n": num(one.n)},
        _("Until then nobody answers their customers."),
        href,
        _("Look at it"),
    )


def _unassigned(one: Waiting) -> Words:
    title = ngettext(
        "%(n)s customer has no clerk, and no plan", "%(n)s customers have no clerk, and no plan", one.n
    ) % {"n": num(one.n)}
    return title, _("Their clerk has left. WeCom hands over for one year."), "/handovers/unassigned/", _("Hand over")


def _not_taken(one: Waiting) -> Words:
    title = ngettext(
        "%(n)s customer was not taken over this week", "%(n)s customers were not taken over this week", one.n
    ) % {"n": num(one.n)}
    href = "/handovers/who/?of=refused,full,failed,no_result"
    return title, _("Refused, a full taker, or WeCom’s own no: each with what to do."), href, _("See them")


def run_name(kind: str) -> str:
    """What a sync run reads."""
    known = {
        "directory": pgettext("sync of", "departments and staff"),
        "customers": pgettext("sync of", "customers"),
        "tags": pgettext("sync of", "tags"),
        "groups": pgettext("sync of", "groups"),
        "handover": pgettext("sync of", "customers without a clerk"),
        "messaging": pgettext("sync of", "open sends"),
        "acquisition": pgettext("sync of", "live codes"),
    }
    return known.get(kind, kind)


_WORDS: dict[str, Callable[[Waiting], Words]] = {
    "tasks": _tasks,
    "approval": _approval,
    "sync_failed": _sync_failed,
    "sync_partial": _sync_partial,
    "import_failed": _import_failed,
    "import": _import,
    "group_full": _group_full,
    "join_way": _join_way,
    "code_refused": _code_refused,
    "codes_paused": _codes_paused,
    "conflicts": _conflicts,
    "handover": _handover,
    "unassigned": _unassigned,
    "not_taken": _not_taken,
    "parked": _parked,
    "stuck": _stuck,
}
_TONES = {
    "parked": "alarm",
    "stuck": "alarm",
    "sync_failed": "alarm",
    "sync_partial": "watch",
    "not_taken": "watch",
    "codes_paused": "watch",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A chapter of the story in words."""

    label: str
    done: int
    total: int
    note: str
    over: bool


def story_steps(steps: list[StoryStep]) -> list[Step]:
    """The chapters, named."""
    known = {
        "connect": _("WeCom is connected"),
        "shops": _("Shops and clerks are read"),
        "groups": _("Groups and their codes are made"),
        "codes": _("Live codes and welcomes are made"),
        "year": _("A year goes by: customers come, join groups, buy"),
        "ending": _("Customers are sorted, two messages go out"),
    }
    return [Step(known.get(one.key, one.key), one.done, one.total, one.note, one.over) for one in steps]
