"""Customers and relations (wire.md C.1) and their tags (mark_tag, C.3)."""

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Customer, Follow, Json, Tag, TagGroup
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.media_use import usable
from wecom_sandbox.world import World

WECHAT, WECOM = 1, 2
CORP_TAG, STRATEGY_TAG = 1, 3


def get_follow_user_list(call: Call) -> Json:
    """Answer externalcontact/get_follow_user_list: members in range who may have customers."""
    users = call.corp.users
    return {"follow_user": [userid for userid in call.staff_seen() if users[userid].serves]}


def list_customers(call: Call) -> Json:
    """Answer externalcontact/list; nobody is an error, not an empty list."""
    user = call.user()
    follows = call.corp.follows_of[user.userid]
    if not len(follows) or not user.serves:
        raise WireError(84061)
    return {"external_userid": [follow.external_userid for follow in follows]}


def get_customer(call: Call) -> Json:
    """Answer externalcontact/get."""
    customer = call.customer()
    followers = call.corp.followers_of[customer.external_userid]
    if not len(followers):
        raise WireError(84061)
    place, _ = call.cursor("follower")
    most = call.world.tunables.followers_a_page
    found = followers.after(place, most + 1)
    if call.parties is not None:
        inside = [follow for follow in followers if call.sees(follow.userid)]
        if not inside:
            raise WireError(40096)
        found = [follow for follow in inside if follow.seq > place][: most + 1]
    page = found[:most]
    return {
        "external_contact": describe_customer(customer),
        "follow_user": [describe_follow(call.corp, follow) for follow in page],
        "next_cursor": cursor_at("follower", page[-1].seq) if len(found) > len(page) else "",
    }


def batch_get_by_user(call: Call) -> Json:
    """Answer externalcontact/batch/get_by_user: the relations of up to 100 members, one by one."""
    old = call.world.tunables.old_forms and "userid_list" not in call.args
    userids = [call.text("userid", missing=40058)] if old else call.texts("userid_list", most=100)
    if not userids:
        raise WireError(40058)
    if any(userid not in call.corp.users for userid in userids):
        raise WireError(60111)
    call.need_sight(userids)
    unlicensed = [userid for userid in userids if not call.corp.users[userid].licensed]
    if len(unlicensed) == len(userids):
        raise WireError(701008)
    limit = call.limit(50, call.world.tunables.relations_a_page, clamp=True)
    found = _relations(call.corp, userids, call.cursor("relation"), limit + 1)
    page = found[:limit]
    more = len(found) > limit
    return {
        "external_contact_list": [_relation(call.corp, follow) for _, follow in page],
        "next_cursor": cursor_at("relation", page[-1][0], page[-1][1].seq) if more else "",
        "fail_info": {"unlicensed_userid_list": unlicensed},
    }


def _relations(corp: Corp, userids: list[str], place: tuple[int, int], most: int) -> list[tuple[int, Follow]]:
    at, seq = place
    found: list[tuple[int, Follow]] = []
    while at < len(userids) and len(found) < most:
        follows = corp.follows_of[userids[at]]
        user = corp.users[userids[at]]
        page = follows.after(seq, most - len(found)) if user.serves and user.licensed else []
        found.extend((at, follow) for follow in page)
        at, seq = at + 1, 0
    return found


def remark(call: Call) -> Json:
    """Answer externalcontact/remark; at least one field is named, remark_mobiles overwrites."""
    follow = call.follow()
    fields = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")
    if not any(name in call.args for name in fields):
        raise WireError(40058)
    text = call.text("remark", longest=call.world.tunables.remark_most)
    description = call.text("description", longest=call.world.tunables.description_most)
    if call.text("remark_pic_mediaid"):
        usable(call, call.text("remark_pic_mediaid"), "image")
    company = call.text("remark_company", longest=call.world.tunables.company_most)
    if "remark_mobiles" in call.args:
        # A bare "" clears the list, as [""] does.
        raw = call.args["remark_mobiles"]
        follow.remark_mobiles = [] if raw == "" else [number for number in call.texts("remark_mobiles") if number]
    if "remark" in call.args:
        follow.remark = text
    if "description" in call.args:
        follow.description = description
    if "remark_company" in call.args and call.customer().type == WECHAT:
        follow.remark_corp_name = company
    return {}


def mark_tag(call: Call) -> Json:
    """Answer externalcontact/mark_tag: tags belong to the relation."""
    follow = call.follow()
    add, remove = call.texts("add_tag"), call.texts("remove_tag")
    if not add and not remove:
        raise WireError(40058)
    retag(call.world, call.corp, follow, add, remove)
    return {}


def retag(world: World, corp: Corp, follow: Follow, add: list[str], remove: list[str]) -> None:
    """Change a relation's tags, all or nothing."""
    for tag_id in [*add, *remove]:
        tag = corp.tags.get(tag_id)
        if tag is None or tag.deleted:
            raise WireError(40068)
    kept = [tag for tag in dict.fromkeys([*follow.tags, *add]) if tag not in set(remove)]
    if len(kept) > world.tunables.relation_tags_most:
        raise WireError(40144)
    follow.tags = kept


def describe_customer(customer: Customer) -> Json:
    """Give external_contact; unionid only for WeChat users, the firm only for WeCom users."""
    answer: Json = {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "type": customer.type,
        "avatar": customer.avatar,
        "gender": customer.gender,
    }
    if customer.type == WECOM:
        firm = {"corp_name": customer.corp_name, "corp_full_name": customer.corp_name}
        return {**answer, "position": customer.position, **firm, "external_profile": {"external_attr": []}}
    if customer.unionid:
        answer["unionid"] = customer.unionid
    return answer


def _about_follow(follow: Follow) -> Json:
    answer: Json = {
        "userid": follow.userid,
        "remark": follow.remark,
        "description": follow.description,
        "createtime": follow.createtime,
        "remark_corp_name": follow.remark_corp_name,
        "remark_mobiles": follow.remark_mobiles,
        "oper_userid": follow.oper_userid,
        "add_way": follow.add_way,
    }
    if follow.state:
        answer["state"] = follow.state
    if follow.channels is not None:
        answer["wechat_channels"] = follow.channels
    return answer


def describe_follow(corp: Corp, follow: Follow) -> Json:
    """Give one entry of follow_user, with its tags by name."""
    tags = [corp.tags[tag_id] for tag_id in follow.tags]
    named = [_named_tag(tag, corp.tag_groups[tag.group_id]) for tag in tags if not tag.deleted]
    return {**_about_follow(follow), "tags": named}


def _named_tag(tag: Tag, group: TagGroup) -> Json:
    kind = STRATEGY_TAG if group.strategy_id else CORP_TAG
    return {"group_name": group.name, "tag_name": tag.name, "tag_id": tag.id, "type": kind}


def _relation(corp: Corp, follow: Follow) -> Json:
    tag_ids = [tag_id for tag_id in follow.tags if not corp.tags[tag_id].deleted]
    return {
        "external_contact": describe_customer(corp.customers[follow.external_userid]),
        "follow_info": {**_about_follow(follow), "tag_id": tag_ids},
    }
