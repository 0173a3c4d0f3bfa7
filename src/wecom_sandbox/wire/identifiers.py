"""Ids of other worlds, and everybody whom the corp serves (wire.md C.1, C.6)."""

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import EXTERNAL, Customer, Json
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.customers import WECHAT
from wecom_sandbox.world import Traversal

MOST_A_PAGE = 1000
MOST_TEMPORARY = 100
BUSINESSES, USER_TYPES = (1, 2), (1, 2, 3, 4)


def contact_list(call: Call) -> Json:
    """Answer contact_list; a traversal sees the contacts as they were at its start, and lives 4 hours."""
    limit = call.limit(MOST_A_PAGE, MOST_A_PAGE)
    number, place = call.cursor("contact")
    if not number:
        number = _begin(call)
    traversal = call.world.traversals.get(number)
    owner = (call.corp.corp_id, call.app.agentid)
    if traversal is None or (traversal.corp_id, traversal.agentid) != owner:
        raise WireError(50100)
    if call.world.now() - traversal.began > call.world.tunables.contact_list_cursor_s:
        raise WireError(50100)
    page = traversal.rows[place : place + limit]
    end = place + len(page)
    more = end < len(traversal.rows)
    return {"info_list": page, "next_cursor": cursor_at("contact", number, end) if more else ""}


def convert_to_openid(call: Call) -> Json:
    """Answer convert_to_openid: WeChat customers only."""
    customer = call.customer()
    if customer.type != WECHAT:
        raise WireError(41056)
    _need_developer(call)
    return {"openid": openid(call.corp, customer)}


def unionid_to_external_userid(call: Call) -> Json:
    """Answer unionid_to_external_userid; the openid is not needed, but if it is said it must be theirs."""
    unionid = call.text("unionid", missing=40058)
    _need_developer(call)
    known = call.corp.by_unionid.get(unionid)
    said = call.text("openid")
    if known is None or (said and said != openid(call.corp, call.corp.customers[known])):
        raise WireError(610014)
    if not len(call.corp.followers_of[known]):
        raise WireError(610004)
    return {"external_userid": known}


def convert_temporary(call: Call) -> Json:
    """Answer idconvert/convert_tmp_external_userid."""
    kind = (call.integer("business_type"), call.integer("user_type"))
    values = call.texts("tmp_external_userid_list", most=MOST_TEMPORARY)
    if not values or kind[0] not in BUSINESSES or kind[1] not in USER_TYPES:
        raise WireError(40058)
    results, invalid = [], []
    for value in values:
        known = call.corp.temp_ids.get(value)
        if known is None or (known.business_type, known.user_type) != kind:
            invalid.append(value)
        else:
            results.append({"tmp_external_userid": value, **known.meaning})
    return {"results": results, "invalid_tmp_external_userid_list": invalid}


def opengid_to_chatid(call: Call) -> Json:
    """Answer opengid_to_chatid: the group in which a mini-program was opened."""
    chat_id = call.corp.opengids.get(call.text("opengid", missing=40058))
    if chat_id is None:
        raise WireError(90511)
    if not chat_id:
        raise WireError(90509)
    if chat_id not in call.corp.groups:
        raise WireError(90501)
    return {"chat_id": chat_id}


def openid(corp: Corp, customer: Customer) -> str:
    """Give what WeChat calls this customer before the corp's developer account."""
    return "o" + corp.digest("openid/" + customer.external_userid)[:27]


def _need_developer(call: Call) -> None:
    if not call.world.tunables.developer_bound:
        raise WireError(41057)


def _begin(call: Call) -> int:
    number = int(call.world.clock.time() * 1_000_000)
    began = call.world.now()
    horizon = began - call.world.tunables.contact_list_cursor_s
    call.world.traversals = {key: one for key, one in call.world.traversals.items() if one.began >= horizon}
    rows = [row for row in _rows(call.corp, number) if call.sees(str(row.get("follow_userid") or _owner(call, row)))]
    call.world.traversals[number] = Traversal(call.corp.corp_id, call.app.agentid, began, rows)
    return number


def _owner(call: Call, row: dict[str, object]) -> str:
    group = call.corp.groups.get(str(row.get("chat_id")))
    return group.owner if group else ""


def _rows(corp: Corp, number: int) -> list[dict[str, object]]:
    def who(identity: str) -> str:
        return "tmp" + corp.digest(f"traversal/{number}/{identity}")[:28]

    def customer(external_userid: str, **how: object) -> dict[str, object]:
        one = corp.customers[external_userid]
        tmp = who(one.unionid or external_userid)
        return {"is_customer": True, "tmp_openid": tmp, "external_userid": external_userid, **how}

    follows = sorted(corp.follows.values(), key=lambda follow: follow.seq)
    added = [customer(one.external_userid, follow_userid=one.userid, add_time=one.createtime) for one in follows]
    met = [
        customer(member.userid, chat_id=group.chat_id, add_time=member.join_time)
        for group in corp.group_list
        for member in group.members.values()
        if member.type == EXTERNAL
    ]
    others: list[dict[str, object]] = [
        {
            "is_customer": False,
            "tmp_openid": who(one.unionid),
            "name": "***" + one.name[-1:],
            "follow_userid": one.userid,
            "add_time": one.added_at,
        }
        for one in corp.acquaintances
    ]
    return [*added, *met, *others]
