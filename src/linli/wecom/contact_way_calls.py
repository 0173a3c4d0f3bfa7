"""Contact ways (联系我), the wire behind live codes (wire.md C.2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from linli.wecom import attachments as parts
from linli.wecom.fields import Fields
from linli.wecom.limits import TEXT_BYTES, at_most, between, need, within_bytes, within_characters
from linli.wecom.transport import Lane, Transport

SINGLE = 1
MULTI = 2
SCENE_MINI_PROGRAM = 1
SCENE_QR = 2

_USERS = {SINGLE: 1, MULTI: 100}
_STATE = 30
_REMARK = 30
_PAGE = 1000
# The longest lives of a temporary way and of its chat, in seconds: 14 days.
_LONGEST_LIFE = 14 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """What a temporary session says at its end; of image, link and mini-program WeCom takes the first set."""

    text: str = ""
    image: parts.Image | None = None
    link: parts.Link | None = None
    mini_program: parts.MiniProgram | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWaySpec:
    """A contact way as we want it: `type` SINGLE (one user) or MULTI (up to 100), `scene` mini-program or QR.

    `state` and `remark` hold up to 30 characters. Only temporary ways (medical corps) have the two lives in
    seconds (up to 14 days), unionid and conclusions.
    """

    type: int
    scene: int
    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    state: str = ""
    remark: str = ""
    skip_verify: bool = True
    style: int | None = None
    is_exclusive: bool | None = None
    mark_source: bool | None = None
    is_temporary: bool = False
    expires_in: int | None = None
    chat_expires_in: int | None = None
    unionid: str | None = None
    conclusions: Conclusions | None = None


@dataclass(frozen=True, slots=True)
class ContactWay:
    """A contact way as WeCom has it; `qr_code` is the picture's URL, "" for the mini-program scene."""

    config_id: str
    qr_code: str
    spec: ContactWaySpec


@dataclass(frozen=True, slots=True)
class ContactWayKey:
    """What making a contact way gives back; without `config_id` the way can never be changed or deleted."""

    config_id: str
    qr_code: str


@dataclass(frozen=True, slots=True)
class ContactWayPage:
    """A page of config ids; `next_cursor` "" is the end."""

    config_ids: tuple[str, ...]
    next_cursor: str


