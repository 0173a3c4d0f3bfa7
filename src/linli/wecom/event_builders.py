"""How the events about customers, groups, tags and the address book are read (wire.md F.4, B)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from linli.wecom import event_types as t
from linli.wecom.elements import Elements

_Follow = TypeVar("_Follow", bound=t.FollowEvent)
_Chat = TypeVar("_Chat", bound=t.ChatEvent)
_Tag = TypeVar("_Tag", bound=t.TagEvent)
_Staff = TypeVar("_Staff", bound=t.StaffChanged)
_Department = TypeVar("_Department", bound=t.DepartmentChanged)


def _follow(kind: type[_Follow], x: Elements) -> _Follow:
    return kind(**x.header, user_id=x.text("UserID"), external_user_id=x.text("ExternalUserID"))


def _follow_added(x: Elements) -> t.FollowAdded:
    return t.FollowAdded(
        **x.header,
        user_id=x.text("UserID"),
        external_user_id=x.text("ExternalUserID"),
        state=x.maybe("State"),
    )


def _half_follow_added(x: Elements) -> t.HalfFollowAdded:
    return t.HalfFollowAdded(
        **x.header,
        user_id=x.text("UserID"),
        external_user_id=x.text("ExternalUserID"),
        state=x.maybe("State"),
    )


def _follow_deleted_by_staff(x: Elements) -> t.FollowDeletedByStaff:
    return t.FollowDeletedByStaff(
        **x.header,
        user_id=x.text("UserID"),
        external_user_id=x.text("ExternalUserID"),
        source=x.maybe("Source"),
    )


def _transfer_failed(x: Elements) -> t.TransferFailed:
    return t.TransferFailed(
        **x.header,
        user_id=x.text("UserID"),
        external_user_id=x.text("ExternalUserID"),
        fail_reason=x.text("FailReason"),
    )


def _chat(kind: type[_Chat], x: Elements) -> _Chat:
    return kind(**x.header, chat_id=x.text("ChatId"))


def _chat_updated(x: Elements) -> t.ChatUpdated:
    return t.ChatUpdated(
        **x.header,
        chat_id=x.text("ChatId"),
        update_detail=x.text("UpdateDetail"),
        join_scene=x.maybe_integer("JoinScene"),
        quit_scene=x.maybe_integer("QuitScene"),
        member_change_count=x.maybe_integer("MemChangeCnt"),
        member_ids=x.items("MemChangeList", "Item"),
        last_member_version=x.maybe("LastMemVer"),
        current_member_version=x.maybe("CurMemVer"),
    )


def _tag(kind: type[_Tag], x: Elements) -> _Tag:
    return kind(
        **x.header,
        tag_id=x.text("Id"),
        tag_type=x.text("TagType"),
        strategy_id=x.maybe("StrategyId"),
    )


def _tags_shuffled(x: Elements) -> t.TagsShuffled:
    return t.TagsShuffled(**x.header, group_id=x.maybe("Id"), strategy_id=x.maybe("StrategyId"))


def _staff(kind: type[_Staff], x: Elements) -> _Staff:
    return kind(
        **x.header,
        user_id=x.text("UserID"),
        new_user_id=x.maybe("NewUserID"),
        name=x.sent("Name"),
        department_ids=x.integers("Department") if x.has("Department") else None,
        main_department_id=x.maybe_integer("MainDepartment"),
        leader_flags=_flags(x, "IsLeaderInDept"),
        direct_leaders=x.words("DirectLeader") if x.has("DirectLeader") else None,
        position=x.sent("Position"),
        mobile=x.sent("Mobile"),
        gender=x.maybe_integer("Gender"),
        email=x.sent("Email"),
        biz_mail=x.sent("BizMail"),
        status=x.maybe_integer("Status"),
        avatar=x.sent("Avatar"),
        alias=x.sent("Alias"),
        telephone=x.sent("Telephone"),
        address=x.sent("Address"),
        extra=_extra(x),
    )


def _flags(x: Elements, name: str) -> tuple[bool, ...] | None:
    return tuple(flag == 1 for flag in x.integers(name)) if x.has(name) else None


def _extra(x: Elements) -> Mapping[str, str] | None:
    if not x.has("ExtAttr"):
        return None
    found = {}
    for item in x.children("ExtAttr", "Item"):
        # Type 0 carries Text/Value, type 1 Web/Title and Web/Url.
        if item.has("Text"):
            value = item.child("Text").sent("Value")
        else:
            value = item.child("Web").sent("Url") if item.has("Web") else None
        found[item.text("Name")] = value or ""
    return found


def _staff_deleted(x: Elements) -> t.StaffDeleted:
    return t.StaffDeleted(**x.header, user_id=x.text("UserID"))


def _department(kind: type[_Department], x: Elements) -> _Department:
    return kind(
        **x.header,
        department_id=x.integer("Id"),
        name=x.sent("Name"),
        parent_id=x.maybe_integer("ParentId"),
        order=x.maybe_integer("Order"),
    )


def _department_deleted(x: Elements) -> t.DepartmentDeleted:
    return t.DepartmentDeleted(**x.header, department_id=x.integer("Id"))


def _staff_tag_updated(x: Elements) -> t.StaffTagUpdated:
    return t.StaffTagUpdated(
        **x.header,
        tag_id=x.integer("TagId"),
        added_users=x.words("AddUserItems"),
        removed_users=x.words("DelUserItems"),
        added_departments=x.integers("AddPartyItems"),
        removed_departments=x.integers("DelPartyItems"),
    )


CRM_BUILDERS: Mapping[str, Callable[[Elements], t.Event]] = {
    "change_external_contact.add_external_contact": _follow_added,
    "change_external_contact.add_half_external_contact": _half_follow_added,
    "change_external_contact.edit_external_contact": partial(_follow, t.FollowEdited),
    "change_external_contact.del_external_contact": _follow_deleted_by_staff,
    "change_external_contact.del_follow_user": partial(_follow, t.FollowDeletedByCustomer),
    "change_external_contact.transfer_fail": _transfer_failed,
    "change_external_contact.msg_audit_approved": partial(_follow, t.ArchiveAgreed),
    "change_external_chat.create": partial(_chat, t.ChatCreated),
    "change_external_chat.update": _chat_updated,
    "change_external_chat.dismiss": partial(_chat, t.ChatDismissed),
    "change_external_tag.create": partial(_tag, t.TagCreated),
    "change_external_tag.update": partial(_tag, t.TagUpdated),
    "change_external_tag.delete": partial(_tag, t.TagDeleted),
    "change_external_tag.shuffle": _tags_shuffled,
    "change_contact.create_user": partial(_staff, t.StaffCreated),
    "change_contact.update_user": partial(_staff, t.StaffUpdated),
    "change_contact.delete_user": _staff_deleted,
    "change_contact.create_party": partial(_department, t.DepartmentCreated),
    "change_contact.update_party": partial(_department, t.DepartmentUpdated),
    "change_contact.delete_party": _department_deleted,
    "change_contact.update_tag": _staff_tag_updated,
}
