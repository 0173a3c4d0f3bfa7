"""What an archived message carries, by its kind: the table of wire.md G.2, in WeCom's own names.

A value that may be absent is None then; `more` holds the fields that a later release of WeCom adds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Body:
    """Base of all bodies; `more` is what stands beside the known fields."""

    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Text(Body):
    """Words; what is quoted stands before them, as text."""

    content: str


@dataclass(frozen=True, kw_only=True)
class Image(Body):
    """A picture of `filesize` bytes."""

    md5sum: str
    filesize: int
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class Revoke(Body):
    """`pre_msgid` was taken back; its content is still there."""

    pre_msgid: str


@dataclass(frozen=True, kw_only=True)
class Agree(Body):
    """A customer agreed to the archive, at a time in milliseconds."""

    userid: str
    agree_time: int


@dataclass(frozen=True, kw_only=True)
class Disagree(Body):
    """A customer refused the archive, at a time in milliseconds."""

    userid: str
    disagree_time: int


@dataclass(frozen=True, kw_only=True)
class Voice(Body):
    """AMR; `voice_size` in bytes, `play_length` in seconds."""

    md5sum: str
    voice_size: int
    play_length: int
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class Video(Body):
    """`filesize` in bytes, `play_length` in seconds."""

    md5sum: str
    filesize: int
    play_length: int
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class Card(Body):
    """A person's card."""

    corpname: str
    userid: str


@dataclass(frozen=True, kw_only=True)
class Location(Body):
    """A place on a map."""

    longitude: float
    latitude: float
    address: str
    title: str
    zoom: int


@dataclass(frozen=True, kw_only=True)
class Emotion(Body):
    """A sticker: `type` 1 gif, 2 png; `imagesize` in bytes."""

    type: int
    width: int
    height: int
    imagesize: int
    md5sum: str
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class File(Body):
    """A file of `filesize` bytes."""

    md5sum: str
    filename: str
    fileext: str
    filesize: int
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class Link(Body):
    """A link with its card."""

    title: str
    description: str
    link_url: str
    image_url: str


@dataclass(frozen=True, kw_only=True)
class Weapp(Body):
    """A mini-program's card."""

    title: str
    description: str
    username: str
    displayname: str
    appid: str | None = None
    pagepath: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecordItem(Body):
    """One message of a forwarded record: `msgtime` in seconds (not milliseconds), `content` JSON as a text."""

    type: str
    msgtime: int
    content: str
    from_chatroom: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ChatRecord(Body):
    """Messages forwarded together."""

    title: str
    item: tuple[RecordItem, ...]


@dataclass(frozen=True, kw_only=True)
class Todo(Body):
    """A thing to be done."""

    title: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Vote(Body):
    """`votetype` 101 begins a vote (it has items), 102 takes part in one."""

    votetitle: str
    votetype: int
    voteid: str
    voteitem: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class CollectDetail(Body):
    """A question of a form: `type` Text, Number, Date or Time."""

    id: int
    ques: str
    type: str


@dataclass(frozen=True, kw_only=True)
class Collect(Body):
    """A form; `create_time` is a local time as text."""

    room_name: str
    creator: str
    create_time: str
    title: str
    details: tuple[CollectDetail, ...]


@dataclass(frozen=True, kw_only=True)
class RedPacket(Body):
    """`totalamount` in fen; both kinds of red packets have this body under the same key."""

    type: int
    wish: str
    totalcnt: int
    totalamount: int


@dataclass(frozen=True, kw_only=True)
class Meeting(Body):
    """`starttime` and `endtime` are unix seconds."""

    topic: str
    starttime: int
    endtime: int
    address: str
    remarks: str
    meetingid: int
    meetingtype: int | None = None
    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class MeetingNotification(Body):
    """A meeting began, ended, was missed …"""

    content: str
    meeting_id: int
    notification_type: int


@dataclass(frozen=True, kw_only=True)
class Document(Body):
    """An online document."""

    title: str
    link_url: str
    doc_creator: str


@dataclass(frozen=True, kw_only=True)
class Markdown(Body):
    """Words of an app or a robot."""

    content: str


@dataclass(frozen=True, kw_only=True)
class Article(Body):
    """One article of a news message."""

    title: str
    description: str
    url: str
    picurl: str


@dataclass(frozen=True, kw_only=True)
class News(Body):
    """Articles of an app or a robot."""

    item: tuple[Article, ...]


@dataclass(frozen=True, kw_only=True)
class Calendar(Body):
    """An appointment; times are unix seconds."""

    title: str
    creatorname: str
    attendeename: tuple[str, ...]
    starttime: int
    endtime: int
    place: str
    remarks: str


@dataclass(frozen=True, kw_only=True)
class MixedItem(Body):
    """One part: `content` is the body of its type, JSON as a text."""

    type: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Mixed(Body):
    """Words and pictures in one message."""

    item: tuple[MixedItem, ...]


@dataclass(frozen=True, kw_only=True)
class DemoFile(Body):
    """A document that was shown in a call."""

    filename: str
    demooperator: str
    starttime: int
    endtime: int


@dataclass(frozen=True, kw_only=True)
class ScreenShare(Body):
    """A screen that was shown in a call."""

    share: str
    starttime: int
    endtime: int


@dataclass(frozen=True, kw_only=True)
class VoiceCall(Body):
    """A recorded call; its id stands beside the body."""

    endtime: int
    sdkfileid: str
    demofiledata: tuple[DemoFile, ...] | None = None
    sharescreendata: tuple[ScreenShare, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class VoipDocument(Body):
    """A document of a call; the call's id stands beside the body."""

    filename: str
    md5sum: str
    filesize: int
    sdkfileid: str


@dataclass(frozen=True, kw_only=True)
class ChannelFeed(Body):
    """A 视频号 post: `feed_type` 2 picture, 4 video, 9 live show."""

    feed_type: int
    sph_name: str
    feed_desc: str


@dataclass(frozen=True, kw_only=True)
class VoipText(Body):
    """That there was a call: `callduration` in seconds, `invitetype` 1 or 2 (one, several)."""

    callduration: int
    invitetype: int


@dataclass(frozen=True, kw_only=True)
class DiskFile(Body):
    """A file of WeDrive."""

    filename: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Solitaire(Body):
    """接龙, as it stands after this entry."""

    solitaire_type: int
    solitaire_content: str


@dataclass(frozen=True, kw_only=True)
class NoteItem(Body):
    """One part of a note."""

    msg_type: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Note(Body):
    """A note of several parts."""

    items: tuple[NoteItem, ...]


@dataclass(frozen=True, kw_only=True)
class Switch(Body):
    """A member went over to another of their companies; nothing but the head."""


@dataclass(frozen=True, kw_only=True)
class Unknown(Body):
    """A kind that this release does not know, or one whose shape is not the known one: all of it is in `more`."""
