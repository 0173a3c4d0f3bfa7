"""How a send splits into tasks: one for each clerk, and for each shop where the words differ by shop."""

from collections.abc import Iterable
from dataclasses import dataclass

from linli.directory import api as directory
from linli.groups import api as groups
from linli.messaging.content import Content, Rendered, render, verify
from linli.messaging.planning import Choice


@dataclass(frozen=True, slots=True)
class Variant:
    """One clerk's text and the customers it goes to."""

    staff_id: int
    userid: str
    shop_id: int | None
    rendered: Rendered
    customer_ids: tuple[int, ...]
    external_userids: tuple[str, ...]


class Names:
    """Shops, clerks and group codes of a corp, read once."""

    def __init__(self, corp_id: int, content: Content) -> None:
        self.content = content
        self.shops = {one.id: one.name for one in directory.shops(corp_id=corp_id)}
        self.clerks = {one.id: one.name or one.userid for one in directory.staff(corp_id=corp_id)}
        self.shop_codes = shop_codes(corp_id) if content.needs_shop_code else {}
        ways = {one: groups.join_way_of_community(corp_id=corp_id, community_id=one) for one in content.communities}
        self.codes = {str(one): way.qr_code for one, way in ways.items() if way is not None}

    def render(self, *, shop_id: int | None, staff_id: int | None) -> Rendered:
        """The content as this clerk would send it to this shop's customers."""
        return render(
            self.content,
            shop=self.shops.get(shop_id or 0, ""),
            staff=self.clerks.get(staff_id or 0, ""),
            codes={**self.codes, "": self.shop_codes.get(shop_id or 0, "")},
        )


def shop_codes(corp_id: int) -> dict[int, str]:
    """The shops whose group code is made: shop → URL of the code."""
    ways = groups.join_ways_by_shop(corp_id=corp_id)
    return {shop_id: way.qr_code for shop_id, way in ways.items() if way.qr_code}


def split(corp_id: int, content: Content, choices: Iterable[Choice]) -> list[Variant]:
    """The tasks that the planned choices make, each checked against WeCom's limits."""
    names = Names(corp_id, content)
    found: dict[tuple[int, int | None], list[Choice]] = {}
    for one in choices:
        if one.state == "planned" and one.staff_id is not None:
            found.setdefault((one.staff_id, one.shop_id if content.by_shop else None), []).append(one)
    variants = []
    for (staff_id, shop_id), group in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        rendered = names.render(shop_id=shop_id, staff_id=staff_id)
        verify(rendered)
        variants.append(
            Variant(
                staff_id,
                group[0].userid,
                shop_id,
                rendered,
                tuple(one.customer_id for one in group),
                tuple(one.external_userid for one in group),
            )
        )
    return variants
