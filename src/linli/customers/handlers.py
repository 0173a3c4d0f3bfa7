"""What callbacks about relations and tags do. Everything here may come twice, late, or in another order."""

from collections.abc import Sequence
from dataclasses import replace

from linli.connect import api as connect
from linli.customers import corp_tags
from linli.customers.marking import mark_again
from linli.customers.one_clerk import merge_clerk
from linli.customers.operations import apply, mark_unread
from linli.customers.people import known_names
from linli.customers.readings import CustomerRead, Note, asked, from_detail, next_read_no
from linli.customers.sameness import HALF
from linli.directory import api as directory
from linli.kit.clock import from_unix
from linli.kit.errors import LinliError
from linli.kit.killpoints import passing
from linli.ledger.api import Fact
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, WecomError
from linli.wecom.event_types import (
    Event,
    FollowAdded,
    FollowDeletedByCustomer,
    FollowDeletedByStaff,
    FollowEdited,
    FollowEvent,
    HalfFollowAdded,
    TagDeleted,
)

TRANSFER = "DELETE_BY_TRANSFER"
_SAME_MOMENT_S = 5


def on_external_contact(event: Event, *, corp_id: int) -> None:
    """Apply one change_external_contact event."""
    for error in on_external_contacts([event], corp_id=corp_id).values():
        raise error


def rereads_contact(event: Event) -> str | None:
    """An edit tells only that the customer is to be read again; whose edit it was matters if WeCom refuses to show it."""
    return f"edited by {event.user_id}" if isinstance(event, FollowEdited) else None


def rereads_tags(event: Event) -> str | None:
    """Whatever happened to a tag, the whole list is read; a deletion also tells which tag to ask for."""
    return None if isinstance(event, TagDeleted) else "tags"


def on_external_contacts(events: Sequence[Event], *, corp_id: int) -> dict[str, Exception]:
    """Apply many at once, of any customers: each customer is read at most once, all is written in one transaction.
    (Newcomers have one of their own: who makes customers holds up all others that do, and who is known need not wait for it.)

    Returns, by object key, what kept a customer from being read and may pass (no answer, limits): nothing of that
    customer is written, and the inbox tries again. A refusal that will not pass (84061: the half friend has not
    confirmed) keeps what the event itself tells and the reason.
    """
    told = [event for event in events if isinstance(event, FollowEvent)]
    reads, refused, failed = _read_all(
        [event for event in told if isinstance(event, FollowAdded | HalfFollowAdded | FollowEdited)], corp_id
    )
    told = [event for event in told if event.object_key not in failed]
    notes = [note for event in told if (note := _note(event, reads, refused)) is not None]
    for turn, names in enumerate(_newcomers_apart(corp_id, {*reads, *(note.external_userid for note in notes)})):
        if turn:
            passing("customers.known_kept")
        apply(
            corp_id=corp_id,
            reads=[reads[name] for name in names & reads.keys()],
            notes=[note for note in notes if note.external_userid in names],
        )
    edited = {(event.external_user_id, event.user_id) for event in told if isinstance(event, FollowEdited)}
    for external_userid, userid in sorted(edited):
        if why := refused.get(external_userid):
            mark_unread(corp_id=corp_id, external_userid=external_userid, userid=userid, why=why)
    return failed


def on_external_tag(event: Event, *, corp_id: int) -> None:
    """A corp tag was made, changed or deleted by somebody: read the list again."""
    # Groups, order and names are in the list only; a deleted tag is in no list.
    corp_tags.sync(corp_id=corp_id, deleted=[event.tag_id] if isinstance(event, TagDeleted) else [])


def on_staff_renamed(fact: Fact) -> None:
    """A clerk has another UserID: what WeCom refused of the id it did not know any more is asked again (fact
    directory.staff_renamed); or two rows were one clerk: so are their relations (fact staff_merged).
    """
    staff_id = fact.data["staff_id"]
    staff = directory.staff_by_ids(corp_id=fact.corp_id, staff_ids=[staff_id])[staff_id]
    if "was_staff_id" in fact.data:
        merge_clerk(corp_id=fact.corp_id, was_staff_id=fact.data["was_staff_id"], staff=staff)
    mark_again(corp_id=fact.corp_id, staff_id=staff.id)


def _newcomers_apart(corp_id: int, names: set[str]) -> list[set[str]]:
    known = known_names(corp_id, names) if len(names) > 1 else set()
    return [some for some in (known, names - known) if some]


def _read_all(
    asking: Sequence[FollowEvent], corp_id: int
) -> tuple[dict[str, CustomerRead], dict[str, str], dict[str, Exception]]:
    """Each customer once: what was read and why not, by external_userid, and what may pass, by object key."""
    reads: dict[str, CustomerRead] = {}
    refused: dict[str, str] = {}
    failed: dict[str, Exception] = {}
    keys = {event.external_user_id: event.object_key for event in asking}
    client = connect.client(corp_id=corp_id, lane=connect.Lane.HUMAN) if keys else None
    for external_userid, key in keys.items():
        assert client is not None
        try:
            read = _read(client, external_userid)
        except (WecomError, LinliError) as error:
            failed[key] = error
            continue
        if isinstance(read, CustomerRead):
            reads[external_userid] = read
        else:
            refused[external_userid] = read
    return reads, refused, failed


def _read(client: Client, external_userid: str) -> CustomerRead | str:
    """The customer, or why WeCom will not show it."""
    read_no = next_read_no()
    try:
        return from_detail(asked(client, external_userid), read_no)
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
