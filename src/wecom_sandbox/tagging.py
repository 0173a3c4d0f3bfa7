"""Making and deleting corp tags, for apps (API) and administrators (console) alike."""

from dataclasses import dataclass

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.limit_tunables import LimitTunables
from wecom_sandbox.records import Tag, TagGroup

ORDERS = range(2**32)


@dataclass(frozen=True)
class Maker:
    """Who makes a tag, and when; agentid 0 is the admin console."""

    agentid: int
    at: int


def check_name(name: str, most: int) -> None:
    """Refuse names that are empty or too long."""
    if not 1 <= len(name) <= most:
        raise WireError(40072)


def find_group(corp: Corp, name: str, strategy_id: int = 0) -> TagGroup | None:
    """Find a living tag group by its name, among the corp's or among a rule group's."""
    alive = (group for group in corp.tag_groups.values() if not group.deleted and group.strategy_id == strategy_id)
    return next((group for group in alive if group.name == name), None)


def make_group(corp: Corp, name: str, order: int, maker: Maker, strategy_id: int = 0) -> TagGroup:
    """Open a tag group; the caller puts a tag into it, because none is empty."""
    identifier = corp.new_id(_prefix(strategy_id))
    group = TagGroup(identifier, name, order, maker.at, maker.agentid, strategy_id=strategy_id)
    corp.add_tag_group(group)
    return group


def check_new(corp: Corp, group: TagGroup | None, names: list[str], most: LimitTunables) -> None:
    """Refuse before anything is made: lengths, names already in the group, the corp's cap."""
    taken = {tag.name for tag in corp.live_tags(group.id)} if group else set()
    for name in names:
        check_name(name, most.tag_name_most)
        if name in taken:
            raise WireError(40071)
    alive = sum(not tag.deleted for tag in corp.tags.values())
    if alive + len(set(names)) > most.tags_most:
        raise WireError(40126)


def make_tags(corp: Corp, group: TagGroup, wanted: dict[str, int], maker: Maker) -> list[Tag]:
    """Put tags (name to order) into a group."""
    prefix = _prefix(group.strategy_id)
    made = [Tag(corp.new_id(prefix), group.id, name, order, maker.at, maker.agentid) for name, order in wanted.items()]
    for tag in made:
        corp.add_tag(tag)
    return made


def rename(corp: Corp, thing: Tag | TagGroup, name: str, most: int) -> None:
    """Give a tag or a group another name, unique among its like."""
    check_name(name, most)
    if isinstance(thing, Tag):
        taken = any(tag.name == name and tag is not thing for tag in corp.live_tags(thing.group_id))
    else:
        other = find_group(corp, name, thing.strategy_id)
        taken = other is not None and other is not thing
    if taken:
        raise WireError(40071)
    thing.name = name


def delete(corp: Corp, things: list[Tag | TagGroup]) -> tuple[list[str], list[str]]:
    """Delete tags and groups, and groups that lose their last tag; returns tag ids and group ids that went."""
    gone_tags: list[str] = []
    gone_groups: list[str] = []
    for thing in things:
        if isinstance(thing, Tag):
            thing.deleted = True
            gone_tags.append(thing.id)
            group = corp.tag_groups[thing.group_id]
        else:
            group = thing
            for tag in corp.live_tags(group.id):
                tag.deleted = True
        if not corp.live_tags(group.id) and not group.deleted:
            group.deleted = True
            gone_groups.append(group.id)
    return gone_tags, gone_groups


def _prefix(strategy_id: int) -> str:
    return "st" if strategy_id else "et"
