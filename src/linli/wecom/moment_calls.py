"""Moments (客户朋友圈): a job makes the task, staff confirm it, and results are read per staff member (wire.md C.9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from linli.wecom import limits
from linli.wecom.errors import BadValue, EmptyMessage, WrongMix
from linli.wecom.fields import Fields
from linli.wecom.transport import Lane, Transport

_TEXT_CHARACTERS = 2000
_IMAGES = 9
_SENDERS = 100_000
_LINK_TITLE = 64
_LINK_URL = 2048
_JOB = 64
_LIST_PAGE = 20
_LIST_SPAN_S = 30 * 86_400
_TASK_PAGE = 1000
_RESULT_PAGE = 5000

ALL, CORP, PERSONAL = 2, 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentLink:
    """A web page: title up to 64 bytes, URL 2048; the cover comes from `upload_attachment`."""

    url: str
    title: str = ""
    media_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentSpec:
    """A moment: text up to 2000 characters and 4000 bytes, and up to 9 images, or a video, or a link.

    The media ids come from `upload_attachment(Use.MOMENT)`. `senders` (100,000) and `departments` say who publishes,
    all staff where both are empty; `tags` (corp tags) which customers may see it, all where empty.
    """

    text: str = ""
    images: tuple[str, ...] = ()
    video: str = ""
    link: MomentLink | None = None
    senders: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


class MomentJobStatus(IntEnum):
    """How far the making of a moment is."""

    STARTED = 1
    RUNNING = 2
    DONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentJob:
    """The job that makes a moment; all but `status` means something only once it is DONE.

    `errcode` other than 0: there is no moment. The invalid ones were left out.
    """

    status: MomentJobStatus
    errcode: int
    errmsg: str
    moment_id: str | None
    invalid_users: tuple[str, ...]
    invalid_departments: tuple[int, ...]
    invalid_tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MomentVideo:
    """A video of a published moment and its cover."""

    media_id: str
    thumb_media_id: str


@dataclass(frozen=True, slots=True)
class Location:
    """Where a moment was written; WeCom gives the coordinates as texts."""

    latitude: str
    longitude: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment in WeCom's list; made by the API it has no `creator`; `create_type` 0 corp, 1 personal.

    `public` tells that all customers of the author may see it.
    """

    moment_id: str
    creator: str | None
    created_at: int
    create_type: int
    public: bool
    text: str
    images: tuple[str, ...]
    video: MomentVideo | None
    link: MomentLink | None
    location: Location | None


@dataclass(frozen=True, slots=True)
class MomentTask:
    """One staff member's part of a corp moment."""

    userid: str
    published: bool


@dataclass(frozen=True, slots=True)
class MomentCustomer:
    """A customer whom a staff member let see the moment."""

    userid: str
    external_userid: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """A like or a comment, by a customer or a staff member; what a comment says is not told."""

    external_userid: str | None
    userid: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Reactions:
    """The comments and likes that one staff member's copy of a moment got."""

    comments: tuple[Reaction, ...]
    likes: tuple[Reaction, ...]


