"""联系我 codes (wire.md C.2)."""

from dataclasses import replace

from wecom_sandbox import handing
from wecom_sandbox.annals import day_of
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import ContactWay, Json
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.media_use import hang, picture_url, usable

SINGLE, MULTI = 1, 2
ACTIVE = 1
MINI_PROGRAM, QR = 1, 2
DAY = 86_400
LIST_REACHES_BACK = 90 * DAY
CONCLUSION_BYTES = (
    ("text", "content", 4000),
    ("link", "title", 128),
    ("link", "desc", 512),
    ("miniprogram", "title", 64),
)
TEMP_LIFE = 7 * DAY


def add(call: Call) -> Json:
    """Answer add_contact_way."""
    kind = call.integer("type", missing=41037)
    scene = call.integer("scene", missing=41038)
    if kind not in (SINGLE, MULTI):
        raise WireError(41039)
    if scene not in (MINI_PROGRAM, QR):
        raise WireError(41040)
    if len(call.corp.contact_ways) + len(call.corp.join_ways) >= call.world.tunables.ways_most:
        raise WireError(41045)
    temporary = call.flag("is_temp", default=False)
    if temporary:
        _check_temporary(call, kind)
    users, party = _staff(call, kind)
    seq = call.corp.next_seq()
    way = ContactWay(
        seq=seq,
        config_id=call.corp.digest(f"way/{seq}")[:32],
        agentid=call.app.agentid,
        create_time=call.world.now(),
        type=kind,
        scene=scene,
        user=users,
        party=party,
        state=call.text("state", longest=call.world.tunables.way_state_most),
        is_temp=temporary,
    )
    _settle(call, way)
    call.corp.add_contact_way(way)
    if temporary:
        call.corp.temp_ways_made["count"] += 1
    return {"config_id": way.config_id, **({"qr_code": qr_code(call, way.config_id)} if scene == QR else {})}


def get(call: Call) -> Json:
    """Answer get_contact_way."""
    way = _way(call)
    names = (
        "config_id type scene style remark skip_verify state user party is_temp "
        "expires_in chat_expires_in unionid mark_source conclusions"
    )
    answer: Json = {name: getattr(way, name) for name in names.split()}
    answer["qr_code"] = qr_code(call, way.config_id) if way.scene == QR else ""
    image = way.conclusions.get("image")
    if image:
        # The request takes a media_id, the answer gives a URL.
        answer["conclusions"] = {**way.conclusions, "image": {"pic_url": picture_url(call, image["picture"])}}
    return {"contact_way": answer}


def list_ids(call: Call) -> Json:
    """Answer list_contact_way: everything that is not temporary."""
    now = call.world.now()
    start = call.integer("start_time", now - LIST_REACHES_BACK)
    end = call.integer("end_time", now)
    limit = call.limit(100, 1000)
    place, _ = call.cursor("way")
    page: list[ContactWay] = []
    while len(page) <= limit:
        chunk = call.corp.contact_way_list.after(place, limit + 1)
        if not chunk:
            break
        place = chunk[-1].seq
        page.extend(way for way in chunk if not way.is_temp and start <= way.create_time <= end)
    more = len(page) > limit
    page = page[:limit]
    return {
        "contact_way": [{"config_id": way.config_id} for way in page],
        "next_cursor": cursor_at("way", page[-1].seq) if more else "",
    }


def update(call: Call) -> Json:
    """Answer update_contact_way; user, party and remark replace, type and scene never change."""
    way = _way(call)
    if way.is_temp and way.create_time + way.expires_in < call.world.now():
        raise WireError(41044)
    draft = replace(way)
    if "user" in call.args or "party" in call.args:
        draft.user, draft.party = _staff(call, way.type, way)
    state = call.text("state", longest=call.world.tunables.way_state_most) if "state" in call.args else way.state
    _settle(call, draft)
    vars(way).update(vars(draft))
    call.corp.restate(way, state)
    return {}


def delete(call: Call) -> Json:
    """Answer del_contact_way."""
    call.corp.remove_contact_way(_way(call))
    return {}


