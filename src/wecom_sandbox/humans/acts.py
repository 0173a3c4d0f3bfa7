"""Every kind of act, and the one place that performs it."""

from collections.abc import Callable

from wecom_sandbox.errors import ControlError, WireError
from wecom_sandbox.humans import archiving, confirming, console, pressing, relations, rooms, serving
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import Json
from wecom_sandbox.world import World

ACTS: dict[str, Callable[[Script], Json]] = {
    "scan": relations.scan,
    "join": rooms.join,
    "invite": rooms.invite,
    "leave": rooms.leave,
    "kick": rooms.kick,
    "customer_deletes": relations.customer_deletes,
    "staff_deletes": relations.staff_deletes,
    "staff_tags": relations.staff_tags,
    "staff_remarks": relations.staff_remarks,
    "create_group": rooms.create_group,
    "dismiss_group": rooms.dismiss_group,
    "confirm": confirming.confirm,
    "press_card": pressing.press_card,
    "admin_sets_archive": archiving.admin_sets_archive,
    "agree_to_archive": archiving.agree_to_archive,
    "refuse_archive": archiving.refuse_archive,
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
}


def perform(world: World, wishes: object) -> Json:
    """Let somebody do something; refusals are ControlErrors."""
    if not isinstance(wishes, dict):
        raise ControlError(400, "an act is an object")
    act = ACTS.get(str(wishes.get("kind")))
    if act is None:
        raise ControlError(400, f"unknown kind {wishes.get('kind')!r}; known: {', '.join(ACTS)}")
    try:
        return act(Script(world, world.the_corp(wishes.get("corp_id")), wishes))
    except WireError as error:
        # The client would refuse what the API refuses: an unknown tag, a name taken.
        raise ControlError(400, error.text) from error
