"""What a segment asks: a tagged union of frozen values, and its strict JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, assert_never, cast

from django.utils.translation import gettext_lazy as _

from linli.segments import readers as r
from linli.segments.errors import BadDefinition

MAX_DEPTH = 8
MAX_NODES = 200
RFM_SEGMENTS = (
    "champions", "loyal_customers", "potential_loyalists", "new_customers", "promising",
    "need_attention", "about_to_sleep", "at_risk", "cant_lose", "hibernating",
)  # fmt: skip


def _value(reader: r.Reader, default: object = ...) -> Any:
    metadata = {"reader": reader}
    return field(metadata=metadata) if default is ... else field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class And:
    """In every one of them; none at all means everyone."""

    all: tuple["Definition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """In at least one of them; none at all means nobody."""

    any: tuple["Definition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everyone except these."""

    one: "Definition"


@dataclass(frozen=True, slots=True)
class Everyone:
    """All customers of the corp."""

    kind: ClassVar[str] = "everyone"


@dataclass(frozen=True, slots=True)
class Tag:
    """Has any (or all) of the tags, on a live relation or as Linli's own."""

    kind: ClassVar[str] = "tag"
    tag_ids: tuple[int, ...] = _value(r.many(r.identifier))
    match: str = _value(r.choice("any", "all"), "any")


@dataclass(frozen=True, slots=True)
class Channel:
    """First came through one of these live codes."""

    kind: ClassVar[str] = "channel"
    states: tuple[str, ...] = _value(r.many(r.text))


@dataclass(frozen=True, slots=True)
class Shop:
    """Home shop is one of these."""

    kind: ClassVar[str] = "shop"
    shop_ids: tuple[int, ...] = _value(r.many(r.identifier))


@dataclass(frozen=True, slots=True)
class GroupMember:
    """In any group, in one of `group_ids` (mode "in"), or in none."""

    kind: ClassVar[str] = "group_member"
    mode: str = _value(r.choice("any", "in", "none"))
    group_ids: tuple[int, ...] = _value(r.many(r.identifier, least=0), ())


@dataclass(frozen=True, slots=True)
class LastPurchase:
    """Bought within the last days, not since then (but before), or never."""

    kind: ClassVar[str] = "last_purchase"
    op: str = _value(r.choice("within", "before", "never"))
    days: int = _value(r.whole(0, r.MAX_DAYS), 0)


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often: orders, or order lines; ever, or in the last `days`."""

    kind: ClassVar[str] = "frequency"
    basis: str = _value(r.choice("orders", "lines"), "orders")
    min: int | None = _value(r.optional(r.whole(0, 10**9)), None)
    max: int | None = _value(r.optional(r.whole(0, 10**9)), None)
    days: int | None = _value(r.optional(r.days), None)


@dataclass(frozen=True, slots=True)
class Spend:
    """How much, paid minus refunded; ever, or in the last `days`. Decimal texts in the orders' currency."""

    kind: ClassVar[str] = "spend"
    min: str | None = _value(r.optional(r.money), None)
    max: str | None = _value(r.optional(r.money), None)
    days: int | None = _value(r.optional(r.days), None)


@dataclass(frozen=True, slots=True)
class Rfm:
    """Sorted into one of these RFM segments by the published method, or by Linli's own."""

    kind: ClassVar[str] = "rfm"
    segments: tuple[str, ...] = _value(r.many(r.choice(*RFM_SEGMENTS)))
    method: str = _value(r.choice("published", "default"), "published")


@dataclass(frozen=True, slots=True)
class SuperUser:
    """Is a super user, or near to being one."""

    kind: ClassVar[str] = "super_user"
    tier: str = _value(r.choice("super", "near"), "super")


@dataclass(frozen=True, slots=True)
class Added:
    """First added in the last `days`, or between two days of the corp's calendar, both included."""

    kind: ClassVar[str] = "added"
    days: int | None = _value(r.optional(r.days), None)
    since: str | None = _value(r.optional(r.day), None)
    until: str | None = _value(r.optional(r.day), None)


@dataclass(frozen=True, slots=True)
class Reached:
    """Got a mass message in the last `days`."""

    kind: ClassVar[str] = "reached"
    days: int = _value(r.days)


@dataclass(frozen=True, slots=True)
class InSegment:
    """Is in another saved segment."""

    kind: ClassVar[str] = "in_segment"
    segment_id: int = _value(r.identifier)


Leaf = (
    Everyone | Tag | Channel | Shop | GroupMember | LastPurchase | Frequency | Spend
    | Rfm | SuperUser | Added | Reached | InSegment
)  # fmt: skip
Definition = And | Or | Not | Leaf

