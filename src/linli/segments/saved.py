"""Saved segments inside definitions: put in their place, with circles refused."""

from django.utils.translation import gettext_lazy as _

from linli.segments.definition import MAX_NODES, And, Definition, InSegment, Not, Or, parse, walk
from linli.segments.errors import BadDefinition, NoSegment
from linli.segments.models import Segment

MAX_EXPANDED = MAX_NODES * 10


def expand(definition: Definition, *, corp_id: int, inside: int | None = None) -> Definition:
    """The definition with every InSegment replaced by what that segment asks now.

    `inside` is the segment that is being changed: whoever reaches it again has gone in a circle.
    """
    if not any(isinstance(node, InSegment) for node in walk(definition)):
        return definition
    rows = Segment.objects.filter(corp_id=corp_id, deleted_at=None).values_list("id", "name", "definition")
    return _Expander({row[0]: (row[1], row[2]) for row in rows}).node(definition, (inside,) if inside else ())


class _Expander:
    def __init__(self, segments: dict[int, tuple[str, object]]) -> None:
        self.segments = segments
        self.nodes = 0

    def node(self, definition: Definition, trail: tuple[int, ...]) -> Definition:
        self.nodes += 1
        if self.nodes > MAX_EXPANDED:
            raise BadDefinition("in_segment", _("the segments inside each other have become too many"))
        match definition:
            case And(parts):
                return And(tuple(self.node(part, trail) for part in parts))
            case Or(parts):
                return Or(tuple(self.node(part, trail) for part in parts))
            case Not(one):
                return Not(self.node(one, trail))
            case InSegment(segment_id):
                return self.saved(segment_id, trail)
            case _:
                return definition

    def saved(self, segment_id: int, trail: tuple[int, ...]) -> Definition:
        if segment_id not in self.segments:
            raise NoSegment
        name, data = self.segments[segment_id]
        if segment_id in trail:
            raise BadDefinition("in_segment", _("“%(name)s” would contain itself") % {"name": name})
        return self.node(parse(data), (*trail, segment_id))


def users_of(segment_id: int, *, corp_id: int) -> list[str]:
    """Names of the live segments that ask for this one directly."""
    rows = Segment.objects.filter(corp_id=corp_id, deleted_at=None).exclude(id=segment_id)
    return [
        name
        for name, data in rows.values_list("name", "definition")
        if any(isinstance(node, InSegment) and node.segment_id == segment_id for node in walk(parse(data)))
    ]
