"""Join ways (加入群聊), the wire behind group live codes (wire.md C.6)."""

from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need, within_characters
from linli.wecom.transport import Lane, Transport

_GROUPS = 5
_STATE = 30
_REMARK = 30
_ROOM_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaySpec:
    """A join way as we want it: up to 5 groups; `scene` 1 mini-program, 2 QR; `state` up to 30 characters.

    With `auto_create_room`, full groups are followed by new ones named `room_base_name` + a number from
    `room_base_id` on.
    """

    scene: int
    chat_ids: tuple[str, ...]
    state: str = ""
    remark: str = ""
    auto_create_room: bool = True
    room_base_name: str = ""
    room_base_id: int | None = None
    mark_source: bool | None = None


@dataclass(frozen=True, slots=True)
class JoinWay:
    """A join way as WeCom has it; `qr_code` is the picture's URL."""

    config_id: str
    qr_code: str
    spec: JoinWaySpec


class JoinWayCalls(Transport):
    """Calls about join ways; 500,000 per corp together with contact ways."""

    def add_join_way(self, spec: JoinWaySpec, *, lane: Lane | None = None) -> str:
        """Make a join way and return its config id; the QR code needs a `get_join_way`."""
        answer = self._write("externalcontact/groupchat/add_join_way", _body(spec), lane=lane)
        return answer.must("config_id")

    def get_join_way(self, config_id: str, *, lane: Lane | None = None) -> JoinWay:
        """Return a join way."""
        body = {"config_id": config_id}
        answer = self._query("externalcontact/groupchat/get_join_way", body, lane=lane)
        return _join_way(answer.child("join_way"))

    def update_join_way(self, config_id: str, spec: JoinWaySpec, *, lane: Lane | None = None) -> None:
        """Replace the whole join way; the QR code stays the same."""
        body = {"config_id": config_id, **_body(spec)}
        self._write("externalcontact/groupchat/update_join_way", body, lane=lane)

    def del_join_way(self, config_id: str, *, lane: Lane | None = None) -> None:
        """Delete a join way; its QR code stops working."""
        body = {"config_id": config_id}
        self._write("externalcontact/groupchat/del_join_way", body, lane=lane)


def _body(spec: JoinWaySpec) -> dict[str, object]:
    need("chat_id_list", spec.chat_ids)
    at_most("chat_id_list", spec.chat_ids, _GROUPS)
    within_characters("state", spec.state, _STATE)
    within_characters("remark", spec.remark, _REMARK)
    within_characters("room_base_name", spec.room_base_name, _ROOM_NAME)
    body: dict[str, object] = {
        "scene": spec.scene,
        "remark": spec.remark,
        "auto_create_room": int(spec.auto_create_room),
        "chat_id_list": list(spec.chat_ids),
        "state": spec.state,
    }
    optional: dict[str, object] = {
        "room_base_name": spec.room_base_name or None,
        "room_base_id": spec.room_base_id,
        "mark_source": spec.mark_source,
    }
    return {**body, **{name: value for name, value in optional.items() if value is not None}}


def _join_way(x: Fields) -> JoinWay:
    spec = JoinWaySpec(
        scene=x.number("scene"),
        chat_ids=x.texts("chat_id_list"),
        state=x.text("state"),
        remark=x.text("remark"),
        auto_create_room=x.flag("auto_create_room"),
        room_base_name=x.text("room_base_name"),
        room_base_id=x.maybe_number("room_base_id"),
        mark_source=x.flag("mark_source") if x.has("mark_source") else None,
    )
    return JoinWay(x.must("config_id"), x.text("qr_code"), spec)
