"""Every path the sandbox answers: its verb, its function, and the collections its error replies carry empty."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wecom_sandbox.records import Json
from wecom_sandbox.strategies import CUSTOMER, MOMENT
from wecom_sandbox.wire import (
    albums,
    app_chats,
    archive,
    cards,
    contact_tags,
    contact_ways,
    contacts,
    customers,
    group_welcomes,
    groups,
    handover,
    identifiers,
    intercepts,
    kf_accounts,
    kf_messages,
    links,
    mass,
    mass_results,
    media,
    messages,
    moment_lists,
    moments,
    oauth,
    statistics,
    strategies,
    tags,
    tickets,
    welcome,
)
from wecom_sandbox.wire.call import Call, Served


@dataclass(frozen=True)
class Endpoint:
    """One path under /cgi-bin/; `rate` names the tunable of its calls a minute (None: not counted), an upload is a `form`."""

    verb: str
    answer: Callable[[Call], Json | Served]
    empty: Json = field(default_factory=dict)
    rate: str | None = "rate_per_minute"
    form: bool = False
    old_verb: str = ""


def own_addresses(_call: Call) -> Json:
    """Answer getcallbackip and get_api_domain_ip."""
    return {"ip_list": ["127.0.0.1"]}


def _get(answer: Callable[[Call], Json | Served], **empty: object) -> Endpoint:
    return Endpoint("GET", answer, empty)


def _post(answer: Callable[[Call], Json], **empty: object) -> Endpoint:
    return Endpoint("POST", answer, empty)


def _upload(answer: Callable[[Call], Json]) -> Endpoint:
    return Endpoint("POST", answer, form=True)


_CONTACT = "externalcontact"
_TEMPLATE = f"{_CONTACT}/group_welcome_template"

ENDPOINTS: dict[str, Endpoint] = {
    "getcallbackip": _get(own_addresses, ip_list=[]),
    "get_api_domain_ip": _get(own_addresses, ip_list=[]),
    "auth/getuserinfo": _get(oauth.getuserinfo),
    "user/getuserinfo": _get(oauth.getuserinfo_of_old),
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
    f"{_CONTACT}/get_strategy_tag_list": _post(tags.get_strategy_list, tag_group=[]),
    f"{_CONTACT}/add_strategy_tag": _post(tags.add_strategy, tag_group={}),
    f"{_CONTACT}/edit_strategy_tag": _post(tags.edit_strategy),
    f"{_CONTACT}/del_strategy_tag": _post(tags.delete_strategy),
    **{
        f"{_CONTACT}/{kind}_strategy/{word}": Endpoint("POST", answer, empty)
        for kind in (CUSTOMER, MOMENT)
        for word, (answer, empty) in strategies.answers(kind).items()
    },
    f"{_CONTACT}/add_product_album": _post(albums.add),
    f"{_CONTACT}/get_product_album": _post(albums.get, product={}),
    f"{_CONTACT}/get_product_album_list": _post(albums.get_list, product_list=[]),
    f"{_CONTACT}/update_product_album": _post(albums.update),
    f"{_CONTACT}/delete_product_album": _post(albums.delete),
    f"{_CONTACT}/add_intercept_rule": _post(intercepts.add),
    f"{_CONTACT}/get_intercept_rule_list": _get(intercepts.get_list, rule_list=[]),
    f"{_CONTACT}/get_intercept_rule": _post(intercepts.get, rule={}),
    f"{_CONTACT}/update_intercept_rule": _post(intercepts.update),
    f"{_CONTACT}/del_intercept_rule": _post(intercepts.delete),
    f"{_CONTACT}/customer_acquisition_quota": _get(links.quota, quota_list=[]),
    f"{_CONTACT}/customer_acquisition/list_link": _post(links.list_ids, link_id_list=[]),
    f"{_CONTACT}/customer_acquisition/get": _post(links.get, link={}),
    f"{_CONTACT}/customer_acquisition/create_link": _post(links.create, link={}),
    f"{_CONTACT}/customer_acquisition/update_link": _post(links.update),
    f"{_CONTACT}/customer_acquisition/delete_link": _post(links.delete),
    f"{_CONTACT}/customer_acquisition/customer": _post(links.list_customers, customer_list=[]),
    f"{_CONTACT}/customer_acquisition/statistic": _post(links.statistic),
    f"{_CONTACT}/customer_acquisition/get_chat_info": _post(links.get_chat_info),
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
    f"{_CONTACT}/get_group_msg_result": _post(mass_results.get_result, detail_list=[]),
    f"{_CONTACT}/remind_groupmsg_send": _post(mass.remind),
    f"{_CONTACT}/cancel_groupmsg_send": _post(mass.cancel),
    f"{_CONTACT}/contact_list": _post(identifiers.contact_list, info_list=[]),
    f"{_CONTACT}/convert_to_openid": _post(identifiers.convert_to_openid),
    f"{_CONTACT}/unionid_to_external_userid": _post(identifiers.unionid_to_external_userid),
    "idconvert/convert_tmp_external_userid": _post(
        identifiers.convert_temporary, results=[], invalid_tmp_external_userid_list=[]
    ),
    f"{_CONTACT}/close_temp_chat": _post(contact_ways.close_temp_chat),
    f"{_CONTACT}/transfer_customer": _post(handover.transfer_customer, customer=[]),
    f"{_CONTACT}/transfer_result": _post(handover.transfer_result, customer=[]),
    f"{_CONTACT}/get_unassigned_list": _post(handover.get_unassigned_list, info=[]),
    f"{_CONTACT}/resigned/transfer_customer": _post(handover.transfer_resigned_customer, customer=[]),
    f"{_CONTACT}/resigned/transfer_result": _post(handover.transfer_resigned_result, customer=[]),
    f"{_CONTACT}/groupchat/transfer": _post(handover.transfer_groups, failed_chat_list=[]),
    f"{_CONTACT}/groupchat/onjob_transfer": _post(handover.transfer_groups_on_the_job, failed_chat_list=[]),
    f"{_CONTACT}/opengid_to_chatid": _post(identifiers.opengid_to_chatid),
    f"{_CONTACT}/groupchat/statistic": _post(statistics.by_owner, items=[]),
    f"{_CONTACT}/groupchat/statistic_group_by_day": _post(statistics.by_day, items=[]),
    f"{_CONTACT}/get_user_behavior_data": _post(statistics.of_staff, behavior_data=[]),
    f"{_TEMPLATE}/add": _post(group_welcomes.add),
    f"{_TEMPLATE}/edit": _post(group_welcomes.edit),
    f"{_TEMPLATE}/get": _post(group_welcomes.get),
    f"{_TEMPLATE}/del": _post(group_welcomes.delete),
    f"{_CONTACT}/add_moment_task": Endpoint("POST", moments.add, rate="moments_per_minute"),
    f"{_CONTACT}/get_moment_task_result": _get(moments.get_result, result={}),
    f"{_CONTACT}/cancel_moment_task": _post(moments.cancel),
    f"{_CONTACT}/get_moment_list": _post(moment_lists.get_list, moment_list=[]),
    f"{_CONTACT}/get_moment_task": _post(moment_lists.get_task, task_list=[]),
    f"{_CONTACT}/get_moment_customer_list": _post(moment_lists.get_customer_list, customer_list=[]),
    f"{_CONTACT}/get_moment_send_result": _post(moment_lists.get_send_result, customer_list=[]),
    f"{_CONTACT}/get_moment_comments": _post(moment_lists.get_comments, comment_list=[], like_list=[]),
    "media/upload": _upload(media.upload),
    "media/uploadimg": _upload(media.upload_picture),
    "media/upload_attachment": _upload(media.upload_attachment),
    "media/get": _get(media.get),
    "media/get/jssdk": _get(media.get_jssdk),
    "media/upload_by_url": _post(media.upload_by_url),
    "media/get_upload_by_url_result": _post(media.get_upload_by_url_result, detail={}),
    "message/send": Endpoint("POST", messages.send, rate=None),
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
    "kf/account/list": Endpoint("POST", kf_accounts.list_accounts, {"account_list": []}, old_verb="GET"),
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
