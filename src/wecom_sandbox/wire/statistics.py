"""Figures (wire.md C.6, C.10), counted from what really happened in this world."""

from wecom_sandbox.annals import DAY, Figures, Rooms, behavior, day_of
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call, texts_in

ORDERS = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}


def by_owner(call: Call) -> Json:
    """Answer groupchat/statistic: one row per owner who had a group or a movement in one."""
    days, owners = _group_days(call), _owners(call)
    order = ORDERS.get(call.integer("order_by", 1))
    ascending, offset = call.flag("order_asc", default=False), call.integer("offset", 0)
    if order is None or offset < 0:
        raise WireError(40058)
    limit = call.limit(500, 1000)
    rooms = Rooms(call.corp)
    rooms.live(days[0])
    counted = rooms.live(days[-1] + DAY)
    rows = [(owner, counted[owner]) for owner in owners if owner in counted]
    rows.sort(key=lambda row: getattr(row[1], order), reverse=not ascending)
    page = rows[offset : offset + limit]
    return {
        "total": len(rows),
        "next_offset": min(offset + len(page), len(rows)),
        "items": [{"owner": owner, "data": vars(figures)} for owner, figures in page],
    }


def by_day(call: Call) -> Json:
    """Answer groupchat/statistic_group_by_day: one row per day, all owners together."""
    days, owners = _group_days(call), _owners(call)
    rooms = Rooms(call.corp)
    rooms.live(days[0])
    items = []
    for day in days:
        whole = Figures()
        for owner, figures in rooms.live(day + DAY).items():
            if owner in owners:
                whole.add(figures)
        items.append({"stat_time": day, "data": vars(whole)})
    return {"items": items}


def of_staff(call: Call) -> Json:
    """Answer get_user_behavior_data: several members are summed; today counts as far as it goes."""
    today = day_of(call.world.now())
    days = _days(
        call,
        call.integer("start_time"),
        call.integer("end_time"),
        today - call.world.tunables.statistic_back_days * DAY,
        today,
    )
    users = set(call.texts("userid", most=call.world.tunables.statistic_names_most))
    departments = call.integers("partyid")
    if (not users and not departments) or len(departments) > call.world.tunables.statistic_names_most:
        raise WireError(40058)
    if any(one not in call.corp.users and one not in call.corp.departed for one in users):
        raise WireError(60111)
    if any(one not in call.corp.departments for one in departments):
        raise WireError(60123)
    call.need_sight(users, departments)
    users.update(user.userid for one in departments for user in call.corp.members_of(one, deep=True))
    return {"behavior_data": [behavior(call.corp, users, day) for day in days]}


def _owners(call: Call) -> list[str]:
    owners = list(
        dict.fromkeys(
            texts_in(call.nested("owner_filter"), "userid_list", most=call.world.tunables.statistic_names_most)
        )
    )
    if not owners:
        raise WireError(40058)
    if any(one not in call.corp.users and one not in call.corp.departed for one in owners):
        raise WireError(60111)
    call.need_sight(owners)
    return owners


def _group_days(call: Call) -> list[int]:
    begin = call.integer("day_begin_time")
    today = day_of(call.world.now())
    return _days(
        call,
        begin,
        call.integer("day_end_time", begin),
        today - call.world.tunables.statistic_back_days * DAY,
        today - DAY,
    )


def _days(call: Call, begin: int, end: int, first: int, last: int) -> list[int]:
    begin, end = day_of(begin), day_of(end)
    if not first <= begin <= end <= last or end - begin > call.world.tunables.statistic_days * DAY:
        raise WireError(40058)
    return list(range(begin, end + DAY, DAY))
