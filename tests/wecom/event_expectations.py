"""What each event fixture must become: every value of it, by hand."""

from typing import Any

from linli.wecom import app_event_types as app
from linli.wecom import event_types as ev
from linli.wecom.event_types import Event

AT = 1403610513
_STAFF: dict[str, Any] = {
    "user_id": "zhangsan",
    "name": "张三",
    "department_ids": (1, 2, 3),
    "main_department_id": 1,
    "leader_flags": (True, False, False),
    "position": "产品经理",
    "mobile": "13800000000",
    "gender": 1,
    "email": "zhangsan@gzdev.com",
    "status": 1,
    "avatar": "http://wx.qlogo.cn/mmopen/ajNVdqHZLLA3WJ6DSZUfiakYe37PKnQhBIeOQBO4czqrnZDS79FH5Wm5m4X69TBicnHFlhiafvDwklOpZeXYQQ2icg/0",
    "alias": "zhangsan",
    "telephone": "020-123456",
    "address": "广州市",
    "extra": {"爱好": "旅游", "卡号": "https://work.weixin.qq.com"},
}


def _crm(change: str, family: str = "change_external_contact", corp: str = "toUser", at: int = AT) -> dict[str, Any]:
    return {"corp_id": corp, "created_at": at, "event": family, "change_type": change}


def _contact(change: str) -> dict[str, Any]:
    return _crm(change, "change_contact")


def _acquisition(change: str, at: int = AT) -> dict[str, Any]:
    return _crm(change, "customer_acquisition", at=at)


def _app(event: str, corp: str, at: int) -> dict[str, Any]:
    return {"corp_id": corp, "created_at": at, "event": event}


WO = "woAJ2GCAAAXtWyujaWJHDDGi0m"
LINK = "cawcdea7783d7330b4"
TALK = {"user_id": "zhangsan", "external_user_id": WO + "AAAA", "link_id": "cawcdea7783d7330c6"}

