"""Customer groups and 加入群聊 codes (wire.md C.6)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.grouping import visible
from wecom_sandbox.handing import room_status
from wecom_sandbox.records import Group, JoinWay, Json
from wecom_sandbox.wire.call import Call, cursor_at, texts_in
from wecom_sandbox.wire.contact_ways import qr_code


def list_groups(call: Call) -> Json:
    """Answer groupchat/list."""
    limit = call.integer("limit")
    if not 1 <= limit <= call.world.tunables.groups_a_page:
        raise WireError(40058)
    owners = texts_in(call.nested("owner_filter"), "userid_list", most=call.world.tunables.group_names_most)
    call.need_sight(owners)
    seen = set(owners) or set(call.staff_seen())
    if not owners and len(seen) > call.world.tunables.groups_without_filter:
        raise WireError(81017)
    status = call.integer("status_filter", 0)
    if status not in range(4):
        raise WireError(40058)
    # An owner who left is shown only where they are named (wire.md C.6).
    page, more = _page(call, seen, status, limit)
    return {
        "group_chat_list": [{"chat_id": group.chat_id, "status": room_status(call.corp, group)} for group in page],
        "next_cursor": cursor_at("group", page[-1].seq) if more else "",
    }


def _page(call: Call, owners: set[str], status: int, limit: int) -> tuple[list[Group], bool]:
    place, _ = call.cursor("group")
    page: list[Group] = []
    while len(page) <= limit:
        chunk = call.corp.group_list.after(place, limit + 1)
        if not chunk:
            break
        place = chunk[-1].seq
        owned = (group for group in chunk if group.owner in owners)
        page.extend(group for group in owned if status in (0, room_status(call.corp, group)))
    return page[:limit], len(page) > limit


def get_group(call: Call) -> Json:
    """Answer groupchat/get; the data may lag behind the event."""
    seen = visible(call.world, call.corp, call.text("chat_id", missing=40058))
    if seen is None:
        raise WireError(90501)
    call.need_sight([str(seen["owner"])])
    if call.integer("need_name", 0) != 1:
        unnamed = [{key: value for key, value in one.items() if key != "name"} for one in seen["member_list"]]
        seen = {**seen, "member_list": unnamed}
    return {"group_chat": seen}


def add_join_way(call: Call) -> Json:
    """Answer add_join_way; the answer has no qr_code."""
    if len(call.corp.contact_ways) + len(call.corp.join_ways) >= call.world.tunables.ways_most:
        raise WireError(41045)
    way = _read(call, call.corp.digest(f"join/{call.corp.next_seq()}")[:32])
    call.corp.add_join_way(way)
    return {"config_id": way.config_id}


def get_join_way(call: Call) -> Json:
    """Answer get_join_way."""
    way = _way(call)
    answer = {key: value for key, value in vars(way).items() if key != "agentid"}
    return {"join_way": {**answer, "qr_code": qr_code(call, way.config_id)}}


def update_join_way(call: Call) -> Json:
    """Answer update_join_way: a full overwrite."""
    way = _way(call)
    draft = _read(call, way.config_id)
    call.corp.remove_join_way(way)
    call.corp.add_join_way(draft)
    return {}


def delete_join_way(call: Call) -> Json:
    """Answer del_join_way."""
    call.corp.remove_join_way(_way(call))
    return {}


def _way(call: Call) -> JoinWay:
    way = call.corp.join_ways.get(call.text("config_id", missing=41043))
    if way is None or way.agentid != call.app.agentid:
        raise WireError(41044)
    return way


def _read(call: Call, config_id: str) -> JoinWay:
    scene = call.integer("scene", missing=41038)
    if scene not in (1, 2):
        raise WireError(41040)
    rooms = list(dict.fromkeys(call.texts("chat_id_list")))
    if not rooms:
        raise WireError(40058)
    if len(rooms) > call.world.tunables.join_way_rooms_most:
        raise WireError(41091)
    if any(room not in call.corp.groups for room in rooms):
        raise WireError(90501)
    call.need_sight(call.corp.groups[room].owner for room in rooms)
    return JoinWay(
        config_id=config_id,
        agentid=call.app.agentid,
        scene=scene,
        remark=call.text("remark")[: call.world.tunables.way_remark_most],
        auto_create_room=int(call.flag("auto_create_room", default=True)),
        room_base_name=call.text("room_base_name", longest=call.world.tunables.join_way_name_most),
        room_base_id=call.integer("room_base_id", 1),
        chat_id_list=rooms,
        state=call.text("state", longest=call.world.tunables.way_state_most),
        mark_source=call.flag("mark_source", default=False),
    )