LEAVES: Mapping[str, type[Leaf]] = {
    leaf.kind: leaf
    for leaf in (
        Everyone, Tag, Channel, Shop, GroupMember, LastPurchase, Frequency, Spend,
        Rfm, SuperUser, Added, Reached, InSegment,
    )
}  # fmt: skip


def walk(definition: Definition) -> Iterator[Definition]:
    """The definition and everything in it, outermost first."""
    yield definition
    match definition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(one):
            yield from walk(one)
        case _:
            pass


def to_json(definition: Definition) -> dict[str, Any]:
    """The JSON that `parse` reads back to the same value."""
    match definition:
        case And(parts):
            return {"kind": "and", "all": [to_json(part) for part in parts]}
        case Or(parts):
            return {"kind": "or", "any": [to_json(part) for part in parts]}
        case Not(one):
            return {"kind": "not", "one": to_json(one)}
        case (
            Everyone() | Tag() | Channel() | Shop() | GroupMember() | LastPurchase() | Frequency() | Spend()
            | Rfm() | SuperUser() | Added() | Reached() | InSegment()
        ):  # fmt: skip
            return leaf_json(definition)
        case _:
            assert_never(definition)


def leaf_json(leaf: Leaf) -> dict[str, Any]:
    """A leaf's kind and values, lists in place of tuples."""
    values = {f.name: getattr(leaf, f.name) for f in fields(leaf)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {"kind": leaf.kind, **plain}


def parse(data: object) -> Definition:
    """Read a definition; BadDefinition names the place of the first thing that is wrong."""
    return _Parser().node(data, "definition", 1)


class _Parser:
    def __init__(self) -> None:
        self.nodes = 0

    def node(self, data: object, path: str, depth: int) -> Definition:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise BadDefinition(path, _("conditions may be nested %(depth)d deep at most") % {"depth": MAX_DEPTH})
        if self.nodes > MAX_NODES:
            raise BadDefinition(path, _("a segment may have %(nodes)d conditions at most") % {"nodes": MAX_NODES})
        if not isinstance(data, Mapping):
            raise BadDefinition(path, _("a condition is wanted here"))
        match data.get("kind"):
            case "and":
                return And(self.parts(data, "all", path, depth))
            case "or":
                return Or(self.parts(data, "any", path, depth))
            case "not":
                only(data, {"kind", "one"}, path)
                return Not(self.node(data.get("one"), f"{path}.one", depth + 1))
            case kind:
                return parse_leaf(data, kind, path)

    def parts(self, data: Mapping[str, object], key: str, path: str, depth: int) -> tuple[Definition, ...]:
        only(data, {"kind", key}, path)
        parts = data.get(key)
        if not isinstance(parts, list):
            raise BadDefinition(f"{path}.{key}", _("a list of conditions is wanted"))
        return tuple(self.node(part, f"{path}.{key}[{place}]", depth + 1) for place, part in enumerate(parts))


def parse_leaf(data: Mapping[str, object], kind: object, path: str) -> Leaf:
    """Read one leaf; unknown kinds and keys are errors, missing keys take their default."""
    leaf = LEAVES.get(kind) if isinstance(kind, str) else None
    if leaf is None:
        raise BadDefinition(path, _("“%(kind)s” is not a condition that Linli knows") % {"kind": str(kind)[:40]})
    known = {f.name: f for f in fields(leaf)}
    only(data, {"kind", *known}, path)
    values: dict[str, Any] = {}
    for name, one in known.items():
        if name in data:
            values[name] = cast("r.Reader", one.metadata["reader"])(data[name], f"{path}.{name}")
        elif one.default is MISSING:
            raise BadDefinition(f"{path}.{name}", _("this value is missing"))
    found = leaf(**values)
    check_together(found, path)
    return found


def check_together(leaf: Leaf, path: str) -> None:
    """Values that must fit each other."""
    match leaf:
        case GroupMember(mode="in", group_ids=()):
            raise BadDefinition(path, _("choose at least one group"))
        case LastPurchase(op="within" | "before", days=0):
            raise BadDefinition(path, _("say how many days"))
        case Frequency(min=None, max=None) | Spend(min=None, max=None):
            raise BadDefinition(path, _("give a lower or an upper limit"))
        case Added(days=None, since=None, until=None):
            raise BadDefinition(path, _("say how many days, or from when to when"))
        case _:
            pass


def only(data: Mapping[str, object], allowed: set[str], path: str) -> None:
    """Refuse keys that nobody would read."""
    extra = sorted(str(key) for key in data if key not in allowed)
    if extra:
        raise BadDefinition(path, _("“%(key)s” does not belong here") % {"key": extra[0][:40]})
