"""Creating, reminding and cancelling mass messages (wire.md C.7): tasks that staff must confirm."""

import time
from dataclasses import dataclass

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Follow, Json, MassItem, MassSender, MassTask
from wecom_sandbox.wire.call import Call, texts_in
from wecom_sandbox.wire.content import read_content


@dataclass(frozen=True)
class Audience:
    """Who will send to whom, and the ids that cannot be reached."""

    by_sender: dict[str, list[str]]
    failed: list[str]


def add(call: Call) -> Json:
    """Answer add_msg_template; it has no idempotency key, so that two calls are two tasks."""
    chat_type = call.text("chat_type") or "single"
    if chat_type not in ("single", "group"):
        raise WireError(40058)
    text, attachments = read_content(call)
    audience = _groups(call) if chat_type == "group" else _customers(call)
    if not audience.by_sender:
        raise WireError(41048)
    task = MassTask(
        seq=call.corp.next_seq(),
        msgid=call.corp.new_id("msg"),
        agentid=call.app.agentid,
        chat_type=chat_type,
        create_time=call.world.now(),
        text=text,
        attachments=attachments,
        senders={
            userid: MassSender(userid, [MassItem(target) for target in targets])
            for userid, targets in audience.by_sender.items()
        },
    )
    call.corp.add_mass_task(task)
    if call.world.tunables.dispatch_s > 0:
        call.world.dispatching[task.msgid] = time.monotonic() + call.world.tunables.dispatch_s
    return {"fail_list": audience.failed, "msgid": task.msgid}


def remind(call: Call) -> Json:
    """Answer remind_groupmsg_send: three within 24 hours."""
    task = find_task(call)
    _refuse_cancelled(task)
    now = call.world.now()
    task.reminders = [at for at in task.reminders if at > now - call.world.tunables.reminders_within_s]
    if len(task.reminders) >= call.world.tunables.reminders_most:
        raise WireError(41094)
    task.reminders.append(now)
    return {}


def cancel(call: Call) -> Json:
    """Answer cancel_groupmsg_send: what is not sent yet never will be."""
    task = find_task(call)
    _refuse_cancelled(task)
    task.cancelled = True
    return {}


def find_task(call: Call) -> MassTask:
    """Find the task that msgid names."""
    task = call.corp.mass_tasks.get(call.text("msgid", missing=41046))
    if task is None:
        raise WireError(41047)
    return task


def _refuse_cancelled(task: MassTask) -> None:
    if task.cancelled:
        raise WireError(41093)


def _sender(call: Call) -> str:
    sender = call.text("sender")
    if sender and sender not in call.corp.users:
        raise WireError(60111)
    call.need_sight([sender])
    return sender


def _groups(call: Call) -> Audience:
    sender = _sender(call)
    if not sender:
        raise WireError(40058, "sender is required for chat_type group")
    named = list(dict.fromkeys(call.texts("chat_id_list", most=call.world.tunables.mass_groups_most)))
    owned = {group.chat_id for group in call.corp.group_list if group.owner == sender}
    failed = [chat_id for chat_id in named if chat_id not in owned]
    targets = [chat_id for chat_id in named if chat_id in owned] if named else list(owned)
    return Audience({sender: sorted(targets)} if targets else {}, failed)


def _customers(call: Call) -> Audience:
    sender = _sender(call)
    named = list(dict.fromkeys(call.texts("external_userid", most=call.world.tunables.mass_customers_most)))
    # The filter counts only when nobody is named.
    tags = [] if named else _tag_filter(call)
    if not sender and not named and not tags:
        raise WireError(40058)
    reach = _Reach(call, sender)
    candidates = named or reach.everyone()
    by_sender: dict[str, list[str]] = {}
    failed: list[str] = []
    for external_userid in candidates:
        follow = reach.carrier(external_userid)
        if follow is None:
            failed.append(external_userid)
        elif all(choice.intersection(follow.tags) for choice in tags):
            by_sender.setdefault(follow.userid, []).append(external_userid)
    return Audience(by_sender, failed if named else [])


def _tag_filter(call: Call) -> list[set[str]]:
    rows = call.nested("tag_filter").get("group_list") or []
    choices: list[set[str]] = []
    for row in rows if isinstance(rows, list) else []:
        chosen = texts_in(row, "tag_list", most=call.world.tunables.mass_tags_most) if isinstance(row, dict) else []
        if not chosen:
            raise WireError(40058)
        if any(tag not in call.corp.tags or call.corp.tags[tag].deleted for tag in chosen):
            raise WireError(40068)
        choices.append(set(chosen))
    return choices


@dataclass(frozen=True)
class _Reach:
    """Which member carries a message to a customer."""

    call: Call
    sender: str

    def everyone(self) -> list[str]:
        """List the customers of the sender, or of the corp."""
        corp = self.call.corp
        if self.sender:
            return [follow.external_userid for follow in corp.follows_of[self.sender]]
        see = self.call.sees
        return [one for one, found in corp.followers_of.items() if any(see(follow.userid) for follow in found)]

    def carrier(self, external_userid: str) -> Follow | None:
        """Pick the sender's relation, or the youngest: the member nearest to the last chat."""
        corp = self.call.corp
        if self.sender:
            return corp.follows.get((self.sender, external_userid))
        if external_userid not in corp.customers:
            return None
        followers = [follow for follow in corp.followers_of[external_userid] if self.call.sees(follow.userid)]
        return max(followers, key=lambda follow: (follow.createtime, follow.seq), default=None)
