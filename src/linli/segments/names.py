"""What the numbers in conditions are called, read from the rooms that own them, only as far as a definition needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.segments.definition import Channel, Definition, GroupMember, InSegment, Shop, Tag, walk
from linli.segments.models import Segment


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names by id; what is missing is shown by its number."""

    tags: Mapping[int, str] = field(default_factory=dict)
    shops: Mapping[int, str] = field(default_factory=dict)
    cities: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    segments: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def names_for(corp_id: int, *definitions: Definition) -> Names:
    """The names that these definitions use; at most one query for each sort of name."""
    kinds = {type(node) for definition in definitions for node in walk(definition)}
    shops = directory.shops(corp_id=corp_id) if kinds & {Shop, Channel} else []
    segments = Segment.objects.filter(corp_id=corp_id).values_list("id", "name") if InSegment in kinds else []
    return Names(
        tags={tag.id: tag.name for tag in customers.tags(corp_id=corp_id)} if Tag in kinds else {},
        shops={shop.id: shop.name for shop in shops},
        cities={shop.id: shop.city for shop in shops},
        groups={group.id: group.name for group in groups.groups(corp_id=corp_id)} if GroupMember in kinds else {},
        segments=dict(segments),
        channels={shop.code: shop.name for shop in shops},
    )
