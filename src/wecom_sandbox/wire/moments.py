"""Making and stopping moments (wire.md C.9): a job makes the task, then members confirm it or do not."""

from dataclasses import dataclass

from wecom_sandbox.clock import month_start
from wecom_sandbox.errors import TEXTS, WireError
from wecom_sandbox.library import MOMENT, MediaFile
from wecom_sandbox.mediaprobe import Probe
from wecom_sandbox.moments import Copy, Moment, MomentJob
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call, texts_in
from wecom_sandbox.wire.media_use import Incoming, hang, keep, picture_url, store, usable

STARTED, RUNNING, DONE = 1, 2, 3
# One grey pixel stands for a video's cover.
COVER = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


@dataclass(frozen=True)
class Range:
    """Who publishes and who may see, and what was named in vain."""

    senders: list[str]
    tags: list[str]
    invalid_users: list[str]
    invalid_departments: list[int]
    invalid_tags: list[str]
    errcode: int


def add(call: Call) -> Json:
    """Answer add_moment_task: what is wrong with the content shows at once, with the range in the job's result."""
    world, book = call.world, call.corp.moments
    if not world.tunables.moments_enabled:
        raise WireError(41211)
    now = world.clock.time()
    since = month_start(int(now))
    if sum(job.created_at >= since for job in book.jobs.values()) >= world.tunables.moments_per_month:
        raise WireError(41210)
    if sum(job.done_at > now for job in book.jobs.values()) >= world.tunables.moment_jobs_most:
        raise WireError(41078)
    text = _text(call)
    files, link = _attachments(call)
    if not (text or files or link):
        raise WireError(41089)
    reach = _range(call)
    done_at = now + world.tunables.moment_job_s
    moment = None
    if not reach.errcode:
        moment = Moment(
            seq=call.corp.next_seq(),
            moment_id=call.corp.new_id("mom"),
            creator="",
            agentid=call.app.agentid,
            create_time=int(done_at),
            readable_at=done_at + world.tunables.dispatch_s,
            text=text,
            shown=shown(call, files, link),
            attachments=seen_as(call, files, link),
            tags=reach.tags,
            copies={userid: Copy(userid) for userid in reach.senders},
        )
        book.add(moment)
    job = MomentJob(
        jobid=call.corp.new_id("job"),
        created_at=now,
        done_at=done_at,
        moment_id=moment.moment_id if moment else "",
        errcode=reach.errcode,
        invalid_users=reach.invalid_users,
        invalid_departments=reach.invalid_departments,
        invalid_tags=reach.invalid_tags,
    )
    book.jobs[job.jobid] = job
    return {"jobid": job.jobid}


def get_result(call: Call) -> Json:
    """Answer get_moment_task_result; before the end the result holds nothing."""
    job = call.corp.moments.jobs.get(call.text("jobid", missing=40058))
    now = call.world.clock.time()
    if job is None or job.created_at + call.world.tunables.moment_job_life_s <= now:
        raise WireError(40058, "invalid jobid")
    done = now >= job.done_at
    status = DONE if done else STARTED if now < (job.created_at + job.done_at) / 2 else RUNNING
    errcode = job.errcode if done else 0
    result: Json = {
        "errcode": errcode,
        "errmsg": TEXTS[errcode] if errcode else "ok",
        "moment_id": job.moment_id if done else "",
        "invalid_sender_list": {
            "user_list": job.invalid_users if done else [],
            "department_list": job.invalid_departments if done else [],
        },
        "invalid_external_contact_list": {"tag_list": job.invalid_tags if done else []},
    }
    return {"status": status, "type": "add_moment_task", "result": result}


def cancel(call: Call) -> Json:
    """Answer cancel_moment_task: what is not published yet never will be."""
    moment = find_moment(call)
    if moment.creator:
        raise WireError(41067)
    if moment.cancelled:
        raise WireError(41093)
    moment.cancelled = True
    return {}


def find_moment(call: Call) -> Moment:
    """Find the moment that moment_id names, once its job is done."""
    moment = call.corp.moments.moments.get(call.text("moment_id", missing=41059))
    if moment is None or moment.deleted or moment.create_time > call.world.clock.time():
        raise WireError(41060)
    return moment


