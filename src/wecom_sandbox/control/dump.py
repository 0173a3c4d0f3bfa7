"""Looking into the world: the canonical dump, open tasks, counters and inboxes."""

from wecom_sandbox.callbacks.sender import Sender
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.records import Json, MassTask
from wecom_sandbox.world import World

CONFIRMED = 2


def state(corp: Corp) -> Json:
    """Give everything a mirror must agree with, sorted."""
    tags = [tag for tag in corp.tags.values() if not tag.deleted and not corp.group_of(tag).strategy_id]
    return {
        "customers": [
            {name: getattr(one, name) for name in ("external_userid", "name", "unionid", "type", "gender")}
            for one in sorted(corp.customers.values(), key=lambda one: one.external_userid)
        ],
        "follows": _follows(corp),
        "tags": [
            {
                "id": tag.id,
                "name": tag.name,
                "group_id": tag.group_id,
                "group_name": corp.tag_groups[tag.group_id].name,
                "order": tag.order,
            }
            for tag in sorted(tags, key=lambda tag: tag.id)
        ],
        "groups": [
            {"chat_id": group.chat_id, "name": group.name, "owner": group.owner}
            for group in sorted(corp.groups.values(), key=lambda group: group.chat_id)
        ],
        "members": _members(corp),
        # The customer has deleted the member, which the API does not reveal (wire.md A.3, 84061).
        "one_way": [
            {"userid": follow.userid, "external_userid": follow.external_userid}
            for _, follow in sorted(corp.follows.items())
            if follow.one_way
        ],
    }


def _follows(corp: Corp) -> list[Json]:
    names = ("userid", "external_userid", "createtime", "state", "add_way", "remark")
    return [
        {
            **{name: getattr(follow, name) for name in names},
            "tags": sorted(tag for tag in follow.tags if not corp.tags[tag].deleted),
        }
        for _, follow in sorted(corp.follows.items())
    ]


def _members(corp: Corp) -> list[Json]:
    names = ("userid", "type", "join_time", "join_scene", "state")
    return [
        {"chat_id": chat_id, **{name: getattr(member, name) for name in names}}
        for chat_id, group in sorted(corp.groups.items())
        for _, member in sorted(group.members.items())
    ]


def tasks(corp: Corp, status: str) -> list[Json]:
    """List mass tasks per (msgid, member): those that can still be confirmed, or all."""
    if status not in ("open", "all"):
        raise ControlError(400, "status is open or all")
    return [row for task in corp.mass_tasks.values() for row in _task(corp, task) if status == "all" or row["open"]]


def _task(corp: Corp, task: MassTask) -> list[Json]:
    return [
        {
            "msgid": task.msgid,
            "userid": sender.userid,
            "count": len(sender.items),
            "created": task.create_time,
            "chat_type": task.chat_type,
            "open": not task.cancelled and sender.status != CONFIRMED and sender.userid in corp.users,
        }
        for sender in task.senders.values()
    ]


def moments(corp: Corp, status: str) -> list[Json]:
    """List moments of the corp per (moment, member): those that can still be published, or all."""
    if status not in ("open", "all"):
        raise ControlError(400, "status is open or all")
    rows: list[Json] = [
        {
            "moment_id": moment.moment_id,
            "userid": copy.userid,
            "created": moment.create_time,
            "open": not moment.cancelled and not moment.deleted and not copy.published_at,
        }
        for moment in corp.moments
        if not moment.creator
        for copy in moment.copies.values()
    ]
    return [row for row in rows if status == "all" or row["open"]]


def counters(world: World) -> Json:
    """Give the tally; every counter is there from the start."""
    world.open_welcomes()
    names = (
        "events callbacks_sent deliveries dropped doubled reordered delayed slowed retried failed refused_http "
        "welcomes_issued welcomes_heard welcomes_sent welcomes_expired"
    )
    counts = {name: world.tally.events[name] for name in names.split()}
    calls = dict(sorted(world.tally.calls.items()))
    kinds = {kind: {"made": made, "heard": world.tally.heard[kind]} for kind, made in sorted(world.tally.made.items())}
    return {**counts, "api_calls": calls, "errors": dict(sorted(world.tally.errors.items())), "kinds": kinds}


def undelivered(sender: Sender, corp: Corp) -> list[Json]:
    """List the events that no app will ever hear: what, about whom, and whether a welcome code went with it."""
    return [
        {
            "kind": parcel.kind, "about": parcel.about, "userid": parcel.userid, "at": parcel.at,
            "welcome": bool(parcel.welcome_code), "why": parcel.never,
        }
        for parcel in sender.undelivered
        if parcel.corp_id == corp.corp_id and not parcel.acknowledged
    ]  # fmt: skip


def inbox(corp: Corp, external_userid: str) -> list[Json]:
    """List what a customer saw, oldest first."""
    if external_userid not in corp.customers:
        raise ControlError(404, f"no customer {external_userid!r}")
    return [dict(vars(corp.messages[number])) for number in corp.inboxes.get(external_userid, [])]


def notices(corp: Corp, userid: str) -> list[Json]:
    """List the application messages a member got, oldest first."""
    if userid not in corp.users:
        raise ControlError(404, f"no member {userid!r}")
    return [dict(vars(notice)) for notice in corp.notices.get(userid, [])]