class MomentCalls(Transport):
    """Calls about moments."""

    def add_moment(self, spec: MomentSpec, *, lane: Lane | None = None) -> str:
        """Start the making of a moment, 10 a minute and 100,000 a month; returns the job (24 hours).

        After OutcomeUnknown look it up in `moments` of the last minutes by its text, never repeat. Raises ApiError
        41210 above the month's cap, RateLimited above the minute's.
        """
        _check(spec)
        return self._write("externalcontact/add_moment_task", _body(spec), lane=lane).must("jobid")

    def moment_job(self, jobid: str, *, lane: Lane | None = None) -> MomentJob:
        """Return how far a job is."""
        limits.need("jobid", jobid)
        limits.within_bytes("jobid", jobid, _JOB)
        answer = self._get("externalcontact/get_moment_task_result", {"jobid": jobid}, lane=lane)
        nothing = Fields({}, "externalcontact/get_moment_task_result")
        result = answer.maybe_child("result") or nothing
        senders = result.maybe_child("invalid_sender_list") or nothing
        customers = result.maybe_child("invalid_external_contact_list") or nothing
        return MomentJob(
            status=answer.one_of("status", MomentJobStatus),
            errcode=result.number("errcode"),
            errmsg=result.text("errmsg"),
            moment_id=result.maybe("moment_id"),
            invalid_users=senders.texts("user_list"),
            invalid_departments=senders.numbers("department_list"),
            invalid_tags=customers.texts("tag_list"),
        )

    def cancel_moment(self, moment_id: str, *, lane: Lane | None = None) -> None:
        """Stop what is not published yet; after OutcomeUnknown it may be called again, TaskCancelled means done."""
        limits.need("moment_id", moment_id)
        self._write("externalcontact/cancel_moment_task", {"moment_id": moment_id}, lane=lane)

    def moments(
        self,
        start: int,
        end: int,
        *,
        creator: str | None = None,
        filter_type: int = ALL,
        limit: int = _LIST_PAGE,
        lane: Lane | None = None,
    ) -> Iterator[Moment]:
        """Yield the moments made between two unix times (both left out), 30 days at most; CORP, PERSONAL or ALL."""
        if end - start > _LIST_SPAN_S:
            raise BadValue("end_time", "一次最多查询 30 天", "one call covers 30 days at most")
        body: dict[str, object] = {
            "start_time": start,
            "end_time": end,
            **({"creator": creator} if creator else {}),
            "filter_type": filter_type,
            "limit": limit,
        }
        for page in self._pages("externalcontact/get_moment_list", body, rows="moment_list", lane=lane):
            yield from page.children("moment_list", _moment)

    def moment_tasks(
        self, moment_id: str, *, limit: int = _TASK_PAGE, lane: Lane | None = None
    ) -> Iterator[MomentTask]:
        """Yield each staff member's state of a corp moment; raises StillDispatching right after it was made."""
        body = {"moment_id": moment_id, "limit": limit}
        for page in self._pages("externalcontact/get_moment_task", body, rows="task_list", lane=lane):
            yield from page.children("task_list", lambda x: MomentTask(x.must("userid"), x.flag("publish_status")))

    def moment_customers(
        self, moment_id: str, userid: str, *, limit: int = _TASK_PAGE, lane: Lane | None = None
    ) -> Iterator[MomentCustomer]:
        """Yield the customers whom a staff member chose; raises ApiError 41062 before it is published."""
        body = {"moment_id": moment_id, "userid": userid, "limit": limit}
        for page in self._pages("externalcontact/get_moment_customer_list", body, rows="customer_list", lane=lane):
            yield from page.children("customer_list", _customer)

    def moment_results(
        self, moment_id: str, userid: str, *, limit: int = _RESULT_PAGE, lane: Lane | None = None
    ) -> Iterator[str]:
        """Yield the customers who can really see a staff member's copy."""
        body = {"moment_id": moment_id, "userid": userid, "limit": limit}
        for page in self._pages("externalcontact/get_moment_send_result", body, rows="customer_list", lane=lane):
            yield from page.children("customer_list", lambda x: x.must("external_userid").strip())

    def moment_reactions(self, moment_id: str, userid: str, *, lane: Lane | None = None) -> Reactions:
        """Return the likes and comments of a staff member's copy."""
        body = {"moment_id": moment_id, "userid": userid}
        answer = self._query("externalcontact/get_moment_comments", body, lane=lane)
        answer.listed("comment_list").listed("like_list")
        return Reactions(answer.children("comment_list", _reaction), answer.children("like_list", _reaction))


def _check(spec: MomentSpec) -> None:
    if not (spec.text or spec.images or spec.video or spec.link):
        raise EmptyMessage
    limits.within_characters("text.content", spec.text, _TEXT_CHARACTERS)
    limits.within_bytes("text.content", spec.text, limits.TEXT_BYTES)
    limits.at_most("attachments", spec.images, _IMAGES)
    limits.at_most("user_list", spec.senders, _SENDERS)
    if sum(map(bool, (spec.images, spec.video, spec.link))) > 1:
        raise WrongMix("attachments", "图片、视频、链接只能选一种", "images, a video or a link: one kind only")
    if spec.link:
        limits.need("link.url", spec.link.url)
        limits.need("link.media_id", spec.link.media_id)
        limits.within_bytes("link.title", spec.link.title, _LINK_TITLE)
        limits.within_bytes("link.url", spec.link.url, _LINK_URL)


def _body(spec: MomentSpec) -> dict[str, object]:
    attachments: list[dict[str, object]] = [{"msgtype": "image", "image": {"media_id": one}} for one in spec.images]
    if spec.video:
        attachments.append({"msgtype": "video", "video": {"media_id": spec.video}})
    if spec.link:
        title = {"title": spec.link.title} if spec.link.title else {}
        link = {**title, "url": spec.link.url, "media_id": spec.link.media_id}
        attachments.append({"msgtype": "link", "link": link})
    senders = _filled(user_list=spec.senders, department_list=spec.departments)
    customers = _filled(tag_list=spec.tags)
    visible = _filled(sender_list=senders, external_contact_list=customers)
    text = {"content": spec.text} if spec.text else {}
    return _filled(text=text, attachments=attachments, visible_range=visible)


def _filled(**values: object) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


def _moment(x: Fields) -> Moment:
    text, video, link, place = (x.maybe_child(name) for name in ("text", "video", "link", "location"))
    return Moment(
        moment_id=x.must("moment_id"),
        creator=x.maybe("creator"),
        created_at=x.number("create_time"),
        create_type=x.number("create_type"),
        public=x.flag("visible_type"),
        text=text.text("content") if text else "",
        images=x.children("image", lambda image: image.must("media_id")),
        video=MomentVideo(video.text("media_id"), video.text("thumb_media_id")) if video else None,
        link=MomentLink(title=link.text("title"), url=link.text("url")) if link else None,
        location=Location(*(place.text(name) for name in ("latitude", "longitude", "name"))) if place else None,
    )


def _customer(x: Fields) -> MomentCustomer:
    # WeCom's own sample has a blank behind the id.
    return MomentCustomer(x.must("userid"), x.must("external_userid").strip())


def _reaction(x: Fields) -> Reaction:
    return Reaction(x.maybe("external_userid"), x.maybe("userid"), x.number("create_time"))