def shown(call: Call, files: list[MediaFile], link: Json) -> Json:
    """Write the parts of a moment as get_moment_list gives them, with ids that do not end."""
    if link:
        return {"link": {"title": link.get("title", ""), "url": link["url"]}}
    if files and files[0].kind == "video":
        cover = store(call, Incoming("image", MOMENT, "cover.png", COVER, Probe("image", "image/png")))
        return {"video": {"media_id": keep(call.corp, files[0]), "thumb_media_id": keep(call.corp, cover)}}
    return {"image": [{"media_id": keep(call.corp, file)} for file in files]} if files else {}


def seen_as(call: Call, files: list[MediaFile], link: Json) -> list[Json]:
    """Write the parts of a moment as customers see them."""
    if link:
        return [{"msgtype": "link", "link": link}]
    if files and files[0].kind == "video":
        return [{"msgtype": "video", "video": {"media_id": files[0].media_id}}]
    return [{"msgtype": "image", "image": {"pic_url": picture_url(call, hang(call, file))}} for file in files]


def _text(call: Call) -> Json:
    content = call.nested("text").get("content") or ""
    if not isinstance(content, str):
        raise WireError(40058, "text.content must be a string. Warning: wrong json format.")
    most = call.world.tunables
    if len(content) > most.moment_text_most_characters or len(content.encode()) > most.moment_text_most_bytes:
        raise WireError(45002, "invalid text size")
    return {"content": content} if content else {}


def _attachments(call: Call) -> tuple[list[MediaFile], Json]:
    """Read nine images, or one video, or one link."""
    rows = call.args.get("attachments") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WireError(40058, "attachments must be an array. Warning: wrong json format.")
    kinds = {row.get("msgtype") for row in rows}
    if len(kinds) > 1 or not kinds <= {"image", "video", "link"}:
        raise WireError(41065, "invalid attachments msgtype")
    kind = next(iter(kinds), None)
    if len(rows) > (call.world.tunables.moment_images_most if kind == "image" else 1):
        raise WireError(41064, "invalid attachments size")
    bodies = [row.get(kind) for row in rows]
    if not all(isinstance(body, dict) for body in bodies):
        raise WireError(41065, "invalid msg")
    if kind == "link":
        return [], _link(call, bodies[0])
    if kind == "video" and not bodies[0].get("media_id"):
        raise WireError(41090, "invalid msg")
    return [usable(call, body.get("media_id"), str(kind), MOMENT) for body in bodies], {}


def _link(call: Call, body: Json) -> Json:
    url, title = body.get("url"), body.get("title") or ""
    if not isinstance(url, str) or not url or not isinstance(title, str):
        raise WireError(41065, "invalid msg")
    most = call.world.tunables
    if len(url.encode()) > most.moment_link_most_bytes or len(title.encode()) > most.moment_title_most_bytes:
        raise WireError(45002)
    cover = usable(call, body.get("media_id"), "image", MOMENT)
    return {"title": title, "url": url, "media_id": cover.media_id}


def _range(call: Call) -> Range:
    corp = call.corp
    visible = call.nested("visible_range")
    senders = _object(visible, "sender_list")
    users = texts_in(senders, "user_list", most=call.world.tunables.moment_senders_most)
    departments = senders.get("department_list") or []
    if not isinstance(departments, list) or not all(type(one) is int for one in departments):
        raise WireError(40058, "department_list must be an array of numbers. Warning: wrong json format.")
    tags = texts_in(_object(visible, "external_contact_list"), "tag_list")
    good_tags = [tag for tag in tags if tag in corp.tags and not corp.tags[tag].deleted]
    seen = set(call.staff_seen())
    named = [userid for userid in users if userid in seen]
    inside = [user.userid for one in departments for user in corp.members_of(one, deep=True) if user.userid in seen]
    everybody = [] if users or departments else call.staff_seen()
    chosen = list(dict.fromkeys([*named, *inside, *everybody]))
    return Range(
        senders=chosen,
        tags=good_tags,
        invalid_users=[userid for userid in users if userid not in seen],
        invalid_departments=[one for one in departments if one not in corp.departments],
        invalid_tags=[tag for tag in tags if tag not in good_tags],
        # Nobody is left to publish, or it would show to everybody instead of to the few who were meant.
        errcode=40031 if not chosen else 40068 if tags and not good_tags else 0,
    )


def _object(args: Json, name: str) -> Json:
    value = args.get(name) or {}
    if not isinstance(value, dict):
        raise WireError(40058, f"{name} must be an object. Warning: wrong json format.")
    return value
