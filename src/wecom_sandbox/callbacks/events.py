"""The events of wire.md F.4 as the XML that an app finds after decryption."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

# A tuple holds elements by name; a list, the texts of <Item>s.
Element = str | int | list[str] | tuple[tuple[str, "Element"], ...]


@dataclass(frozen=True)
class Event:
    """An event and the object whose events must stay in order; `sender` is FromUserName, None where there is none."""

    about: str
    body: tuple[tuple[str, Element], ...]
    sender: str | None = "sys"

    @property
    def kind(self) -> str:
        """Name the event as its callback does: Event, and ChangeType where it has one."""
        return ".".join(word for word in (self.value("Event"), self.value("ChangeType")) if word)

    def value(self, name: str) -> str:
        """Read an element; "" when it is not there."""
        return str(dict(self.body).get(name, ""))


# Plain text in the official samples, where everything else is CDATA.
_PLAIN = frozenset(
    "JoinScene QuitScene MemChangeCnt LastMemVer CurMemVer CreateTime "
    "StrategyId ExpireTime ExpireQuotaNum AgentID".split()
)


def render(event: Event, *, corp_id: str, at: int) -> str:
    """Write the decrypted form of an event."""
    head: list[tuple[str, Element]] = [
        ("ToUserName", corp_id),
        *((("FromUserName", event.sender),) if event.sender else ()),
        ("CreateTime", at),
        ("MsgType", "event"),
    ]
    return "<xml>" + "".join(_element(name, value) for name, value in [*head, *event.body]) + "</xml>"


def _element(name: str, value: Element) -> str:
    if isinstance(value, list):
        inner = "".join(f"<Item>{escape(item)}</Item>" for item in value)
    elif isinstance(value, tuple):
        inner = "".join(_element(*one) for one in value)
    elif name in _PLAIN or isinstance(value, int):
        inner = escape(str(value))
    else:
        inner = "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return f"<{name}>{inner}</{name}>"


def archive_event(agentid: int) -> Event:
    """Tell the archive's own app that there is something to fetch."""
    return Event("archive", (("AgentID", agentid), ("Event", "msgaudit_notify")))


def contact_event(change: str, userid: str, external_userid: str, extra: Mapping[str, str] | None = None) -> Event:
    """Tell about a relation; empty extras (State, WelcomeCode) are left out, as WeCom does."""
    more = [(name, value) for name, value in (extra or {}).items() if value]
    body: list[tuple[str, Element]] = [
        ("Event", "change_external_contact"),
        ("ChangeType", change),
        ("UserID", userid),
        ("ExternalUserID", external_userid),
        *more,
    ]
    return Event(external_userid, tuple(body))


def chat_event(change: str, chat_id: str) -> Event:
    """Tell that a group came or went."""
    return Event(chat_id, (("Event", "change_external_chat"), ("ChatId", chat_id), ("ChangeType", change)))


@dataclass(frozen=True)
class MemberChange:
    """A step in a group's member list; the scenes are the events' enumeration (0 invited or left, 3 QR, 1 removed)."""

    detail: str
    members: tuple[str, ...]
    join_scene: int
    quit_scene: int
    before: str
    after: str


def member_event(chat_id: str, change: MemberChange) -> Event:
    """Tell who came or went, with the version chain."""
    head = chat_event("update", chat_id)
    body: tuple[tuple[str, Element], ...] = (
        ("UpdateDetail", change.detail),
        ("JoinScene", change.join_scene),
        ("QuitScene", change.quit_scene),
        ("MemChangeCnt", len(change.members)),
        ("MemChangeList", list(change.members)),
        ("LastMemVer", change.before),
        ("CurMemVer", change.after),
    )
    return Event(chat_id, head.body + body)


def group_event(chat_id: str, detail: str) -> Event:
    """Tell that a group's owner, name or notice is another: change_owner, change_name or change_notice."""
    return Event(chat_id, (*chat_event("update", chat_id).body, ("UpdateDetail", detail)))


def staff_event(change: str, about: str, body: Mapping[str, str | int]) -> Event:
    """Tell about a member, a department or a staff tag; ids only, as callbacks are since 2022 (wire.md B)."""
    return Event(about, (("Event", "change_contact"), ("ChangeType", change), *body.items()))


def upload_event(jobid: str) -> Event:
    """Tell that an upload by URL is at its end, well or not."""
    return Event(jobid, (("Event", "upload_media_job_finish"), ("JobId", jobid)))


def tag_events(change: str, tag_type: str, ids: Iterable[str], strategy_id: int = 0) -> list[Event]:
    """Tell about tags or tag groups (`tag_type` is tag or tag_group), of the corp or of a rule group."""
    strategy: tuple[tuple[str, Element], ...] = (("StrategyId", strategy_id),) if strategy_id else ()
    return [
        Event(
            one,
            (("Event", "change_external_tag"), ("Id", one), ("TagType", tag_type), ("ChangeType", change), *strategy),
        )
        for one in ids
    ]


def shuffle_event(group_id: str, strategy_id: int) -> Event:
    """Tell that the tags of a group were sorted, or the groups (no `group_id`)."""
    where = [(name, value) for name, value in (("Id", group_id), ("StrategyId", strategy_id)) if value]
    return Event(group_id or "groups", (("Event", "change_external_tag"), *where, ("ChangeType", "shuffle")))


def acquisition_event(change: str, extra: Mapping[str, str | int], about: str = "") -> Event:
    """Tell about acquisition links: the quota, a link, or somebody who came by one (`about`)."""
    return Event(
        about or str(extra.get("LinkId") or "quota"),
        (("Event", "customer_acquisition"), ("ChangeType", change), *extra.items()),
    )


def kf_event(token: str, open_kfid: str) -> Event:
    """Tell that a kf account has something to fetch with this token (wire.md H)."""
    return Event(open_kfid, (("Event", "kf_msg_or_event"), ("Token", token), ("OpenKfId", open_kfid)), sender=None)


@dataclass(frozen=True)
class Press:
    """A member's press on a template card; `chosen` is the options by question."""

    userid: str
    agentid: int
    key: str
    task_id: str
    card_type: str
    response_code: str
    chosen: Mapping[str, Iterable[str]]


def card_event(press: Press) -> Event:
    """Tell an app of a press on its card; FromUserName is the member."""
    items: tuple[tuple[str, Element], ...] = tuple(
        (
            "SelectedItem",
            (("QuestionKey", question), ("OptionIds", tuple(("OptionId", option) for option in options))),
        )
        for question, options in press.chosen.items()
    )
    body: tuple[tuple[str, Element], ...] = (
        ("Event", "template_card_event"),
        ("EventKey", press.key),
        ("TaskId", press.task_id),
        ("CardType", press.card_type),
        ("ResponseCode", press.response_code),
        ("AgentID", press.agentid),
        *((("SelectedItems", items),) if items else ()),
    )
    return Event(press.userid, body, sender=press.userid)
