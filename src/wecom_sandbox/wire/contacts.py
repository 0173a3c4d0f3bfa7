"""Departments and members (wire.md B)."""

from collections.abc import Callable

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Department, Json, User
from wecom_sandbox.sight import sees_party, sees_user
from wecom_sandbox.wire.call import Call, cursor_at

MOST_USER_IDS = 10_000


def list_departments(call: Call) -> Json:
    """Answer department/list."""
    return {"department": [_department(one) for one in _wanted_departments(call)]}


def list_department_ids(call: Call) -> Json:
    """Answer department/simplelist."""
    wanted = _wanted_departments(call)
    return {"department_id": [{"id": one.id, "parentid": one.parentid, "order": one.order} for one in wanted]}


def get_department(call: Call) -> Json:
    """Answer department/get."""
    found = call.corp.departments.get(call.integer("id", missing=60123))
    if found is None:
        raise WireError(60123)
    if not sees_party(call.corp, call.app, found.id):
        raise WireError(60030)
    return {"department": _department(found)}


def userid_by_mobile(call: Call) -> Json:
    """Answer user/getuserid."""
    mobile = call.text("mobile", missing=40058)
    return _whose(call, lambda user: user.mobile == mobile)


def userid_by_email(call: Call) -> Json:
    """Answer user/get_userid_by_email: 1 the corp's address, 2 a personal one."""
    email, kind = call.text("email", missing=40058), call.integer("email_type", 1)
    if kind not in (1, 2):
        raise WireError(40058, "invalid email_type")
    return _whose(call, lambda user: email == (user.biz_mail if kind == 1 else user.email))


def openid_of_user(call: Call) -> Json:
    """Answer user/convert_to_openid."""
    return {"openid": "o" + call.corp.digest("openid/" + call.user().userid)[:27]}


def _whose(call: Call, fits: Callable[[User], bool]) -> Json:
    corp = call.corp
    found = next((user for user in corp.users.values() if fits(user) and sees_user(corp, call.app, user)), None)
    if found is None:
        raise WireError(46004)
    return {"userid": found.userid}


def list_users(call: Call) -> Json:
    """Answer user/list; an answer that would be too large is refused."""
    _need_details(call)
    users, most = _wanted_users(call), call.world.tunables.user_list_most
    if most and len(users) > most:
        raise WireError(45029)
    return {"userlist": [_user(call, user) for user in users]}


def list_users_briefly(call: Call) -> Json:
    """Answer user/simplelist."""
    users = _wanted_users(call)
    return {"userlist": [{**_brief(user), "open_userid": _open_userid(call, user)} for user in users]}


def get_user(call: Call) -> Json:
    """Answer user/get."""
    _need_details(call)
    return _user(call, call.user())


def list_user_ids(call: Call) -> Json:
    """Answer user/list_id: one row per member and department."""
    limit = call.limit(MOST_USER_IDS, MOST_USER_IDS)
    start, _ = call.cursor("user_id")
    rows = [
        {"userid": user.userid, "department": department}
        for user in call.corp.users.values()
        if call.sees(user.userid)
        for department in user.department
    ]
    end = start + limit
    return {"dept_user": rows[start:end], "next_cursor": cursor_at("user_id", end) if end < len(rows) else ""}


def _need_details(call: Call) -> None:
    """Refuse the contact-sync helper where it comes from an address that is new since 2022-08-15 (wire.md B)."""
    if call.app.contacts and not call.world.tunables.helper_reads_details:
        raise WireError(48009)


def _wanted_departments(call: Call) -> list[Department]:
    seen = call.parties
    everything = [one for one in call.corp.departments.values() if seen is None or one.id in seen]
    if not call.args.get("id"):
        return everything
    root = call.integer("id")
    if root not in call.corp.departments:
        raise WireError(60123)
    call.need_sight((), [root])
    inside = call.corp.subtree(root)
    return [one for one in everything if one.id in inside]


def _wanted_users(call: Call) -> list[User]:
    department = call.integer("department_id", missing=60123)
    if department not in call.corp.departments:
        raise WireError(60123)
    call.need_sight((), [department])
    return call.corp.members_of(department, deep=call.integer("fetch_child", 0) == 1)


def _department(one: Department) -> Json:
    return {"id": one.id, "name": one.name, "name_en": "", "parentid": one.parentid, "order": one.order}


def _brief(user: User) -> Json:
    return {"userid": user.userid, "name": user.name, "department": user.department}


def _open_userid(call: Call, user: User) -> str:
    return "woOPEN" + call.corp.digest("open/" + user.userid)[:26]


def _user(call: Call, user: User) -> Json:
    answer = {
        **_brief(user),
        "order": [0] * len(user.department),
        "position": user.position,
        "is_leader_in_dept": [0] * len(user.department),
        "thumb_avatar": "",
        "telephone": user.telephone,
        "alias": user.alias,
        "status": user.status,
        "hide_mobile": 0,
        "english_name": user.english_name,
        "open_userid": _open_userid(call, user),
        "main_department": user.department[0] if user.department else 1,
        "extattr": {"attrs": []},
        "external_position": user.position,
        "external_profile": {"external_corp_name": call.corp.name, "external_attr": []},
    }
    # Apps created since 2022-06-20 get no private fields from contact APIs (wire.md B).
    if call.world.tunables.private_fields:
        answer |= private_of(call, user)
    return answer


def private_of(call: Call, user: User) -> Json:
    """Give what only a member's own leave shows today; gender is a text, the pictures are addresses."""
    shown: Json = {name: getattr(user, name) for name in ("mobile", "email", "biz_mail", "address")}
    picture = f"{call.base_url}staff/{user.userid}"
    pictures = {"avatar": user.avatar or f"{picture}/avatar", "qr_code": f"{picture}/qr_code"}
    return {**shown, "gender": str(user.gender), **pictures}
