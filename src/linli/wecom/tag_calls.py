"""Corp tags, rule groups' tags, and marking relations with them (wire.md C.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_characters
from linli.wecom.transport import Lane, Transport

_NAME = 30
_HIGHEST_ORDER = 2**32 - 1
_TAGS_A_RELATION = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A corp tag; a larger `order` sorts first; `deleted` is told only where tags were asked for by id."""

    id: str
    name: str
    created_at: int
    order: int
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroup:
    """A group of corp tags, or of a rule group's tags where `strategy_id` is set (making one does not tell it)."""

    id: str
    name: str
    created_at: int
    order: int
    deleted: bool
    tags: tuple[Tag, ...]
    strategy_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewTag:
    """A tag to be made: name up to 30 characters, order 0 to 2^32 - 1."""

    name: str
    order: int | None = None


class TagCalls(Transport):
    """Calls about tags. An app may change only tags that it made itself."""

    def corp_tags(
        self,
        *,
        tag_ids: Sequence[str] = (),
        group_ids: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> tuple[TagGroup, ...]:
        """Return all groups, or those asked for; with both kinds of ids WeCom looks at `group_ids` only."""
        body = _given(tag_id=list(tag_ids) or None, group_id=list(group_ids) or None)
        page = self._query("externalcontact/get_corp_tag_list", body, lane=lane)
        return page.listed("tag_group").children("tag_group", _group)

    def add_corp_tags(
        self,
        tags: Sequence[NewTag],
        *,
        group_id: str | None = None,
        group_name: str | None = None,
        order: int | None = None,
        lane: Lane | None = None,
    ) -> TagGroup:
        """Make tags in a group given by id, or by a name that is made where it is new; returns that group.

        With `group_id`, WeCom ignores name and order. Raises ApiError 40071 for a taken name.
        """
        body = _new_tags(tags, group_id, group_name, order)
        return _group(self._write("externalcontact/add_corp_tag", body, lane=lane).child("tag_group"))

    def edit_corp_tag(
        self,
        tag_or_group_id: str,
        *,
        name: str | None = None,
        order: int | None = None,
        lane: Lane | None = None,
    ) -> None:
        """Rename or reorder a tag or a group."""
        within_characters("name", name or "", _NAME)
        between("order", order, 0, _HIGHEST_ORDER)
        body = {"id": tag_or_group_id, **_given(name=name, order=order)}
        self._write("externalcontact/edit_corp_tag", body, lane=lane)

    def del_corp_tags(
        self,
        *,
        tag_ids: Sequence[str] = (),
        group_ids: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> None:
        """Delete tags and groups; a group goes with its last tag."""
        need("tag_id", tag_ids or group_ids)
        body = _given(tag_id=list(tag_ids) or None, group_id=list(group_ids) or None)
        self._write("externalcontact/del_corp_tag", body, lane=lane)

    def strategy_tags(
        self,
        strategy_id: int | None = None,
        *,
        tag_ids: Sequence[str] = (),
        group_ids: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> tuple[TagGroup, ...]:
        """Return the tag groups of a rule group, or of all; ids as in `corp_tags`."""
        ids = _given(tag_id=list(tag_ids) or None, group_id=list(group_ids) or None)
        body = {**_given(strategy_id=strategy_id), **ids}
        page = self._query("externalcontact/get_strategy_tag_list", body, lane=lane)
        return page.listed("tag_group").children("tag_group", _group)

    def add_strategy_tags(
        self,
        strategy_id: int,
        tags: Sequence[NewTag],
        *,
        group_id: str | None = None,
        group_name: str | None = None,
        order: int | None = None,
        lane: Lane | None = None,
    ) -> TagGroup:
        """Make tags of a rule group of level 1, otherwise as `add_corp_tags`; `strategy_tags` tells after an unknown.

        They count among the corp's 10,000 tags.
        """
        body = {"strategy_id": strategy_id, **_new_tags(tags, group_id, group_name, order)}
        return _group(self._write("externalcontact/add_strategy_tag", body, lane=lane).child("tag_group"))

    def edit_strategy_tag(
        self,
        tag_or_group_id: str,
        *,
        name: str | None = None,
        order: int | None = None,
        lane: Lane | None = None,
    ) -> None:
        """Rename or reorder a rule group's tag or tag group; `strategy_tags` tells after an unknown."""
        within_characters("name", name or "", _NAME)
        between("order", order, 0, _HIGHEST_ORDER)
        body = {"id": tag_or_group_id, **_given(name=name, order=order)}
        self._write("externalcontact/edit_strategy_tag", body, lane=lane)

    def del_strategy_tags(
        self,
        *,
        tag_ids: Sequence[str] = (),
        group_ids: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> None:
        """Delete a rule group's tags and tag groups; `strategy_tags` tells after an unknown."""
        need("tag_id", tag_ids or group_ids)
        body = _given(tag_id=list(tag_ids) or None, group_id=list(group_ids) or None)
        self._write("externalcontact/del_strategy_tag", body, lane=lane)

    def mark_tag(
        self,
        userid: str,
        external_userid: str,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> None:
        """Put tags on a relation (3000 at most) and take others off; fires no callback."""
        need("add_tag", add or remove)
        at_most("add_tag", add, _TAGS_A_RELATION)
        tags = _given(add_tag=list(add) or None, remove_tag=list(remove) or None)
        body = {"userid": userid, "external_userid": external_userid, **tags}
        self._write("externalcontact/mark_tag", body, lane=lane)


def _new_tags(
    tags: Sequence[NewTag], group_id: str | None, group_name: str | None, order: int | None
) -> dict[str, object]:
    need("tag", tags)
    need("group_id", group_id or group_name)
    within_characters("group_name", group_name or "", _NAME)
    between("order", order, 0, _HIGHEST_ORDER)
    rows = []
    for tag in tags:
        need("tag.name", tag.name)
        within_characters("tag.name", tag.name, _NAME)
        between("tag.order", tag.order, 0, _HIGHEST_ORDER)
        rows.append({"name": tag.name, **_given(order=tag.order)})
    return {**_given(group_id=group_id, group_name=group_name, order=order), "tag": rows}


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _group(x: Fields) -> TagGroup:
    return TagGroup(
        id=x.must("group_id"),
        name=x.text("group_name"),
        created_at=x.number("create_time"),
        order=x.number("order"),
        deleted=x.flag("deleted"),
        tags=x.children("tag", _tag),
        strategy_id=x.maybe_number("strategy_id"),
    )


def _tag(x: Fields) -> Tag:
    return Tag(
        id=x.must("id"),
        name=x.text("name"),
        created_at=x.number("create_time"),
        order=x.number("order"),
        deleted=x.flag("deleted"),
    )
