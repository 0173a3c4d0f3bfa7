"""Welcomes and mass messages (wire.md C.7, C.8): a mass message is a task that staff confirm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from linli.wecom import limits
from linli.wecom.attachments import Attachment, from_wire, message_body
from linli.wecom.errors import MissingArgument
from linli.wecom.fields import Fields
from linli.wecom.transport import Lane, Transport

_CUSTOMERS = 10_000
_CHATS = 2000
_TAGS_IN_GROUP = 100
_LIST_PAGE = 100
_RESULT_PAGE = 1000
# A month: WeCom does not say which, so the longest.
_LISTED_DAYS = 31
_ALL = 2


class ChatType(StrEnum):
    """Whether a mass message goes to customers or to customer groups."""

    SINGLE = "single"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassMessageSpec:
    """A mass message: to customers by id (up to 10,000), by tags, or all of `sender`'s; or to groups (2000).

    `tag_groups`: OR inside a group of up to 100 tags, AND across groups; ignored if ids are given. A group
    message needs `sender`. `allow_select` lets the staff member leave customers out.
    """

    chat_type: ChatType
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    sender: str = ""
    external_userids: tuple[str, ...] = ()
    chat_ids: tuple[str, ...] = ()
    tag_groups: tuple[tuple[str, ...], ...] = ()
    allow_select: bool = False


@dataclass(frozen=True, slots=True)
class MassTask:
    """A task made by `add_mass_message`; `fail_list` holds the ids that cannot receive it."""

    msgid: str
    fail_list: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MassMessage:
    """A mass message in WeCom's list; made by the API it has no `creator`; `create_type` 0 corp, 1 personal."""

    msgid: str
    creator: str | None
    created_at: int
    create_type: int
    text: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class MassTaskMember:
    """One staff member's part of a task: `status` 0 not sent, 2 sent (there is no 1)."""

    userid: str
    status: int
    sent_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MassResult:
    """One receiver: `status` 0 not sent, 1 sent, 2 no longer a contact, 3 already got another mass message.

    For groups only sent rows exist.
    """

    userid: str
    external_userid: str | None
    chat_id: str | None
    status: int
    sent_at: int | None


