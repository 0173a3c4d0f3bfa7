"""The administrator changes tags, of the corp or of a rule group, in the console, which apps hear of."""

from wecom_sandbox import tagging
from wecom_sandbox.callbacks.events import shuffle_event, tag_events
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import Json, Tag, TagGroup
from wecom_sandbox.strategies import CUSTOMER

CONSOLE = 0


def admin_creates_tags(script: Script) -> Json:
    """Add tags (`names`) to the group `group_name` (of the rule group `strategy_id`), which is opened if need be."""
    name, strategy_id = script.text("group_name"), script.wishes.get("strategy_id", 0)
    if strategy_id and (CUSTOMER, strategy_id) not in script.corp.strategies.groups:
        raise ControlError(404, f"no strategy {strategy_id!r}")
    names = list(dict.fromkeys(script.names("names")))
    if not names:
        raise ControlError(400, "names is needed: no group is empty")
    tagging.check_name(name, script.world.tunables.tag_name_most)
    maker = tagging.Maker(CONSOLE, script.world.now())
    group = tagging.find_group(script.corp, name, strategy_id)
    tagging.check_new(script.corp, group, names, script.world.tunables)
    if group is None:
        group = tagging.make_group(script.corp, name, 0, maker, strategy_id)
        _tell(script, group, "create", "tag_group", [group.id])
    made = tagging.make_tags(script.corp, group, dict.fromkeys(names, 0), maker)
    _tell(script, group, "create", "tag", [tag.id for tag in made])
    return {"group_id": group.id, "tag_ids": [tag.id for tag in made]}


def admin_edits_tag(script: Script) -> Json:
    """Rename a tag or a tag group."""
    thing = _find(script, script.text("id"))
    tagging.rename(script.corp, thing, script.text("name"), script.world.tunables.tag_name_most)
    kind = "tag" if isinstance(thing, Tag) else "tag_group"
    _tell(script, script.corp.group_of(thing), "update", kind, [thing.id])
    return {}


def admin_deletes_tag(script: Script) -> Json:
    """Delete a tag or a tag group; deleting a group fires nothing per tag (wire.md F.4)."""
    thing = _find(script, script.text("id"))
    tags, groups = tagging.delete(script.corp, [thing])
    _tell(script, script.corp.group_of(thing), "delete", "tag", tags)
    _tell(script, script.corp.group_of(thing), "delete", "tag_group", groups)
    return {"tags": tags, "groups": groups}


def admin_sorts_tags(script: Script) -> Json:
    """Drag the tags of the group `id`, or the groups themselves, into the order of `ids`."""
    ids = script.names("ids")
    things = [_find(script, one) for one in ids]
    group = _find(script, script.text("id")) if "id" in script.wishes else None
    homes = {script.corp.group_of(thing).strategy_id for thing in things}
    together = all(
        isinstance(one, Tag) and one.group_id == group.id if group else isinstance(one, TagGroup) for one in things
    )
    if not things or not together or len(homes) > 1:
        raise ControlError(
            400, "ids name tags of the group id, or, without it, groups of the corp or of one rule group"
        )
    for order, thing in enumerate(reversed(things), start=1):
        thing.order = order
    script.emit(shuffle_event(group.id if group else "", homes.pop()))
    return {}


def _tell(script: Script, group: TagGroup, change: str, tag_type: str, ids: list[str]) -> None:
    for event in tag_events(change, tag_type, ids, group.strategy_id):
        script.emit(event)


def _find(script: Script, identifier: str) -> Tag | TagGroup:
    thing: Tag | TagGroup | None = script.corp.tags.get(identifier) or script.corp.tag_groups.get(identifier)
    if thing is None or thing.deleted:
        raise ControlError(404, f"no tag or tag group {identifier!r}")
    return thing
