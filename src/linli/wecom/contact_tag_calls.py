"""Tags on staff and departments (wire.md B, tag/*); an app may change only tags that it made itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from linli.wecom.bodies import given
from linli.wecom.exchange import Effect, Request
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need, within_characters
from linli.wecom.transport import Lane, Transport

_NAME = 32
_USERS = 1000
_PARTIES = 100


@dataclass(frozen=True, slots=True)
class ContactTag:
    """A tag on staff."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedStaff:
    """Who carries a tag: (userid, name) of those in sight, and departments."""

    name: str
    staff: tuple[tuple[str, str], ...]
    department_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidMembers:
    """Whom WeCom did not take; the others are done."""

    userids: tuple[str, ...]
    department_ids: tuple[int, ...]


class ContactTagCalls(Transport):
    """Calls about tags on staff; after OutcomeUnknown `contact_tags` and `contact_tag` tell what happened."""

    def contact_tags(self, *, lane: Lane | None = None) -> tuple[ContactTag, ...]:
        """Return the corp's tags on staff."""
        page = self._get("tag/list", lane=lane).listed("taglist")
        return page.children("taglist", lambda x: ContactTag(x.number("tagid"), x.text("tagname")))

    def contact_tag(self, tag_id: int, *, lane: Lane | None = None) -> TaggedStaff:
        """Return who carries a tag; ApiError 40068 where there is none."""
        x = self._get("tag/get", {"tagid": tag_id}, lane=lane).listed("userlist")
        return TaggedStaff(
            name=x.text("tagname"),
            staff=x.children("userlist", lambda one: (one.must("userid"), one.text("name"))),
            department_ids=x.numbers("partylist"),
        )

    def create_contact_tag(self, name: str, *, tag_id: int | None = None, lane: Lane | None = None) -> int:
        """Make a tag of up to 32 characters and return its id, which WeCom chooses where none is given.

        ApiError 40071 for a taken name, 40068 for a taken id. The wire's sample answer names no id where one was given.
        """
        _check(name)
        x = self._write("tag/create", {"tagname": name, **given(tagid=tag_id)}, lane=lane)
        return int(x.must("tagid")) if tag_id is None else tag_id

    def rename_contact_tag(self, tag_id: int, name: str, *, lane: Lane | None = None) -> None:
        """Give a tag another name."""
        _check(name)
        self._write("tag/update", {"tagid": tag_id, "tagname": name}, lane=lane)

    def delete_contact_tag(self, tag_id: int, *, lane: Lane | None = None) -> None:
        """Delete a tag."""
        # A GET that writes: a lost answer must not be repeated like a read's.
        request = Request(api="tag/delete", effect=Effect.WRITES, params={"tagid": tag_id})
        self._call(request, lane or self._lane or Lane.HUMAN)

    def tag_staff(
        self, tag_id: int, userids: Sequence[str] = (), department_ids: Sequence[int] = (), *, lane: Lane | None = None
    ) -> InvalidMembers:
        """Put a tag on up to 1000 staff and 100 departments; ApiError 40070 where all of them are invalid."""
        return self._change_tagged("tag/addtagusers", tag_id, userids, department_ids, lane)

    def untag_staff(
        self, tag_id: int, userids: Sequence[str] = (), department_ids: Sequence[int] = (), *, lane: Lane | None = None
    ) -> InvalidMembers:
        """Take a tag off staff and departments; limits and errors as `tag_staff`."""
        return self._change_tagged("tag/deltagusers", tag_id, userids, department_ids, lane)

    def _change_tagged(
        self, api: str, tag_id: int, userids: Sequence[str], department_ids: Sequence[int], lane: Lane | None
    ) -> InvalidMembers:
        need("userlist", userids or department_ids)
        at_most("userlist", userids, _USERS)
        at_most("partylist", department_ids, _PARTIES)
        body = {"tagid": tag_id, **given(userlist=list(userids), partylist=list(department_ids))}
        return _invalid(self._write(api, body, lane=lane))


def _check(name: str) -> None:
    need("tagname", name)
    within_characters("tagname", name, _NAME)


def _invalid(x: Fields) -> InvalidMembers:
    userids = tuple(one for one in x.text("invalidlist").split("|") if one)
    return InvalidMembers(userids=userids, department_ids=x.numbers("invalidparty"))