class MessageCalls(Transport):
    """Calls that reach customers."""

    def send_welcome(
        self,
        code: str,
        text: str = "",
        attachments: Sequence[Attachment] = (),
        *,
        lane: Lane = Lane.WELCOME,
    ) -> None:
        """Send the one welcome, within 20 seconds of its event.

        Raises WelcomeExpired or WelcomeDelivered (stop), WelcomeBusy after all repeats, MessageError before the call.
        """
        limits.need("welcome_code", code)
        limits.message(text, attachments)
        body = {"welcome_code": code, **message_body(text, attachments)}
        self._write("externalcontact/send_welcome_msg", body, lane=lane)

    def add_mass_message(self, spec: MassMessageSpec, *, lane: Lane | None = None) -> MassTask:
        """Make a task for staff to confirm; after OutcomeUnknown look it up by `mass_messages`, never repeat."""
        _check(spec)
        answer = self._write("externalcontact/add_msg_template", _body(spec), lane=lane)
        return MassTask(answer.must("msgid"), answer.texts("fail_list"))

    def mass_messages(
        self,
        start: int,
        end: int,
        chat_type: ChatType,
        *,
        creator: str | None = None,
        filter_type: int = _ALL,
        limit: int = _LIST_PAGE,
        lane: Lane | None = None,
    ) -> Iterator[MassMessage]:
        """Yield the messages made between two unix times, a month at most; `filter_type` 0 corp, 1 personal, 2 all."""
        limits.span("end_time", start, end, _LISTED_DAYS)
        limits.between("filter_type", filter_type, 0, _ALL)
        limits.between("limit", limit, 1, _LIST_PAGE)
        body: dict[str, object] = {
            "chat_type": str(chat_type),
            "start_time": start,
            "end_time": end,
            "filter_type": filter_type,
            "limit": limit,
            **({"creator": creator} if creator else {}),
        }
        pages = self._pages("externalcontact/get_groupmsg_list_v2", body, rows="group_msg_list", lane=lane)
        for page in pages:
            yield from page.children("group_msg_list", _mass_message)

    def mass_tasks(
        self, msgid: str, *, limit: int = _RESULT_PAGE, lane: Lane | None = None
    ) -> Iterator[MassTaskMember]:
        """Yield each staff member's state; raises StillDispatching right after the task was made."""
        limits.between("limit", limit, 1, _RESULT_PAGE)
        body = {"msgid": msgid, "limit": limit}
        pages = self._pages("externalcontact/get_groupmsg_task", body, rows="task_list", lane=lane)
        for page in pages:
            yield from page.children("task_list", _task_member)

    def mass_results(
        self, msgid: str, userid: str, *, limit: int = _RESULT_PAGE, lane: Lane | None = None
    ) -> Iterator[MassResult]:
        """Yield the receivers of one staff member's part."""
        limits.between("limit", limit, 1, _RESULT_PAGE)
        body = {"msgid": msgid, "userid": userid, "limit": limit}
        pages = self._pages("externalcontact/get_groupmsg_send_result", body, rows="send_list", lane=lane)
        for page in pages:
            yield from page.children("send_list", _result)

    def remind_mass(self, msgid: str, *, lane: Lane | None = None) -> None:
        """Remind the staff who have not confirmed; raises RemindTooOften beyond 3 times in 24 hours."""
        self._write("externalcontact/remind_groupmsg_send", {"msgid": msgid}, lane=lane)

    def cancel_mass(self, msgid: str, *, lane: Lane | None = None) -> None:
        """Stop what is not sent yet."""
        self._write("externalcontact/cancel_groupmsg_send", {"msgid": msgid}, lane=lane)


def _check(spec: MassMessageSpec) -> None:
    limits.message(spec.text, spec.attachments)
    limits.at_most("external_userid", spec.external_userids, _CUSTOMERS)
    limits.at_most("chat_id_list", spec.chat_ids, _CHATS)
    for group in spec.tag_groups:
        limits.at_most("tag_list", group, _TAGS_IN_GROUP)
    if spec.chat_type is ChatType.GROUP:
        limits.need("sender", spec.sender)
    elif not (spec.sender or spec.external_userids or spec.tag_groups):
        raise MissingArgument("external_userid")


def _body(spec: MassMessageSpec) -> dict[str, object]:
    body: dict[str, object] = {"chat_type": str(spec.chat_type)}
    if spec.external_userids:
        body["external_userid"] = list(spec.external_userids)
    if spec.chat_ids:
        body["chat_id_list"] = list(spec.chat_ids)
    if spec.tag_groups:
        groups = [{"tag_list": list(group)} for group in spec.tag_groups]
        body["tag_filter"] = {"group_list": groups}
    if spec.sender:
        body["sender"] = spec.sender
    if spec.chat_type is ChatType.SINGLE:
        body["allow_select"] = spec.allow_select
    return {**body, **message_body(spec.text, spec.attachments)}


def _mass_message(x: Fields) -> MassMessage:
    text = x.maybe_child("text")
    return MassMessage(
        msgid=x.must("msgid"),
        creator=x.maybe("creator"),
        created_at=x.number("create_time"),
        create_type=x.number("create_type"),
        text=text.text("content") if text else "",
        attachments=x.children("attachments", from_wire),
    )


def _task_member(x: Fields) -> MassTaskMember:
    return MassTaskMember(x.must("userid"), x.number("status"), x.maybe_number("send_time"))


def _result(x: Fields) -> MassResult:
    return MassResult(
        userid=x.must("userid"),
        external_userid=x.maybe("external_userid"),
        chat_id=x.maybe("chat_id"),
        status=x.number("status"),
        sent_at=x.maybe_number("send_time"),
    )
