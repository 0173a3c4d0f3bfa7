"""Handing customers and groups over, on the job and after a resignation (wire.md C.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from linli.wecom.errors import BadAnswer
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_characters
from linli.wecom.transport import Lane, Transport

_CUSTOMERS = 100
_GROUPS = 100
_MESSAGE = 200
_PAGE = 1000


class TransferStatus(IntEnum):
    """How far a hand-over is."""

    DONE = 1
    WAITING = 2
    REFUSED = 3
    TAKEOVER_FULL = 4


@dataclass(frozen=True, slots=True)
class TransferStart:
    """What became of one customer in a hand-over call: 0 has only begun, and ends after 24 hours unless refused.

    Other codes are WeCom's: 40096 unknown, 40099 takeover full, 40100 and 40129 already under way,
    40128 more than 2 in 90 natural days, 40131 not a customer of the hander-over.
    """

    external_userid: str
    errcode: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """A hand-over: `takeover_at` is unix seconds, still to come while it waits, 0 when it failed.

    `status` is a TransferStatus, or a number that WeCom has added since.
    """

    external_userid: str
    status: int
    takeover_at: int


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A customer whom nobody has taken over since a member left; `left_at` is unix seconds."""

    handover_userid: str
    external_userid: str
    left_at: int


@dataclass(frozen=True, slots=True)
class UnassignedPage:
    """A page of them; `next_cursor` "" is the end."""

    rows: tuple[Unassigned, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class GroupNotTransferred:
    """A group that kept its owner, and why (90500 to 90508, 40128 too often)."""

    chat_id: str
    errcode: int
    errmsg: str


class HandoverCalls(Transport):
    """Calls about hand-overs. WeCom answers 0 for the call even where every single customer was refused."""

    def transfer_customers(
        self,
        handover_userid: str,
        takeover_userid: str,
        external_userids: Sequence[str],
        *,
        success_message: str = "",
        lane: Lane | None = None,
    ) -> tuple[TransferStart, ...]:
        """Begin to hand over up to 100 customers of a member who stays; they may refuse for 24 hours.

        `success_message` (up to 200 characters) is what they read afterwards, "" for WeCom's own words. Raises
        ApiError 40130 same person, 40143 banned, 40205 not logged in for a year. After OutcomeUnknown, read
        `transfers`: what has begun is WAITING there.
        """
        within_characters("transfer_success_msg", success_message, _MESSAGE)
        body = _handing(handover_userid, takeover_userid, external_userids)
        if success_message:
            body["transfer_success_msg"] = success_message
        answer = self._write("externalcontact/transfer_customer", body, lane=lane)
        return answer.listed("customer").children("customer", _start)

    def transfers(
        self, handover_userid: str, takeover_userid: str, *, cursor: str = "", lane: Lane | None = None
    ) -> Iterator[Transfer]:
        """Yield what became of the hand-overs between two members, up to 1000 a page."""
        api = "externalcontact/transfer_result"
        yield from self._transfers(api, handover_userid, takeover_userid, cursor, lane)

    def unassigned_customers(
        self, *, cursor: str = "", page_size: int = _PAGE, lane: Lane | None = None
    ) -> Iterator[Unassigned]:
        """Yield the customers of members who left, whom nobody has been given yet."""
        for page in self._unassigned(cursor, page_size, lane):
            yield from page.rows

    def unassigned_pages(
        self, *, cursor: str = "", page_size: int = _PAGE, lane: Lane | None = None
    ) -> Iterator[UnassignedPage]:
        """The same by pages, each with the cursor at which the next one begins: who is killed goes on there.

        Raises ApiError 50100 for a cursor that WeCom knows no more.
        """
        yield from self._unassigned(cursor, page_size, lane)

    def transfer_resigned_customers(
        self,
        handover_userid: str,
        takeover_userid: str,
        external_userids: Sequence[str],
        *,
        lane: Lane | None = None,
    ) -> tuple[TransferStart, ...]:
        """Begin to hand over up to 100 customers of a member who left within a year; effective after 24 hours.

        Raises ApiError 40097 where the member has not left. After OutcomeUnknown, read `resigned_transfers`.
        """
        body = _handing(handover_userid, takeover_userid, external_userids)
        answer = self._write("externalcontact/resigned/transfer_customer", body, lane=lane)
        return answer.listed("customer").children("customer", _start)

    def resigned_transfers(
        self, handover_userid: str, takeover_userid: str, *, cursor: str = "", lane: Lane | None = None
    ) -> Iterator[Transfer]:
        """Yield what became of the hand-overs from a member who left."""
        api = "externalcontact/resigned/transfer_result"
        yield from self._transfers(api, handover_userid, takeover_userid, cursor, lane)

    def transfer_groups(
        self, chat_ids: Sequence[str], new_owner: str, *, lane: Lane | None = None
    ) -> tuple[GroupNotTransferred, ...]:
        """Give 1 to 100 groups of owners who left to a new owner; returns those that were not given.

        At most 300 groups of one person a day. After OutcomeUnknown, `group_chat` tells the owner.
        """
        return self._transfer_groups("externalcontact/groupchat/transfer", chat_ids, new_owner, lane)

    def transfer_groups_on_the_job(
        self, chat_ids: Sequence[str], new_owner: str, *, lane: Lane | None = None
    ) -> tuple[GroupNotTransferred, ...]:
        """Give 1 to 100 groups of owners who stay to a new owner, each at most twice in 90 days.

        Returns those that were not given. After OutcomeUnknown, `group_chat` tells the owner.
        """
        return self._transfer_groups("externalcontact/groupchat/onjob_transfer", chat_ids, new_owner, lane)

    def _unassigned(self, cursor: str, page_size: int, lane: Lane | None) -> Iterator[UnassignedPage]:
        api = "externalcontact/get_unassigned_list"
        between("page_size", page_size, 1, _PAGE)
        seen = {cursor}
        while True:
            page = self._query(api, {"cursor": cursor, "page_size": page_size}, lane=lane).listed("info")
            cursor = page.text("next_cursor")
            # Either word ends the list (wire.md 0.2).
            last = page.flag("is_last") or not cursor
            yield UnassignedPage(tuple(page.children("info", _unassigned)), "" if last else cursor)
            if last:
                return
            if cursor in seen:
                raise BadAnswer(api, "next_cursor repeats")
            seen.add(cursor)

    def _transfers(
        self, api: str, handover_userid: str, takeover_userid: str, cursor: str, lane: Lane | None
    ) -> Iterator[Transfer]:
        body = {"handover_userid": handover_userid, "takeover_userid": takeover_userid}
        for page in self._pages(api, body, rows="customer", lane=lane, cursor=cursor):
            yield from page.children("customer", _transfer)

    def _transfer_groups(
        self, api: str, chat_ids: Sequence[str], new_owner: str, lane: Lane | None
    ) -> tuple[GroupNotTransferred, ...]:
        need("chat_id_list", chat_ids)
        at_most("chat_id_list", chat_ids, _GROUPS)
        need("new_owner", new_owner)
        answer = self._write(api, {"chat_id_list": list(chat_ids), "new_owner": new_owner}, lane=lane)
        return answer.listed("failed_chat_list").children("failed_chat_list", _not_transferred)


def _handing(handover_userid: str, takeover_userid: str, external_userids: Sequence[str]) -> dict[str, object]:
    need("handover_userid", handover_userid)
    need("takeover_userid", takeover_userid)
    need("external_userid", external_userids)
    at_most("external_userid", external_userids, _CUSTOMERS)
    return {
        "handover_userid": handover_userid,
        "takeover_userid": takeover_userid,
        "external_userid": list(external_userids),
    }


def _start(x: Fields) -> TransferStart:
    return TransferStart(x.must("external_userid"), x.number("errcode"))


def _transfer(x: Fields) -> Transfer:
    return Transfer(x.must("external_userid"), x.number("status"), x.number("takeover_time"))


def _unassigned(x: Fields) -> Unassigned:
    return Unassigned(x.must("handover_userid"), x.must("external_userid"), x.number("dimission_time"))


def _not_transferred(x: Fields) -> GroupNotTransferred:
    return GroupNotTransferred(x.must("chat_id"), x.number("errcode"), x.text("errmsg"))
