"""Members and customers who write to each other."""

from wecom_sandbox import linking
from wecom_sandbox.humans.script import Script
from wecom_sandbox.interception import BLOCK, Outgoing, verdict
from wecom_sandbox.records import Json, Message


def staff_writes(script: Script) -> Json:
    """A member writes `text` to a customer, or sends a red packet; an intercept rule warns, or stops it."""
    follow = script.follow()
    words = script.text("text", default="")
    broken = verdict(script.corp, Outgoing(follow.userid, words, script.wishes.get("red_packet") is True))
    if broken is None or broken.intercept_type != BLOCK:
        message = Message("chat", follow.userid, script.world.now(), {"content": words}, [])
        script.corp.show(message, [follow.external_userid])
    return {"intercepted": {"rule_id": broken.rule_id, "type": broken.intercept_type}} if broken else {}


def customer_writes(script: Script) -> Json:
    """A customer writes to a member."""
    linking.customer_wrote(script.world, script.corp, script.follow())
    return {}
