"""What somebody wants handed over, to whom and how: a value that is kept as JSON with the hand-over."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput

# How customers are divided among several takers.
KNOWN, EVEN, LOAD = "known", "even", "load"
SPLITS = (KNOWN, EVEN, LOAD)
# Where groups go: stay, to the shop's keeper, divided evenly, or to one person.
STAY, KEEPER, SHARED, ONE = "stay", "keeper", "shared", "one"
GROUPS = (KEEPER, SHARED, ONE, STAY)
MOST_WORDS = 200


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Whose customers and groups, to which takers.

    `taker_ids` empty means the active clerks of the giver's shop. `tag_ids` narrows the customers to those with any of
    them. `message` is what an on-job hand-over tells the customer, "" for WeCom's own words.
    """

    giver_id: int
    taker_ids: tuple[int, ...] = ()
    split: str = KNOWN
    customers: bool = True
    tag_ids: tuple[int, ...] = ()
    groups_to: str = KEEPER
    groups_taker_id: int | None = None
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """What the row keeps."""
        return {**asdict(self), "taker_ids": list(self.taker_ids), "tag_ids": list(self.tag_ids)}


def from_json(kept: Mapping[str, Any]) -> Wish:
    """The wish as it was kept."""
    given = dict(kept)
    return Wish(**{**given, "taker_ids": tuple(given["taker_ids"]), "tag_ids": tuple(given["tag_ids"])})


def check(wish: Wish) -> None:
    """Raises BadInput for what no plan can be made of."""
    if wish.split not in SPLITS or wish.groups_to not in GROUPS:
        raise BadInput("bad_way", _("Choose how customers and groups are divided."))
    if not wish.customers and wish.groups_to == STAY:
        raise BadInput("nothing_chosen", _("Choose customers, groups or both."))
    if wish.giver_id in {*wish.taker_ids, wish.groups_taker_id}:
        raise BadInput("same_person", _("Nobody can take over from themselves."))
    if wish.groups_to == ONE and wish.groups_taker_id is None:
        raise BadInput("no_groups_taker", _("Choose who gets the groups."))
    if len(wish.message) > MOST_WORDS:
        raise BadInput("long_message", _("The words to the customer may have up to 200 characters."))
