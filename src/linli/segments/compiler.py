"""A definition becomes one SQL select of customer ids; what a leaf means is said by the room that owns the facts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, assert_never, cast

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from linli.segments.definition import (
    Added,
    And,
    Channel,
    Definition,
    Everyone,
    Frequency,
    GroupMember,
    InSegment,
    LastPurchase,
    Leaf,
    Not,
    Or,
    Reached,
    Rfm,
    Shop,
    Spend,
    SuperUser,
    Tag,
    leaf_json,
)
from linli.segments.errors import BadDefinition

Sql = tuple[str, list[Any]]
Provider = Callable[..., Sql]
NOBODY = "SELECT NULL::bigint WHERE false"


def compile_sql(definition: Definition, *, corp_id: int, as_of: datetime) -> Sql:
    """One select of one column, distinct customer ids; InSegment must have been expanded (see `saved.expand`)."""
    sql, params = _Compiler(corp_id, as_of).node(definition)
    return f"SELECT DISTINCT m.id FROM ({sql}) AS m(id)", params  # noqa: S608 - providers' text, values are parameters


@lru_cache(maxsize=1)
def providers() -> Mapping[str, Provider]:
    """The table of condition kinds, from settings.LINLI_CONDITION_PROVIDERS."""
    return cast("Mapping[str, Provider]", import_string(settings.LINLI_CONDITION_PROVIDERS))


class _Compiler:
    def __init__(self, corp_id: int, as_of: datetime) -> None:
        self.corp_id = corp_id
        self.as_of = as_of

    def node(self, definition: Definition) -> Sql:
        match definition:
            case And(parts):
                return self.both(parts)
            case Or(()):
                return NOBODY, []
            case Or(parts):
                return self.join(" UNION ", [self.node(part) for part in parts])
            case Not(one):
                return self.join(" EXCEPT ", [self.leaf(Everyone()), self.node(one)])
            case (
                Everyone() | Tag() | Channel() | Shop() | GroupMember() | LastPurchase() | Frequency() | Spend()
                | Rfm() | SuperUser() | Added() | Reached() | InSegment()
            ):  # fmt: skip
                return self.leaf(definition)
            case _:
                assert_never(definition)

    def both(self, parts: tuple[Definition, ...]) -> Sql:
        """INTERSECT the wanted, then EXCEPT the unwanted; with nothing wanted, from everyone."""
        wanted = [self.node(part) for part in parts if not isinstance(part, Not)] or [self.leaf(Everyone())]
        unwanted = [self.node(part.one) for part in parts if isinstance(part, Not)]
        return self.join(" EXCEPT ", [self.join(" INTERSECT ", wanted), *unwanted])

    def leaf(self, leaf: Leaf) -> Sql:
        provider = providers().get(leaf.kind)
        if provider is None:
            raise BadDefinition(leaf.kind, _("this installation cannot answer this condition"))
        sql, params = provider({**leaf_json(leaf), "as_of": self.as_of}, corp_id=self.corp_id)
        return f"SELECT c.id FROM ({sql}) AS c(id) WHERE c.id IS NOT NULL", list(params)  # noqa: S608 - as above

    def join(self, operator: str, parts: list[Sql]) -> Sql:
        if len(parts) == 1:
            return parts[0]
        return operator.join(f"({sql})" for sql, _params in parts), [
            value for _sql, params in parts for value in params
        ]
