"""Who may be archived and who agreed (wire.md G.3); these calls take the archive's secret and no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from linli.wecom.errors import BadAnswer
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need
from linli.wecom.transport import Lane, Transport

_PAIRS = 100


class ArchiveEdition(IntEnum):
    """What was bought for a staff member."""

    OFFICE = 1
    SERVICE = 2
    ENTERPRISE = 3


class Agreement(StrEnum):
    """What a customer answered; DEFAULT where the corp's setting takes silence for consent."""

    AGREE = "Agree"
    DISAGREE = "Disagree"
    DEFAULT = "Default_Agree"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatConsent:
    """A customer's answer: for the chat with `userid`, or for a group, where `userid` is None."""

    userid: str | None
    external_userid: str
    agreement: Agreement
    changed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerGroup:
    """A group without customers; `members` are (id, unix time of coming)."""

    name: str
    creator: str
    created_at: int
    notice: str
    members: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRobot:
    """A robot that speaks in archived groups."""

    id: str
    name: str
    creator_userid: str


class ArchiveCalls(Transport):
    """Calls beside the archive's own channel: ApiError 301052 or 301053 where the archive has ended or was not bought."""

    def archived_staff(self, edition: ArchiveEdition | None = None, *, lane: Lane | None = None) -> tuple[str, ...]:
        """Return whose chats are archived, of one edition or all."""
        body = {} if edition is None else {"type": int(edition)}
        return self._query("msgaudit/get_permit_user_list", body, lane=lane).listed("ids").texts("ids")

    def single_consents(self, pairs: Sequence[tuple[str, str]], *, lane: Lane | None = None) -> tuple[ChatConsent, ...]:
        """Return what up to 100 customers answered, by (userid, external_userid); ApiError 301061 for an unknown one."""
        need("info", pairs)
        at_most("info", pairs, _PAIRS)
        # The misspelt key is WeCom's.
        info = [{"userid": userid, "exteranalopenid": external} for userid, external in pairs]
        page = self._query("msgaudit/check_single_agree", {"info": info}, lane=lane).listed("agreeinfo")
        return page.children("agreeinfo", _consent)

    def room_consents(self, chat_id: str, *, lane: Lane | None = None) -> tuple[ChatConsent, ...]:
        """Return what the customers in a group answered."""
        need("roomid", chat_id)
        page = self._query("msgaudit/check_room_agree", {"roomid": chat_id}, lane=lane).listed("agreeinfo")
        return page.children("agreeinfo", _consent)

    def inner_group(self, room_id: str, *, lane: Lane | None = None) -> InnerGroup:
        """Return a group without customers; ApiError 301059 for any other."""
        need("roomid", room_id)
        x = self._query("msgaudit/groupchat/get", {"roomid": room_id}, lane=lane).listed("members")
        return InnerGroup(
            name=x.text("roomname"),
            creator=x.text("creator"),
            created_at=x.number("room_create_time"),
            notice=x.text("notice"),
            members=x.children("members", lambda one: (one.must("memberid"), one.number("jointime"))),
        )

    def archive_robot(self, robot_id: str, *, lane: Lane | None = None) -> ArchiveRobot:
        """Return who a robot is; 600 times a minute."""
        need("robot_id", robot_id)
        x = self._get("msgaudit/get_robot_info", {"robot_id": robot_id}, lane=lane).child("data")
        return ArchiveRobot(id=x.must("robot_id"), name=x.text("name"), creator_userid=x.text("creator_userid"))


def _consent(x: Fields) -> ChatConsent:
    word = x.must("agree_status")
    if word not in tuple(Agreement):
        # Silence must never pass for consent.
        raise BadAnswer("msgaudit", f"agree_status {word} is not known")
    return ChatConsent(
        userid=x.maybe("userid"),
        external_userid=x.must("exteranalopenid"),
        agreement=Agreement(word),
        changed_at=x.number("status_change_time"),
    )
