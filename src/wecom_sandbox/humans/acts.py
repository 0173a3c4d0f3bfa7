"""Every kind of act, and the one place that performs it."""

from collections.abc import Callable

from wecom_sandbox.errors import ControlError, WireError
from wecom_sandbox.humans import (
    apps,
    archiving,
    careers,
    chatting,
    confirming,
    console,
    posting,
    pressing,
    recording,
    relations,
    rooms,
    serving,
    staffing,
    talking,
    visiting,
)
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import Json
from wecom_sandbox.tap import ACT
from wecom_sandbox.world import World

ACTS: dict[str, Callable[[Script], Json]] = {
    "scan": relations.scan,
    "staff_accepts": relations.staff_accepts,
    "join": rooms.join,
    "invite": rooms.invite,
    "leave": rooms.leave,
    "kick": rooms.kick,
    "customer_deletes": relations.customer_deletes,
    "staff_deletes": relations.staff_deletes,
    "staff_tags": relations.staff_tags,
    "staff_remarks": relations.staff_remarks,
    "opens_link": visiting.opens_link,
    "link_fails": visiting.link_fails,
    "admin_deletes_link": visiting.admin_deletes_link,
    "admin_buys_quota": visiting.admin_buys_quota,
    "create_group": rooms.create_group,
    "dismiss_group": rooms.dismiss_group,
    "pick_group_welcome": rooms.pick_group_welcome,
    "confirm": confirming.confirm,
    "publish_moment": posting.publish_moment,
    "post_moment": posting.post_moment,
    "delete_moment": posting.delete_moment,
    "like_moment": posting.like_moment,
    "comment_moment": posting.comment_moment,
    "record_voice": recording.record_voice,
    "press_card": pressing.press_card,
    "admin_sets_archive": archiving.admin_sets_archive,
    "agree_to_archive": archiving.agree_to_archive,
    "refuse_archive": archiving.refuse_archive,
    "admin_sets_archive_key": chatting.admin_sets_archive_key,
    "takes_back": chatting.takes_back,
    "staff_switches": chatting.staff_switches,
    "create_inner_group": archiving.create_inner_group,
    "add_robot": archiving.add_robot,
    "kf_enter": serving.kf_enter,
    "kf_write": serving.kf_write,
    "kf_refuses": serving.kf_refuses,
    "kf_take": serving.kf_take,
    "kf_reply": serving.kf_reply,
    "kf_end": serving.kf_end,
    "kf_rest": serving.kf_rest,
    "admin_creates_tags": console.admin_creates_tags,
    "admin_edits_tag": console.admin_edits_tag,
    "admin_deletes_tag": console.admin_deletes_tag,
    "admin_sorts_tags": console.admin_sorts_tags,
    "owner_edits_group": rooms.owner_edits_group,
    "admin_sets_app": apps.admin_sets_app,
    "admin_adds_member": staffing.admin_adds_member,
    "admin_edits_member": staffing.admin_edits_member,
    "admin_adds_department": staffing.admin_adds_department,
    "admin_edits_department": staffing.admin_edits_department,
    "admin_deletes_department": staffing.admin_deletes_department,
    "admin_tags_members": staffing.admin_tags_members,
    "staff_leaves": careers.staff_leaves,
    "staff_stays_away": careers.staff_stays_away,
    "customer_refuses_transfer": careers.customer_refuses_transfer,
    "customer_writes": talking.customer_writes,
    "staff_writes": talking.staff_writes,
    "staff_applies": talking.staff_applies,
    "staff_meets": talking.staff_meets,
    "opens_mini_program": talking.opens_mini_program,
    "joins_meeting": talking.joins_meeting,
}
# Acts that a member does in the client, and the wish that names them: whoever does one has logged in.
_AT_WORK = {
    "confirm": "userid",
    "create_group": "owner",
    "staff_accepts": "userid",
    "staff_deletes": "userid",
    "staff_tags": "userid",
    "staff_remarks": "userid",
    "staff_writes": "userid",
    "staff_applies": "userid",
    "staff_meets": "userid",
    "press_card": "userid",
    "create_inner_group": "owner",
    "add_robot": "userid",
    "kf_take": "userid",
    "kf_reply": "userid",
    "kf_end": "userid",
    "kf_rest": "userid",
}


def perform(world: World, wishes: object) -> Json:
    """Let somebody do something; refusals are ControlErrors."""
    if not isinstance(wishes, dict):
        raise ControlError(400, "an act is an object")
    act = ACTS.get(str(wishes.get("kind")))
    if act is None:
        raise ControlError(400, f"unknown kind {wishes.get('kind')!r}; known: {', '.join(ACTS)}")
    world.catch_up()
    corp = world.the_corp(wishes.get("corp_id"))
    kind, at = str(wishes["kind"]), world.clock.time()
    try:
        done = act(Script(world, corp, wishes))
    except WireError as error:
        # The client would refuse what the API refuses: an unknown tag, a name taken.
        world.tap.note(at, ACT, kind, error.code, corp_id=corp.corp_id, said=wishes)
        raise ControlError(400, error.text) from error
    except ControlError as error:
        world.tap.note(at, ACT, kind, error.status, corp_id=corp.corp_id, said=wishes, answered={"error": error.error})
        raise
    world.tap.note(at, ACT, kind, corp_id=corp.corp_id, said=wishes, answered=done)
    worker = corp.users.get(str(wishes.get(_AT_WORK.get(str(wishes.get("kind")), ""))))
    if worker is not None:
        worker.away_since = 0
    return done
