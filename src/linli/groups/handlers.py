"""What groups hears: WeCom's group events, and that a person became known."""

from collections import defaultdict
from collections.abc import Sequence

from linli.groups import days, operations
from linli.groups.reading import read_after_event, standing
from linli.groups.readings import Change, Moved, change_of
from linli.groups.renamed import present_change
from linli.kit.clock import from_unix
from linli.ledger.api import Fact
from linli.wecom.event_types import ChatCreated, ChatDismissed, ChatUpdated, Event

_FACE = frozenset({"change_name", "change_notice", "change_owner"})


def on_external_chat(event: Event, *, corp_id: int) -> None:
    """Apply one change_external_chat event; any order and any repetition end in the same groups and members."""
    match event:
        case ChatCreated():
            _created(event, corp_id)
        case ChatUpdated():
            _updated(event, corp_id)
        case ChatDismissed():
            operations.dismiss(corp_id=corp_id, chat_id=event.chat_id, at=from_unix(event.created_at))
        case _:
            raise TypeError(f"{event.kind} is no group event")


def rereads(event: Event) -> str | None:
    """A changed name, notice or owner tells only that the group is to be read again."""
    return "face" if isinstance(event, ChatUpdated) and event.update_detail in _FACE else None


def on_follow_added(facts: Sequence[Fact]) -> None:
    """Customers became known: name their stays in groups (fact customers.follow_added)."""
    known: defaultdict[int, list[str]] = defaultdict(list)
    for fact in facts:
        if external_userid := fact.data.get("external_userid"):
            known[fact.corp_id].append(external_userid)
    for corp_id, external_userids in known.items():
        operations.identify(corp_id=corp_id, external_userids=external_userids)


def on_staff_renamed(fact: Fact) -> None:
    """A member has another UserID: the groups they own and their own seats carry it (fact directory.staff_renamed); or two
    rows were one member: so are their days (fact staff_merged).
    """
    data = fact.data
    if "was_staff_id" in data:
        days.DIARY.take_over(corp_id=fact.corp_id, was=data["was_staff_id"], staff_id=data["staff_id"])
    else:
        operations.rename_staff(corp_id=fact.corp_id, was=data["was"], userid=data["userid"])


def _created(event: ChatCreated, corp_id: int) -> None:
    known = standing(corp_id=corp_id, chat_id=event.chat_id)
    if known is None or (not known.dismissed and known.face == ("", "", "")):
        read_after_event(corp_id=corp_id, chat_id=event.chat_id, at=from_unix(event.created_at), change=None)


def _updated(event: ChatUpdated, corp_id: int) -> None:
    known = standing(corp_id=corp_id, chat_id=event.chat_id)
    if known is not None and known.dismissed:
        return
    change = change_of(event)
    if change is not None:
        change = present_change(corp_id, change)
    if change is None:
        face = event.update_detail in _FACE
        read_after_event(corp_id=corp_id, chat_id=event.chat_id, at=from_unix(event.created_at), change=None, face=face)
        return
    if known is None or not _settled_without_reading(corp_id, event.chat_id, change, known.member_version):
        read_after_event(corp_id=corp_id, chat_id=event.chat_id, at=change.at, change=change)
    operations.complete_departures(corp_id=corp_id, chat_id=event.chat_id, change=change)


def _settled_without_reading(corp_id: int, chat_id: str, change: Change, version: str) -> bool:
    """Already at the event's version, or one step before it with a departure, which tells all there is to know."""
    if version and version == change.current:
        return True
    if change.moved is not Moved.OUT:
        return False
    return operations.apply_change(corp_id=corp_id, chat_id=chat_id, change=change)
