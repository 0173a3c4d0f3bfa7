"""Every kind of act, and the one place that performs it."""

from collections.abc import Callable

from wecom_sandbox.errors import ControlError, WireError
from wecom_sandbox.humans import confirming, console, relations, rooms, speaking, visiting
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
    "staff_writes": speaking.staff_writes,
    "customer_writes": speaking.customer_writes,
    "opens_link": visiting.opens_link,
    "link_fails": visiting.link_fails,
    "admin_deletes_link": visiting.admin_deletes_link,
    "admin_buys_quota": visiting.admin_buys_quota,
    "create_group": rooms.create_group,
    "dismiss_group": rooms.dismiss_group,
    "confirm": confirming.confirm,
    "admin_creates_tags": console.admin_creates_tags,
    "admin_edits_tag": console.admin_edits_tag,
    "admin_deletes_tag": console.admin_deletes_tag,
    "admin_sorts_tags": console.admin_sorts_tags,
}


def perform(world: World, wishes: object) -> Json:
    """Let somebody do something; refusals are ControlErrors."""
    if not isinstance(wishes, dict):
        raise ControlError(400, "an act is an object")
    act = ACTS.get(str(wishes.get("kind")))
    if act is None:
        raise ControlError(400, f"unknown kind {wishes.get('kind')!r}; known: {', '.join(ACTS)}")
    world.catch_up()
    try:
        return act(Script(world, world.the_corp(wishes.get("corp_id")), wishes))
    except WireError as error:
        # The client would refuse what the API refuses: an unknown tag, a name taken.
        raise ControlError(400, error.text) from error
