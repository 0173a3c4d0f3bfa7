"""Templates of what a group says to newcomers (wire.md C.8)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.library import UPLOAD, URL
from wecom_sandbox.records import GroupWelcome, Json, Notice
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.content import check_part
from wecom_sandbox.wire.media_use import hang, picture_key, picture_url, usable

# Of several parts WeCom takes the first.
PARTS = ("image", "link", "miniprogram", "file", "video")


def add(call: Call) -> Json:
    """Answer group_welcome_template/add; the owners hear of it where `notify` says so."""
    _own_agent(call)
    notify = call.flag("notify", default=True)
    if len(call.corp.group_welcomes) >= call.world.tunables.welcome_templates_most:
        raise WireError(41055)
    text, parts = _content(call)
    template = GroupWelcome(call.corp.new_id("msg"), call.app.agentid, call.world.now(), text, parts)
    call.corp.group_welcomes[template.template_id] = template
    if notify:
        note = Notice(
            call.corp.new_id("n"), call.app.agentid, call.world.now(), "group_welcome_template",
            {"template_id": template.template_id},
        )  # fmt: skip
        for owner in dict.fromkeys(group.owner for group in call.corp.group_list):
            call.corp.notices[owner].append(note)
    return {"template_id": template.template_id}


def edit(call: Call) -> Json:
    """Answer group_welcome_template/edit: the whole of it is replaced."""
    template = _own(call)
    template.text, template.parts = _content(call)
    return {}


def get(call: Call) -> Json:
    """Answer group_welcome_template/get; a picture comes back as its address."""
    template = _template(call)
    answer: Json = {**template.text, **template.parts}
    if "image" in answer:
        answer["image"] = {"pic_url": picture_url(call, answer["image"]["key"])}
    return answer


def delete(call: Call) -> Json:
    """Answer group_welcome_template/del; groups that used it say nothing any more."""
    template = _own(call)
    del call.corp.group_welcomes[template.template_id]
    for group in call.corp.group_list:
        if group.welcome_template == template.template_id:
            group.welcome_template = ""
    return {}


def _template(call: Call) -> GroupWelcome:
    template = call.corp.group_welcomes.get(call.text("template_id", missing=40058))
    if template is None:
        raise WireError(40058, "invalid template_id")
    return template


def _own(call: Call) -> GroupWelcome:
    _own_agent(call)
    template = _template(call)
    if template.agentid != call.app.agentid:
        raise WireError(41058)
    return template


def _own_agent(call: Call) -> None:
    if call.integer("agentid", call.app.agentid) != call.app.agentid:
        raise WireError(40056)


def _content(call: Call) -> tuple[Json, Json]:
    content = call.nested("text").get("content") or ""
    if not isinstance(content, str):
        raise WireError(40058, "text.content must be a string. Warning: wrong json format.")
    if len(content.encode()) > call.world.tunables.welcome_template_most_bytes:
        raise WireError(45002)
    kind = next((one for one in PARTS if call.args.get(one)), "")
    if not content and not kind:
        raise WireError(44004)
    text: Json = {"text": {"content": content}} if content else {}
    return text, ({kind: _part(call, kind)} if kind else {})


def _part(call: Call, kind: str) -> Json:
    body = check_part(kind, call.nested(kind))
    if kind == "image":
        if not body.get("media_id"):
            return {"key": picture_key(call, body["pic_url"])}
        return {"key": hang(call, usable(call, body["media_id"], "image"))}
    if kind == "miniprogram":
        usable(call, body["pic_media_id"], "image")
    if kind in ("file", "video"):
        usable(call, body["media_id"], kind, UPLOAD, URL)
    return body
