"""Templates of what a group says to newcomers (wire.md C.8): the group's owner picks one in the client."""

from dataclasses import dataclass

from linli.wecom import attachments as parts
from linli.wecom.errors import EmptyMessage
from linli.wecom.fields import Fields
from linli.wecom.limits import need, within_bytes
from linli.wecom.transport import Lane, Transport

_TEXT = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWelcome:
    """A template: text up to 3000 bytes (%NICKNAME% stands for the newcomer) and one part, the first that is set.

    A video or file may also come from `upload_by_url`.
    """

    text: str = ""
    image: parts.Image | None = None
    link: parts.Link | None = None
    mini_program: parts.MiniProgram | None = None
    file: parts.File | None = None
    video: parts.Video | None = None


class GroupWelcomeCalls(Transport):
    """Calls about group welcome templates: 100 per corp, changed only by the app that made them.

    `agentid` may be left out by an app that asks for itself.
    """

    def add_group_welcome(
        self, welcome: GroupWelcome, *, agentid: int | None = None, notify: bool = True, lane: Lane | None = None
    ) -> str:
        """Make a template and tell the group owners of it where `notify`; returns its id.

        No call lists templates: after OutcomeUnknown one that nobody knows may stay, and making another is harmless
        but for the cap. Raises ApiError 41055 above it.
        """
        # 1 is WeCom's default.
        body = {**_body(welcome, agentid), **({} if notify else {"notify": 0})}
        return self._write("externalcontact/group_welcome_template/add", body, lane=lane).must("template_id")

    def edit_group_welcome(
        self, template_id: str, welcome: GroupWelcome, *, agentid: int | None = None, lane: Lane | None = None
    ) -> None:
        """Replace a template; after OutcomeUnknown `group_welcome` tells. Raises ApiError 41058 for another app's."""
        need("template_id", template_id)
        body = {"template_id": template_id, **_body(welcome, agentid)}
        self._write("externalcontact/group_welcome_template/edit", body, lane=lane)

    def group_welcome(self, template_id: str, *, lane: Lane | None = None) -> GroupWelcome:
        """Return a template; an image comes back as a `pic_url`."""
        need("template_id", template_id)
        answer = self._query("externalcontact/group_welcome_template/get", {"template_id": template_id}, lane=lane)
        return _welcome(answer)

    def del_group_welcome(self, template_id: str, *, agentid: int | None = None, lane: Lane | None = None) -> None:
        """Delete a template; after OutcomeUnknown `group_welcome` tells."""
        need("template_id", template_id)
        body = {"template_id": template_id, **_agent(agentid)}
        self._write("externalcontact/group_welcome_template/del", body, lane=lane)


def _body(welcome: GroupWelcome, agentid: int | None) -> dict[str, object]:
    within_bytes("text.content", welcome.text, _TEXT)
    body: dict[str, object] = {"text": {"content": welcome.text}} if welcome.text else {}
    if welcome.image:
        body["image"] = parts.image_body(welcome.image)
    if welcome.link:
        body["link"] = parts.link_body(welcome.link)
    if welcome.mini_program:
        body["miniprogram"] = parts.mini_program_body(welcome.mini_program)
    for name, part in (("file", welcome.file), ("video", welcome.video)):
        if part:
            need(f"{name}.media_id", part.media_id)
            body[name] = {"media_id": part.media_id}
    if not body:
        raise EmptyMessage
    return {**body, **_agent(agentid)}


def _agent(agentid: int | None) -> dict[str, object]:
    return {} if agentid is None else {"agentid": agentid}


def _welcome(x: Fields) -> GroupWelcome:
    text, image, link, mini_program, file, video = (
        x.maybe_child(name) for name in ("text", "image", "link", "miniprogram", "file", "video")
    )
    return GroupWelcome(
        text=text.text("content") if text else "",
        image=parts.read_image(image) if image else None,
        link=parts.read_link(link) if link else None,
        mini_program=parts.read_mini_program(mini_program) if mini_program else None,
        file=parts.File(media_id=file.text("media_id")) if file else None,
        video=parts.Video(media_id=video.text("media_id")) if video else None,
    )
