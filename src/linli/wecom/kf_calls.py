"""Talking at a customer-service account (微信客服, wire.md H): the one channel where a server may answer a customer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from linli.wecom.bodies import given
from linli.wecom.errors import BadAnswer, MessageError
from linli.wecom.fields import Fields
from linli.wecom.kf_shapes import KfMenu, KfMessage, KfReceived, KfText, kf_wire, received
from linli.wecom.limits import at_most, between, need, within_bytes
from linli.wecom.transport import Lane, Transport

_CURSOR, _TOKEN, _PAGE = 64, 128, 1000
_CUSTOMERS = 100
_MSGID = re.compile(r"[0-9A-Za-z_-]{0,32}")


class KfState(IntEnum):
    """Who has a session; by the API messages go out only in NEW and ASSISTANT."""

    NEW = 0
    ASSISTANT = 1
    WAITING = 2
    SERVED = 3
    ENDED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KfPage:
    """Some rows; `cursor` goes on after them. A page may be empty while `more` says that the end is not reached."""

    messages: tuple[KfReceived, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KfSession:
    """A session's state; `servicer` is somebody's userid in SERVED, else ""."""

    state: KfState
    servicer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfCustomer:
    """A customer who wrote; `scene` and `scene_param` only where the context was asked for."""

    external_userid: str
    nickname: str
    avatar: str
    gender: int
    unionid: str
    scene: str
    scene_param: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfCustomers:
    """Those who were found, and the ids that mean nobody here."""

    customers: tuple[KfCustomer, ...]
    invalid: tuple[str, ...]


class KfCalls(Transport):
    """Calls about sessions."""

    def kf_messages(
        self,
        open_kfid: str,
        *,
        cursor: str = "",
        token: str = "",
        amr: bool = True,
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[KfPage]:
        """Yield what customers, servicers and the system said in the last 3 days, from `cursor` until nothing is left.

        `token` comes with the event and works for 10 minutes; without one the rate is strict. What the API sent is not
        told. Keep each page's `cursor` for the next time. Raises ApiError 95007 for a token that has ended.
        """
        need("open_kfid", open_kfid)
        within_bytes("cursor", cursor, _CURSOR)
        between("limit", limit, 1, _PAGE)
        within_bytes("token", token, _TOKEN)
        body = {"open_kfid": open_kfid, "limit": limit, "voice_format": int(not amr), **given(token=token)}
        while True:
            x = self._query("kf/sync_msg", {**body, **given(cursor=cursor)}, lane=lane).listed("msg_list")
            page = KfPage(
                messages=x.children("msg_list", received), cursor=x.text("next_cursor"), more=x.flag("has_more")
            )
            yield page
            if not page.more:
                return
            # Only has_more ends the walk, so a cursor that stands still would never end it.
            if page.cursor in ("", cursor):
                raise BadAnswer("kf/sync_msg", "has_more without a new cursor")
            cursor = page.cursor

    def send_kf(
        self, open_kfid: str, external_userid: str, message: KfMessage, *, msgid: str = "", lane: Lane | None = None
    ) -> str:
        """Say something within 48 hours after the customer, up to 5 times; returns the msgid (32 of [0-9A-Za-z_-]).

        Raises ApiError 95001 for the sixth, 95002 for too late, 95018 for a session in other hands. After
        OutcomeUnknown no read tells: what was said must not be said again.
        """
        need("open_kfid", open_kfid)
        need("touser", external_userid)
        _check(msgid)
        body = {"touser": external_userid, "open_kfid": open_kfid, **given(msgid=msgid), **kf_wire(message)}
        return self._write("kf/send_msg", body, lane=lane).must("msgid")

    def send_kf_on_event(
        self, code: str, message: KfText | KfMenu, *, msgid: str = "", lane: Lane = Lane.WELCOME
    ) -> str:
        """Answer an event by its welcome_code or msg_code, once and at once; returns the msgid.

        Raises ApiError 95007 for a code that was used or has ended, which after OutcomeUnknown tells that it was heard.
        """
        need("code", code)
        _check(msgid)
        body = {"code": code, **given(msgid=msgid), **kf_wire(message)}
        return self._write("kf/send_msg_on_event", body, lane=lane).must("msgid")

    def kf_session(self, open_kfid: str, external_userid: str, *, lane: Lane | None = None) -> KfSession:
        """Return who has a session."""
        body = {"open_kfid": open_kfid, "external_userid": external_userid}
        x = self._query("kf/service_state/get", body, lane=lane)
        state = x.maybe_number("service_state")
        if state not in tuple(KfState):
            raise BadAnswer("kf/service_state/get", f"service_state {state} is not known")
        return KfSession(state=KfState(state), servicer=x.text("servicer_userid"))

    def move_kf_session(
        self, open_kfid: str, external_userid: str, state: KfState, *, servicer: str = "", lane: Lane | None = None
    ) -> str:
        """Give a session to somebody else; returns a msg_code for one answer, "" where WeCom gives none.

        SERVED needs `servicer`. `kf_session` tells whether it happened. Raises ApiError 95016 for a change that is not
        allowed (an ended session stays ended), 95014 for somebody who does not serve.
        """
        if state is KfState.SERVED:
            need("servicer_userid", servicer)
        body = {"open_kfid": open_kfid, "external_userid": external_userid, "service_state": int(state)}
        return self._write("kf/service_state/trans", {**body, **given(servicer_userid=servicer)}, lane=lane).text(
            "msg_code"
        )

    def kf_customers(
        self, external_userids: Sequence[str], *, context: bool = False, lane: Lane | None = None
    ) -> KfCustomers:
        """Return up to 100 customers of sessions; `context` adds by which scene they came."""
        need("external_userid_list", external_userids)
        at_most("external_userid_list", external_userids, _CUSTOMERS)
        body = {"external_userid_list": list(external_userids), "need_enter_session_context": int(context)}
        x = self._query("kf/customer/batchget", body, lane=lane).listed("customer_list")
        return KfCustomers(customers=x.children("customer_list", _customer), invalid=x.texts("invalid_external_userid"))


def _check(msgid: str) -> None:
    if not _MSGID.fullmatch(msgid):
        zh, en = "msgid 最多 32 个字母、数字、_ 或 -", "msgid holds at most 32 letters, digits, _ or -"
        raise MessageError("msgid", zh, en)


def _customer(x: Fields) -> KfCustomer:
    context = x.maybe_child("enter_session_context")
    return KfCustomer(
        external_userid=x.must("external_userid"),
        nickname=x.text("nickname"),
        avatar=x.text("avatar"),
        gender=x.number("gender"),
        unionid=x.text("unionid"),
        scene=context.text("scene") if context else "",
        scene_param=context.text("scene_param") if context else "",
    )
