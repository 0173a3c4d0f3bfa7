"""Every path the sandbox answers: its verb, its function, and the collections its error replies carry empty."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wecom_sandbox.records import Json
from wecom_sandbox.strategies import CUSTOMER, MOMENT
from wecom_sandbox.wire import (
    albums,
    contact_ways,
    contacts,
    customers,
    groups,
    intercepts,
    links,
    mass,
    mass_results,
    messages,
    oauth,
    strategies,
    tags,
    welcome,
)
from wecom_sandbox.wire.call import Call


@dataclass(frozen=True)
class Endpoint:
    """One path under /cgi-bin/."""

    verb: str
    answer: Callable[[Call], Json]
    empty: Json = field(default_factory=dict)


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
    "department/list": _get(contacts.list_departments, department=[]),
    "department/simplelist": _get(contacts.list_department_ids, department_id=[]),
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
    f"{_CONTACT}/remind_groupmsg_send": _post(mass.remind),
    f"{_CONTACT}/cancel_groupmsg_send": _post(mass.cancel),
    "message/send": _post(messages.send),
}