EXPECTED: dict[str, Event] = {
    "batch_job_result": app.BatchJobFinished(
        **_app("batch_job_result", "wwddddccc7775555aaa", 1425284517), job_type="sync_user", error_code=0,
        job_id="S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4", error_text="ok",
    ),
    "change_contact.create_party": ev.DepartmentCreated(
        **_contact("create_party"), department_id=2, name="张三", parent_id=1, order=1
    ),
    "change_contact.create_user": ev.StaffCreated(
        **_contact("create_user"), **_STAFF, direct_leaders=("lisi", "wangwu"), biz_mail="zhangsan@qyycs2.wecom.work"
    ),
    "change_contact.delete_user": ev.StaffDeleted(**_contact("delete_user"), user_id="zhangsan"),
    "change_contact.update_party": ev.DepartmentUpdated(
        **_contact("update_party"), department_id=2, name="张三", parent_id=1
    ),
    "change_contact.update_tag": ev.StaffTagUpdated(
        **_contact("update_tag"), tag_id=1, added_users=("zhangsan", "lisi"), removed_users=("zhangsan1", "lisi1"),
        added_departments=(1, 2), removed_departments=(3, 4),
    ),
    "change_contact.update_user": ev.StaffUpdated(**_contact("update_user"), **_STAFF, new_user_id="zhangsan001"),
    "change_external_chat.dismiss": ev.ChatDismissed(**_crm("dismiss", "change_external_chat"), chat_id="CHAT_ID"),
    "change_external_chat.update.add_member": ev.ChatUpdated(
        **_crm("update", "change_external_chat", "ww55ca070cb9b7eb22"), chat_id="wrx7HUARsKwGRaQBVKPBTcEyzdHA4HrQ",
        update_detail="add_member", join_scene=1, quit_scene=0, member_change_count=10, member_ids=("Jack", "Rose"),
        last_member_version="9c3f97c2ada667dfb5f6d03308d963e1",
        current_member_version="71217227bbd112ecfe3a49c482195cb4",
    ),
    "change_external_contact.add_external_contact": ev.FollowAdded(
        **_crm("add_external_contact"), user_id="zhangsan", external_user_id=WO + "AAAA", state="teststate",
        welcome_code="WELCOMECODE",
    ),
    "change_external_contact.add_half_external_contact": ev.HalfFollowAdded(
        **_crm("add_half_external_contact"), user_id="zhangsan", external_user_id=WO + "ACAAAA", state="teststate",
        welcome_code="WELCOMECODE",
    ),
    "change_external_contact.del_external_contact": ev.FollowDeletedByStaff(
        **_crm("del_external_contact"), user_id="zhangsan", external_user_id=WO + "ACAAAA", source="DELETE_BY_TRANSFER"
    ),
    "change_external_contact.del_follow_user": ev.FollowDeletedByCustomer(
        **_crm("del_follow_user"), user_id="zhangsan", external_user_id=WO + "ACHAAA"
    ),
    "change_external_contact.edit_external_contact": ev.FollowEdited(
        **_crm("edit_external_contact"), user_id="zhangsan", external_user_id=WO + "AAAA"
    ),
    "change_external_contact.transfer_fail": ev.TransferFailed(
        **_crm("transfer_fail"), user_id="zhangsan", external_user_id=WO + "AAAA", fail_reason="customer_refused"
    ),
    "change_external_tag.create": ev.TagCreated(
        **_crm("create", "change_external_tag", "CORPID"), tag_id="TAG_ID", tag_type="tag", strategy_id="1"
    ),
    "change_external_tag.delete": ev.TagDeleted(
        **_crm("delete", "change_external_tag", "CORPID"), tag_id="TAG_ID", tag_type="tag", strategy_id="1"
    ),
    "change_external_tag.shuffle": ev.TagsShuffled(
        **_crm("shuffle", "change_external_tag", "CORPID"), group_id="TAG_ID", strategy_id="STRATEGY_ID"
    ),
    "click": app.MenuClicked(**_app("click", "toUser", 123456789), user_id="FromUser", agent_id=1, event_key="EVENTKEY"),
    "customer_acquisition.balance_exhausted": app.AcquisitionBalanceExhausted(**_acquisition("balance_exhausted")),
    "customer_acquisition.balance_increased": app.AcquisitionBalanceIncreased(**_acquisition("balance_increased")),
    "customer_acquisition.balance_low": app.AcquisitionBalanceLow(**_acquisition("balance_low")),
    "customer_acquisition.customer_start_chat": app.AcquisitionChatStarted(
        **_acquisition("customer_start_chat"), **TALK
    ),
    "customer_acquisition.delete_link": app.AcquisitionLinkDeleted(**_acquisition("delete_link"), link_id=LINK),
    "customer_acquisition.friend_request": app.AcquisitionFriendRequested(
        **_acquisition("friend_request", 1689171577), link_id=LINK, state="STATE"
    ),
    "customer_acquisition.link_unavailable": app.AcquisitionLinkUnavailable(
        **_acquisition("link_unavailable"), link_id=LINK
    ),
    "customer_acquisition.message_from_customer": app.AcquisitionMessageReceived(
        **_acquisition("message_from_customer"), **TALK, chat_key="CHATKEY", chat_seq=3
    ),
    "customer_acquisition.open_profile": app.AcquisitionProfileOpened(
        **_acquisition("open_profile", 1689171577), link_id=LINK, state="STATE"
    ),
    "customer_acquisition.quota_expire_soon": app.AcquisitionQuotaExpiring(
        **_acquisition("quota_expire_soon", 1689171577), expires_at=1690819200, expiring_count=100
    ),
    "kf_msg_or_event": app.ServiceMessageArrived(
        **_app("kf_msg_or_event", "ww12345678910", 1348831860), open_kfid="wkxxxxxxx",
        token="ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR",
    ),
    "msgaudit_notify": app.ArchiveNotified(**_app("msgaudit_notify", "CorpID", 1629101687), agent_id=2000004),
    "subscribe": app.AppSubscribed(**_app("subscribe", "toUser", 1348831860), user_id="UserID", agent_id=1),
    "template_card_event": app.CardPressed(
        **_app("template_card_event", "toUser", 123456789), user_id="FromUser", agent_id=1, event_key="key111",
        task_id="taskid111", card_type="text_notice", response_code="ResponseCode",
        selected_items=(
            app.SelectedItem(question_key="QuestionKey1", option_ids=("OptionId1", "OptionId2")),
            app.SelectedItem(question_key="QuestionKey2", option_ids=("OptionId3", "OptionId4")),
        ),
    ),
    "unsubscribe": app.AppUnsubscribed(**_app("unsubscribe", "toUser", 1348831860), user_id="UserID", agent_id=1),
    "upload_media_job_finish": app.MediaUploadFinished(
        **_app("upload_media_job_finish", "wx28dbb14e3720FAKE", 1425284517),
        job_id="jobid_S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4",
    ),
}  # fmt: skip
