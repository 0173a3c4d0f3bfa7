"""What WeCom counts about groups and about the chats of staff (wire.md C.6, C.10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from linli.wecom.errors import BadAnswer, BadValue, TooMany
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need
from linli.wecom.transport import Lane, Transport

_PEOPLE = 100
_DAYS = 30
_DAY = 86_400
_PAGE = 1000


class GroupOrder(IntEnum):
    """What owners are sorted by."""

    NEW_GROUPS = 1
    GROUPS = 2
    NEW_MEMBERS = 3
    MEMBERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Counts of groups: `new_…` and `…_active` and messages belong to the days asked for, totals to their end.

    `migrated_trainee_groups` is told to schools only.
    """

    new_groups: int
    groups: int
    groups_active: int
    new_members: int
    members: int
    members_active: int
    messages: int
    migrated_trainee_groups: int | None


@dataclass(frozen=True, slots=True)
class OwnerFigures:
    """The figures of one owner's groups."""

    owner: str
    figures: GroupFigures


@dataclass(frozen=True, slots=True)
class GroupDay:
    """The figures of one day (unix seconds of its 0:00 in China), all owners together."""

    day: int
    figures: GroupFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorDay:
    """How staff dealt with customers one to one on one day (unix seconds of its 0:00 in China), all together.

    `chats` and `messages` are what staff wrote; `reply_percentage` (0 to 100) and `average_reply_minutes` (to the
    first reply) are None on days without a chat that a customer began; `negative_feedbacks` deleted or blocked us;
    `applications` are friend requests by staff.
    """

    day: int
    chats: int
    messages: int
    reply_percentage: float | None
    average_reply_minutes: int | None
    negative_feedbacks: int
    applications: int
    new_customers: int


class StatisticCalls(Transport):
    """Calls for figures: closed spans of whole days in China, up to 30 days long, up to 180 days ago."""

    def group_statistics(
        self,
        owners: Sequence[str],
        begin: int,
        end: int | None = None,
        *,
        order_by: GroupOrder = GroupOrder.NEW_GROUPS,
        ascending: bool = False,
        offset: int = 0,
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[OwnerFigures]:
        """Yield the figures of up to 100 owners, from `begin` to `end` (unix; by default that one day), to yesterday."""
        api = "externalcontact/groupchat/statistic"
        between("limit", limit, 1, _PAGE)
        body = {
            **_days("day_begin_time", begin, "day_end_time", end),
            **_owners(owners),
            "order_by": int(order_by),
            "order_asc": int(ascending),
        }
        while True:
            page = self._query(api, {**body, "offset": offset, "limit": limit}, lane=lane).listed("items")
            yield from page.children("items", _owner)
            reached = page.number("next_offset")
            if reached >= page.number("total"):
                return
            if reached <= offset:
                raise BadAnswer(api, "next_offset does not move on")
            offset = reached

    def group_statistics_by_day(
        self, owners: Sequence[str], begin: int, end: int | None = None, *, lane: Lane | None = None
    ) -> tuple[GroupDay, ...]:
        """Return the figures of up to 100 owners together, day by day."""
        body = {**_days("day_begin_time", begin, "day_end_time", end), **_owners(owners)}
        answer = self._query("externalcontact/groupchat/statistic_group_by_day", body, lane=lane)
        return answer.listed("items").children("items", _group_day)

    def staff_behavior(
        self,
        begin: int,
        end: int,
        *,
        userids: Sequence[str] = (),
        departments: Sequence[int] = (),
        lane: Lane | None = None,
    ) -> tuple[BehaviorDay, ...]:
        """Return, day by day, the sum over up to 100 members and up to 100 departments; one of them is needed."""
        need("userid", userids or departments)
        at_most("userid", userids, _PEOPLE)
        at_most("partyid", departments, _PEOPLE)
        body = _days("start_time", begin, "end_time", end)
        if userids:
            body["userid"] = list(userids)
        if departments:
            body["partyid"] = list(departments)
        answer = self._query("externalcontact/get_user_behavior_data", body, lane=lane)
        return answer.listed("behavior_data").children("behavior_data", _behavior)


def _days(begin_name: str, begin: int, end_name: str, end: int | None) -> dict[str, object]:
    if end is None:
        return {begin_name: begin}
    if end < begin:
        raise BadValue(end_name, f"{end_name} 不能早于 {begin_name}", f"{end_name} must not be before {begin_name}")
    if end - begin > _DAYS * _DAY:
        raise TooMany("days", limit=_DAYS, actual=-((begin - end) // _DAY))
    return {begin_name: begin, end_name: end}


def _owners(owners: Sequence[str]) -> dict[str, object]:
    need("owner_filter", owners)
    at_most("owner_filter", owners, _PEOPLE)
    return {"owner_filter": {"userid_list": list(owners)}}


def _owner(x: Fields) -> OwnerFigures:
    return OwnerFigures(x.must("owner"), _figures(x.child("data")))


def _group_day(x: Fields) -> GroupDay:
    return GroupDay(x.number("stat_time"), _figures(x.child("data")))


def _figures(x: Fields) -> GroupFigures:
    return GroupFigures(
        new_groups=x.number("new_chat_cnt"),
        groups=x.number("chat_total"),
        groups_active=x.number("chat_has_msg"),
        new_members=x.number("new_member_cnt"),
        members=x.number("member_total"),
        members_active=x.number("member_has_msg"),
        messages=x.number("msg_total"),
        migrated_trainee_groups=x.maybe_number("migrate_trainee_chat_cnt"),
    )


def _behavior(x: Fields) -> BehaviorDay:
    return BehaviorDay(
        day=x.number("stat_time"),
        chats=x.number("chat_cnt"),
        messages=x.number("message_cnt"),
        reply_percentage=x.maybe_fraction("reply_percentage"),
        average_reply_minutes=x.maybe_number("avg_reply_time"),
        negative_feedbacks=x.number("negative_feedback_cnt"),
        applications=x.number("new_apply_cnt"),
        new_customers=x.number("new_contact_cnt"),
    )
