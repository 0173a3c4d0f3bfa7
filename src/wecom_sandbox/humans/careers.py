"""Members who leave or stay away, and customers who do not want the colleague they are handed to."""

from wecom_sandbox import handing
from wecom_sandbox.annals import DAY
from wecom_sandbox.callbacks.events import staff_event
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import WAITING, Json


def staff_leaves(script: Script) -> Json:
    """A member leaves the corp: their customers wait for others, their groups have an owner who left."""
    user = script.corp.users[script.staff()]
    handing.resign(script.world, script.corp, user)
    script.emit(staff_event("delete_user", user.userid, {"UserID": user.userid}))
    waiting = sum(userid == user.userid for userid, _ in script.corp.unassigned)
    groups = sum(group.owner == user.userid for group in script.corp.group_list)
    return {"userid": user.userid, "customers": waiting, "groups": groups}


def staff_stays_away(script: Script) -> Json:
    """A member has not logged in for `days`, until they do something again."""
    user = script.corp.users[script.staff()]
    days = script.wishes.get("days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise ControlError(400, "days is a whole number")
    user.away_since = script.world.now() - days * DAY
    return {"away_since": user.away_since}


def customer_refuses_transfer(script: Script) -> Json:
    """The customer refuses the colleague (`userid`, or whoever it is) to whom they are being handed."""
    customer = script.customer()
    takeover = script.text("userid", default="")
    for transfer in script.corp.transfers_of[customer.external_userid]:
        if transfer.status == WAITING and takeover in ("", transfer.takeover):
            handing.refuse(script.world, script.corp, transfer)
            return {"userid": transfer.takeover, "handover_userid": transfer.handover}
    raise ControlError(409, "no hand-over of this customer is under way")
