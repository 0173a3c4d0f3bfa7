"""What callbacks about relations and tags do. Everything here may come twice, late, or in another order."""

from collections.abc import Sequence
from dataclasses import replace

from linli.connect import api as connect
from linli.customers import corp_tags
from linli.customers.operations import HALF, apply, mark_unread
from linli.customers.readings import CustomerRead, Note, from_detail, next_read_no
from linli.kit.clock import from_unix
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError
from linli.wecom.event_types import (
    Event,
    FollowAdded,
    FollowDeletedByCustomer,
    FollowDeletedByStaff,
    FollowEdited,
    FollowEvent,
    HalfFollowAdded,
)

TRANSFER = "DELETE_BY_TRANSFER"
_SAME_MOMENT_S = 5


def on_external_contact(event: Event, *, corp_id: int) -> None:
    """Apply one change_external_contact event."""
    on_external_contacts([event], corp_id=corp_id)


def on_external_contacts(events: Sequence[Event], *, corp_id: int) -> None:
    """Apply many at once, of any customers: each customer is read at most once, all is written in one transaction.

    Raises what may pass (no answer, limits): the inbox tries again. A refusal that will not pass (84061: the half
    friend has not confirmed) keeps what the event itself tells and the reason.
    """
    told = [event for event in events if isinstance(event, FollowEvent)]
    to_read = dict.fromkeys(
        event.external_user_id for event in told if isinstance(event, FollowAdded | HalfFollowAdded | FollowEdited)
    )
    reads: dict[str, CustomerRead] = {}
    refused: dict[str, str] = {}
    client = connect.client(corp_id=corp_id, lane=connect.Lane.HUMAN) if to_read else None
    for external_userid in to_read:
        assert client is not None
        read = _read(client, external_userid)
        if isinstance(read, CustomerRead):
            reads[external_userid] = read
        else:
            refused[external_userid] = read
    notes = [note for event in told if (note := _note(event, reads, refused)) is not None]
    apply(corp_id=corp_id, reads=list(reads.values()), notes=notes)
    edited = {event.external_user_id: event.user_id for event in told if isinstance(event, FollowEdited)}
    for external_userid in edited.keys() & refused.keys():
        mark_unread(
            corp_id=corp_id,
            external_userid=external_userid,
            userid=edited[external_userid],
            why=refused[external_userid],
        )


def on_external_tag(event: Event, *, corp_id: int) -> None:
    """A corp tag was made, changed or deleted by somebody: read the list again."""
    del event  # the event names an id, but groups, order and names are in the list only
    corp_tags.sync(corp_id=corp_id)


def _read(client: Client, external_userid: str) -> CustomerRead | str:
    """The customer, or why WeCom will not show it."""
    read_no = next_read_no()
    try:
        return from_detail(client.customer(external_userid), read_no)
    except ApiError as error:
        if error.meaning.retry is not Retry.NEVER:
            raise
        return str(error.code)


def _note(event: FollowEvent, reads: dict[str, CustomerRead], refused: dict[str, str]) -> Note | None:
    note = Note(external_userid=event.external_user_id, userid=event.user_id, kind="", at=from_unix(event.created_at))
    match event:
        case FollowAdded():
            why = refused.get(event.external_user_id, "")
            added = replace(note, kind="added", state=event.state or "", incomplete=why)
            return _at_the_time_shown(added, reads.get(event.external_user_id))
        case HalfFollowAdded():
            return replace(note, kind="half", state=event.state or "", incomplete=HALF)
        case FollowDeletedByStaff():
            return replace(note, kind="lost", by="transfer" if event.source == TRANSFER else "staff")
        case FollowDeletedByCustomer():
            return replace(note, kind="lost", by="customer")
        case _:
            return None


def _at_the_time_shown(note: Note, read: CustomerRead | None) -> Note:
    """An event may be a second off the createtime that readings show; one addition must not become two."""
    for one in read.follows if read else ():
        if one.userid == note.userid and abs((one.added_at - note.at).total_seconds()) <= _SAME_MOMENT_S:
            return replace(note, at=one.added_at)
    return note
