"""The callbacks of a self-built app as frozen values, one class for each kind (wire.md F.4).

Times are unix seconds. `None` stands for an element that WeCom did not send.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The header that all events share; `welcome_code` is set only where a welcome may be sent."""

    corp_id: str
    created_at: int
    event: str
    change_type: str = ""
    welcome_code: str | None = None

    @property
    def kind(self) -> str:
        """The event's name, with its change type after a dot where it has one."""
        return kind_of(self.event, self.change_type)

    @property
    def object_key(self) -> str:
        """The object whose events must be worked off one after the other."""
        return object_key_of(self.event)


def kind_of(event: str, change_type: str) -> str:
    """Return the name by which an event is told apart, such as `change_external_chat.update`."""
    return f"{event}.{change_type}" if change_type else event


def object_key_of(event: str, external_user_id: str | None = None, chat_id: str | None = None) -> str:
    """Return what orders the work on an event: its customer, its group, or the event's whole family."""
    if external_user_id:
        return f"customer:{external_user_id}"
    if chat_id:
        return f"chat:{chat_id}"
    if event == "change_external_tag":
        return "tags"
    if event == "change_contact":
        return "contact"
    return f"event:{event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Event):
    """An event (or a chat message to the app) that this release does not know: `elements` keeps it whole.

    A repeated or nested element is a tuple or a mapping of the same form.
    """

    elements: Mapping[str, object]
    external_user_id: str | None = None
    chat_id: str | None = None

    @property
    def object_key(self) -> str:
        """The customer or group the event names, else its family."""
        return object_key_of(self.event, self.external_user_id, self.chat_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEvent(Event):
    """Base of what happens between a staff member and a customer."""

    user_id: str
    external_user_id: str

    @property
    def object_key(self) -> str:
        """The customer."""
        return object_key_of(self.event, self.external_user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAdded(FollowEvent):
    """Staff and customer became contacts; `state` is the contact way's state or the link's customer_channel."""

    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfFollowAdded(FollowEvent):
    """The customer added a no-verification member who has not confirmed; most calls still answer 84061."""

    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEdited(FollowEvent):
    """The member changed remark, phone or tags in the client; what changed must be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDeletedByStaff(FollowEvent):
    """The member deleted the customer; `source` is DELETE_BY_TRANSFER where a hand-over did it."""

    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDeletedByCustomer(FollowEvent):
    """The customer deleted the member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed(FollowEvent):
    """A hand-over failed; `fail_reason` is customer_refused or customer_limit_exceed."""

    fail_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAgreed(FollowEvent):
    """The customer agreed that the conversation is archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEvent(Event):
    """Base of what happens to a customer group; the data may lag the event by about 2 seconds."""

    chat_id: str

    @property
    def object_key(self) -> str:
        """The group."""
        return object_key_of(self.event, None, self.chat_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCreated(ChatEvent):
    """A customer group was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUpdated(ChatEvent):
    """A group changed; `update_detail` is add_member, del_member, change_owner, change_name or change_notice.

    `join_scene` is 0 invited or 3 QR (another enumeration than groupchat/get's); `quit_scene` is 0 left or
    1 removed. Trust `member_ids` only where `last_member_version` is the version one has.
    """

    update_detail: str
    join_scene: int | None = None
    quit_scene: int | None = None
    member_change_count: int | None = None
    member_ids: tuple[str, ...] = ()
    last_member_version: str | None = None
    current_member_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDismissed(ChatEvent):
    """A group was dissolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagEvent(Event):
    """Base of a corp tag's changes; `tag_type` is tag or tag_group. A group's deletion names no tags."""

    tag_id: str
    tag_type: str
    strategy_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCreated(TagEvent):
    """A tag or a tag group was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagUpdated(TagEvent):
    """A tag or a tag group was renamed or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDeleted(TagEvent):
    """A tag or a tag group was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsShuffled(Event):
    """The order of tags changed in one group, or in all of them where `group_id` is None."""

    group_id: str | None = None
    strategy_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChanged(Event):
    """A staff member was created or updated; all but `user_id` may be absent, depending on the reader's rights."""

    user_id: str
    new_user_id: str | None = None
    name: str | None = None
    department_ids: tuple[int, ...] | None = None
    main_department_id: int | None = None
    leader_flags: tuple[bool, ...] | None = None
    direct_leaders: tuple[str, ...] | None = None
    position: str | None = None
    mobile: str | None = None
    gender: int | None = None
    email: str | None = None
    biz_mail: str | None = None
    status: int | None = None
    avatar: str | None = None
    alias: str | None = None
    telephone: str | None = None
    address: str | None = None
    extra: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCreated(StaffChanged):
    """A staff member was created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffUpdated(StaffChanged):
    """A staff member changed; `new_user_id` is set where the UserID itself did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDeleted(Event):
    """A staff member was deleted."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentChanged(Event):
    """A department was created or updated; name, parent and order may be absent."""

    department_id: int
    name: str | None = None
    parent_id: int | None = None
    order: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCreated(DepartmentChanged):
    """A department was created."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentUpdated(DepartmentChanged):
    """A department changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentDeleted(Event):
    """A department was deleted."""

    department_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTagUpdated(Event):
    """People or departments joined or left a tag of the address book."""

    tag_id: int
    added_users: tuple[str, ...]
    removed_users: tuple[str, ...]
    added_departments: tuple[int, ...]
    removed_departments: tuple[int, ...]
