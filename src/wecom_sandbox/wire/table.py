"""Every path the sandbox answers: its verb, its function, and the collections its error replies carry empty."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wecom_sandbox.records import Json
from wecom_sandbox.wire import (
    app_chats,
    archive,
    cards,
    contact_tags,
    contact_ways,
    contacts,
    customers,
    groups,
    kf_accounts,
    kf_messages,
    mass,
    mass_results,
    messages,
    oauth,
    tags,
    tickets,
    welcome,
)
from wecom_sandbox.wire.call import Call


@dataclass(frozen=True)
class Endpoint:
    """One path under /cgi-bin/."""

    verb: str
    answer: Callable[[Call], Json]
    empty: Json = field(default_factory=dict)
    counted: bool = True  # against the base limits


def own_addresses(_call: Call) -> Json:
    """Answer getcallbackip and get_api_domain_ip."""
    return {"ip_list": ["127.0.0.1"]}


def _get(answer: Callable[[Call], Json], **empty: object) -> Endpoint:
    return Endpoint("GET", answer, empty)


def _post(answer: Callable[[Call], Json], **empty: object) -> Endpoint:
    return Endpoint("POST", answer, empty)


_CONTACT = "externalcontact"

ENDPOINTS: dict[str, Endpoint] = {
    "getcallbackip": _get(own_addresses, ip_list=[]),
    "get_api_domain_ip": _get(own_addresses, ip_list=[]),
    "auth/getuserinfo": _get(oauth.getuserinfo),
    "auth/getuserdetail": _post(oauth.getuserdetail),
    "get_jsapi_ticket": _get(tickets.of_corp),
    "ticket/get": _get(tickets.of_app),
    "department/list": _get(contacts.list_departments, department=[]),
    "department/simplelist": _get(contacts.list_department_ids, department_id=[]),
    "department/get": _get(contacts.get_department, department={}),
    "user/getuserid": _post(contacts.userid_by_mobile),
    "user/get_userid_by_email": _post(contacts.userid_by_email),
    "user/convert_to_openid": _post(contacts.openid_of_user),
    "tag/list": _get(contact_tags.list_tags, taglist=[]),
    "tag/get": _get(contact_tags.get, userlist=[], partylist=[]),
    "tag/create": _post(contact_tags.create),
    "tag/update": _post(contact_tags.update),
    "tag/delete": _get(contact_tags.delete),
    "tag/addtagusers": _post(contact_tags.add_members),
    "tag/deltagusers": _post(contact_tags.remove_members),
    "user/list": _get(contacts.list_users, userlist=[]),
    "user/simplelist": _get(contacts.list_users_briefly, userlist=[]),
    "user/get": _get(contacts.get_user),
    "user/list_id": _post(contacts.list_user_ids, dept_user=[]),
    f"{_CONTACT}/get_follow_user_list": _get(customers.get_follow_user_list, follow_user=[]),
    f"{_CONTACT}/list": _get(customers.list_customers, external_userid=[]),
    f"{_CONTACT}/get": _get(customers.get_customer, external_contact={}, follow_user=[]),
    f"{_CONTACT}/batch/get_by_user": _post(customers.batch_get_by_user, external_contact_list=[]),
    f"{_CONTACT}/remark": _post(customers.remark),
    f"{_CONTACT}/mark_tag": _post(customers.mark_tag),
    f"{_CONTACT}/add_contact_way": _post(contact_ways.add),
    f"{_CONTACT}/get_contact_way": _post(contact_ways.get, contact_way={}),
    f"{_CONTACT}/list_contact_way": _post(contact_ways.list_ids, contact_way=[]),
    f"{_CONTACT}/update_contact_way": _post(contact_ways.update),
    f"{_CONTACT}/del_contact_way": _post(contact_ways.delete),
    f"{_CONTACT}/get_corp_tag_list": _post(tags.get_list, tag_group=[]),
    f"{_CONTACT}/add_corp_tag": _post(tags.add, tag_group={}),
    f"{_CONTACT}/edit_corp_tag": _post(tags.edit),
    f"{_CONTACT}/del_corp_tag": _post(tags.delete),
    f"{_CONTACT}/groupchat/list": _post(groups.list_groups, group_chat_list=[]),
    f"{_CONTACT}/groupchat/get": _post(groups.get_group, group_chat={}),
    f"{_CONTACT}/groupchat/add_join_way": _post(groups.add_join_way),
    f"{_CONTACT}/groupchat/get_join_way": _post(groups.get_join_way, join_way={}),
    f"{_CONTACT}/groupchat/update_join_way": _post(groups.update_join_way),
    f"{_CONTACT}/groupchat/del_join_way": _post(groups.delete_join_way),
    f"{_CONTACT}/send_welcome_msg": _post(welcome.send),
    f"{_CONTACT}/add_msg_template": _post(mass.add, fail_list=[]),
    f"{_CONTACT}/get_groupmsg_list_v2": _post(mass_results.get_list, group_msg_list=[]),
    f"{_CONTACT}/get_groupmsg_task": _post(mass_results.get_task, task_list=[]),
    f"{_CONTACT}/get_groupmsg_send_result": _post(mass_results.get_send_result, send_list=[]),
    f"{_CONTACT}/remind_groupmsg_send": _post(mass.remind),
    f"{_CONTACT}/cancel_groupmsg_send": _post(mass.cancel),
    "message/send": Endpoint("POST", messages.send, counted=False),
    "message/recall": _post(messages.recall),
    "message/update_template_card": _post(cards.update, invaliduser=[]),
    "appchat/create": _post(app_chats.create),
    "appchat/update": _post(app_chats.update),
    "appchat/get": _get(app_chats.get, chat_info={}),
    "appchat/send": _post(app_chats.send),
    "msgaudit/get_permit_user_list": _post(archive.permit_list, ids=[]),
    "msgaudit/check_single_agree": _post(archive.single_agree, agreeinfo=[]),
    "msgaudit/check_room_agree": _post(archive.room_agree, agreeinfo=[]),
    "msgaudit/groupchat/get": _post(archive.inner_group, members=[]),
    "msgaudit/get_robot_info": _get(archive.robot, data={}),
    "kf/account/add": _post(kf_accounts.add),
    "kf/account/update": _post(kf_accounts.update),
    "kf/account/del": _post(kf_accounts.delete),
    "kf/account/list": _post(kf_accounts.list_accounts, account_list=[]),
    "kf/add_contact_way": _post(kf_accounts.add_contact_way),
    "kf/servicer/add": _post(kf_accounts.add_servicers, result_list=[]),
    "kf/servicer/del": _post(kf_accounts.remove_servicers, result_list=[]),
    "kf/servicer/list": _get(kf_accounts.list_servicers, servicer_list=[]),
    "kf/sync_msg": _post(kf_messages.sync, msg_list=[]),
    "kf/send_msg": _post(kf_messages.send),
    "kf/send_msg_on_event": _post(kf_messages.send_on_event),
    "kf/service_state/get": _post(kf_messages.get_state),
    "kf/service_state/trans": _post(kf_messages.move),
    "kf/customer/batchget": _post(kf_messages.batchget, customer_list=[]),
}