def close_temp_chat(call: Call) -> Json:
    """Answer close_temp_chat: the conclusions first, then the end; a chat that began otherwise cannot be closed."""
    key = (call.user().userid, call.customer().external_userid)
    chat = call.corp.temp_chats.get(key)
    if chat is None or chat.closed:
        raise WireError(84061)
    handing.end_chat(call.world, call.corp, chat)
    return {}


def qr_code(call: Call, config_id: str) -> str:
    """Give the address of a code's picture, served by the sandbox itself."""
    return f"{call.base_url}qr/{config_id}"


def _way(call: Call) -> ContactWay:
    way = call.corp.contact_ways.get(call.text("config_id", missing=41043))
    if way is None or way.agentid != call.app.agentid:
        raise WireError(41044)
    return way


def _staff(call: Call, kind: int, old: ContactWay | None = None) -> tuple[list[str], list[int]]:
    users = old.user if old and "user" not in call.args else call.texts("user")
    party = old.party if old and "party" not in call.args else call.integers("party")
    if kind == SINGLE and (len(users) != 1 or party):
        raise WireError(41041)
    if any(userid not in call.corp.users for userid in users):
        raise WireError(41054)
    if not all(call.corp.users[userid].verified and call.corp.users[userid].status == ACTIVE for userid in users):
        raise WireError(41054)
    if not all(call.corp.users[userid].serves for userid in users):
        raise WireError(84074)
    if any(department not in call.corp.departments for department in party):
        raise WireError(60123)
    call.need_sight(users, party)
    inside = {user.userid for one in party for user in call.corp.members_of(one, deep=True)}
    everyone = inside.union(users)
    if not everyone:
        raise WireError(40058)
    if len(everyone) > call.world.tunables.way_users_most:
        raise WireError(41041)
    return users, party


def _settle(call: Call, way: ContactWay) -> None:
    """Take over the fields that creation and update share; what is not named stays."""
    style = call.integer("style", way.style)
    if way.scene == MINI_PROGRAM and style not in (0, 1, 2, 3):
        raise WireError(41042)
    way.style = style
    if "remark" in call.args:
        way.remark = call.text("remark", longest=call.world.tunables.way_remark_most)
    way.skip_verify = call.flag("skip_verify", default=way.skip_verify)
    way.mark_source = call.flag("mark_source", default=way.mark_source)
    way.unionid = call.text("unionid") or way.unionid
    if way.is_temp:
        way.expires_in = call.integer("expires_in", way.expires_in or TEMP_LIFE)
        way.chat_expires_in = call.integer("chat_expires_in", way.chat_expires_in or DAY)
        most = call.world.tunables.way_life_most_s
        if not 0 < way.expires_in <= most or not 0 < way.chat_expires_in <= most:
            raise WireError(40058)
        way.conclusions = _conclusions(call) or way.conclusions


def _check_temporary(call: Call, kind: int) -> None:
    """Temporary ways lead to one member, and only so many are made a day."""
    if kind != SINGLE:
        raise WireError(41039)
    today = day_of(call.world.now())
    made = call.corp.temp_ways_made
    if made.get("day") != today:
        made.update(day=today, count=0)
    if made["count"] >= call.world.tunables.temp_ways_a_day:
        raise WireError(41045)


def _conclusions(call: Call) -> Json:
    said = call.nested("conclusions")
    for part, name, most in CONCLUSION_BYTES:
        value = said.get(part) or {}
        text = value.get(name, "") if isinstance(value, dict) else None
        if not isinstance(text, str) or len(text.encode()) > most:
            raise WireError(40058, f"invalid conclusions.{part}.{name}")
    program = said.get("miniprogram")
    if program:
        usable(call, program.get("pic_media_id"), "image")
    image = said.get("image")
    if not image:
        return said
    if not isinstance(image, dict):
        raise WireError(40058, "invalid conclusions.image")
    # The answer shows a picture that stays, when the file itself has long ended.
    picture = hang(call, usable(call, image.get("media_id"), "image"))
    return {**said, "image": {"media_id": image["media_id"], "picture": picture}}