class ContactWayCalls(Transport):
    """Calls about contact ways; 500,000 per corp together with join ways."""

    def add_contact_way(self, spec: ContactWaySpec, *, lane: Lane | None = None) -> ContactWayKey:
        """Make a contact way."""
        _check(spec)
        fixed = {"type": spec.type, "scene": spec.scene}
        made_once = {"is_exclusive": spec.is_exclusive, "is_temp": spec.is_temporary or None}
        body = {**fixed, **_given(made_once), **_changeable(spec)}
        answer = self._write("externalcontact/add_contact_way", body, lane=lane)
        return ContactWayKey(answer.must("config_id"), answer.text("qr_code"))

    def get_contact_way(self, config_id: str, *, lane: Lane | None = None) -> ContactWay:
        """Return a contact way."""
        body = {"config_id": config_id}
        answer = self._query("externalcontact/get_contact_way", body, lane=lane)
        return _contact_way(answer.child("contact_way"))

    def list_contact_ways(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[str]:
        """Yield the config ids made between two unix times, by default the last 90 days; no temporary ones."""
        for page in self.contact_way_pages(start=start, end=end, limit=limit, lane=lane):
            yield from page.config_ids

    def contact_way_pages(
        self,
        *,
        start: int | None = None,
        end: int | None = None,
        cursor: str = "",
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[ContactWayPage]:
        """The same by pages, from `cursor` on; raises ApiError 50100 for a cursor that WeCom knows no more."""
        between("limit", limit, 1, _PAGE)
        body = {**_given({"start_time": start, "end_time": end}), "limit": limit}
        pages = self._pages("externalcontact/list_contact_way", body, rows="contact_way", lane=lane, cursor=cursor)
        for page in pages:
            ids = page.children("contact_way", lambda x: x.must("config_id"))
            yield ContactWayPage(ids, page.text("next_cursor"))

    def update_contact_way(self, config_id: str, spec: ContactWaySpec, *, lane: Lane | None = None) -> None:
        """Replace what may change; type, scene, exclusiveness and being temporary may not."""
        _check(spec)
        body = {"config_id": config_id, **_changeable(spec)}
        self._write("externalcontact/update_contact_way", body, lane=lane)

    def del_contact_way(self, config_id: str, *, lane: Lane | None = None) -> None:
        """Delete a contact way; its QR code stops working."""
        self._write("externalcontact/del_contact_way", {"config_id": config_id}, lane=lane)

    def close_temporary_chat(self, userid: str, external_userid: str, *, lane: Lane | None = None) -> None:
        """End a chat that began by a temporary way; the customer reads its conclusions first.

        No read tells whether it ended: after OutcomeUnknown ask again, 84061 then says that it had.
        """
        need("userid", userid)
        need("external_userid", external_userid)
        body = {"userid": userid, "external_userid": external_userid}
        self._write("externalcontact/close_temp_chat", body, lane=lane)


def _check(spec: ContactWaySpec) -> None:
    between("type", spec.type, SINGLE, MULTI)
    between("scene", spec.scene, SCENE_MINI_PROGRAM, SCENE_QR)
    for name, life in (("expires_in", spec.expires_in), ("chat_expires_in", spec.chat_expires_in)):
        between(name, life, 1, _LONGEST_LIFE)
    need("user", spec.users or spec.departments)
    at_most("user", spec.users, _USERS.get(spec.type, _USERS[MULTI]))
    within_characters("state", spec.state, _STATE)
    within_characters("remark", spec.remark, _REMARK)


def _changeable(spec: ContactWaySpec) -> dict[str, object]:
    body: dict[str, object] = {
        "remark": spec.remark,
        "skip_verify": spec.skip_verify,
        "state": spec.state,
        "user": list(spec.users),
    }
    # An update replaces the list, so a multi way must also say that it has no department any more.
    if spec.departments or spec.type == MULTI:
        body["party"] = list(spec.departments)
    values = {
        "style": spec.style,
        "expires_in": spec.expires_in,
        "chat_expires_in": spec.chat_expires_in,
        "unionid": spec.unionid,
        "mark_source": spec.mark_source,
        "conclusions": spec.conclusions and _conclusions_body(spec.conclusions),
    }
    return {**body, **_given(values)}


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _conclusions_body(conclusions: Conclusions) -> dict[str, object]:
    body: dict[str, object] = {}
    if conclusions.text:
        within_bytes("conclusions.text", conclusions.text, TEXT_BYTES)
        body["text"] = {"content": conclusions.text}
    if conclusions.image:
        body["image"] = parts.image_body(conclusions.image)
    if conclusions.link:
        body["link"] = parts.link_body(conclusions.link)
    if conclusions.mini_program:
        body["miniprogram"] = parts.mini_program_body(conclusions.mini_program)
    return body


def _contact_way(x: Fields) -> ContactWay:
    conclusions = x.maybe_child("conclusions")
    spec = ContactWaySpec(
        type=x.number("type"),
        scene=x.number("scene"),
        users=x.texts("user"),
        departments=x.numbers("party"),
        state=x.text("state"),
        remark=x.text("remark"),
        skip_verify=x.flag("skip_verify"),
        style=x.maybe_number("style"),
        is_exclusive=x.flag("is_exclusive") if x.has("is_exclusive") else None,
        mark_source=x.flag("mark_source") if x.has("mark_source") else None,
        is_temporary=x.flag("is_temp"),
        expires_in=x.maybe_number("expires_in"),
        chat_expires_in=x.maybe_number("chat_expires_in"),
        unionid=x.maybe("unionid"),
        conclusions=_conclusions(conclusions) if conclusions else None,
    )
    return ContactWay(x.must("config_id"), x.text("qr_code"), spec)


def _conclusions(x: Fields) -> Conclusions:
    text, image = x.maybe_child("text"), x.maybe_child("image")
    link, mini_program = x.maybe_child("link"), x.maybe_child("miniprogram")
    return Conclusions(
        text=text.text("content") if text else "",
        image=parts.read_image(image) if image else None,
        link=parts.read_link(link) if link else None,
        mini_program=parts.read_mini_program(mini_program) if mini_program else None,
    )
