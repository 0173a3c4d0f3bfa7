"""An admin changes members, departments and staff tags; the contact-sync helper hears of it (wire.md B)."""

from wecom_sandbox.callbacks.events import staff_event
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import Department, Json, User

ROOT = 1
_FIELDS = (
    "name", "position", "mobile", "email", "biz_mail", "address", "avatar", "telephone", "alias", "english_name",
)  # fmt: skip
STATUSES = (1, 2, 4)  # active, disabled, not activated


def admin_adds_member(script: Script) -> Json:
    """Somebody joins the corp."""
    userid = script.text("userid")
    if userid in script.corp.users:
        raise ControlError(409, f"member {userid!r} exists")
    user = User(userid, script.text("name"), _departments(script, [ROOT]))
    _take(script, user)
    script.corp.departed.pop(userid, None)
    script.corp.add_user(user)
    script.emit(staff_event("create_user", userid, {"UserID": userid, "Department": _joined(user.department)}))
    return {"userid": userid}


def admin_edits_member(script: Script) -> Json:
    """A member's data change; with `new_userid`, their id."""
    corp, old = script.corp, script.staff()
    user, new = corp.users[old], script.text("new_userid", default="")
    if new and new != old and new in corp.users:
        raise ControlError(409, f"member {new!r} exists")
    user.department = _departments(script, user.department)
    user.serves = script.wishes.get("serves", user.serves) is True
    _take(script, user)
    told = {"UserID": old}
    if new and new != old:
        corp.rename_user(old, new)
        told["NewUserID"] = new
    script.emit(staff_event("update_user", old, {**told, "Department": _joined(user.department)}))
    return {"userid": user.userid}


def admin_adds_department(script: Script) -> Json:
    """A department comes into being below another."""
    corp = script.corp
    number = script.whole("id", max(corp.departments, default=0) + 1)
    parent = script.whole("parentid", ROOT)
    if number in corp.departments or parent not in corp.departments:
        raise ControlError(409, "the id is taken, or there is no such parent")
    corp.departments[number] = Department(number, script.text("name"), parent, script.whole("order", 0))
    script.emit(staff_event("create_party", f"party{number}", {"Id": number, "ParentId": str(parent)}))
    return {"id": number}


def admin_edits_department(script: Script) -> Json:
    """A department gets another name or parent."""
    one = _department(script)
    parent = script.whole("parentid", one.parentid)
    if one.id != ROOT and (parent not in script.corp.departments or parent in script.corp.subtree(one.id)):
        raise ControlError(409, "no such parent, or one below itself")
    one.name, one.parentid = script.text("name", default=one.name), parent
    script.emit(staff_event("update_party", f"party{one.id}", {"Id": one.id, "ParentId": str(parent)}))
    return {"id": one.id}


def admin_deletes_department(script: Script) -> Json:
    """A department goes, when nobody and nothing is in it."""
    one = _department(script)
    if one.id == ROOT or script.corp.subtree(one.id) != {one.id} or script.corp.members_of(one.id, deep=False):
        raise ControlError(409, "only an empty department is deleted, and the root never")
    del script.corp.departments[one.id]
    script.emit(staff_event("delete_party", f"party{one.id}", {"Id": one.id}))
    return {"id": one.id}


def admin_tags_members(script: Script) -> Json:
    """Members enter or leave a staff tag."""
    tag = script.corp.office.tags.get(script.whole("tagid", 0))
    if tag is None:
        raise ControlError(404, "no such tag")
    add, remove = script.names("add"), script.names("remove")
    if any(one not in script.corp.users for one in add):
        raise ControlError(404, "add names an unknown member")
    tag.users = [one for one in dict.fromkeys([*tag.users, *add]) if one not in remove]
    items = {"AddUserItems": ",".join(add), "DelUserItems": ",".join(remove)}
    told = {name: value for name, value in items.items() if value}
    script.emit(staff_event("update_tag", f"tag{tag.tagid}", {"TagId": tag.tagid, **told}))
    return {"users": tag.users}


def _department(script: Script) -> Department:
    found = script.corp.departments.get(script.whole("id", 0))
    if found is None:
        raise ControlError(404, "no such department")
    return found


def _departments(script: Script, default: list[int]) -> list[int]:
    wanted = script.wishes.get("department", default)
    if not isinstance(wanted, list) or not wanted or any(one not in script.corp.departments for one in wanted):
        raise ControlError(404, "department names an unknown one")
    return wanted


def _take(script: Script, user: User) -> None:
    status, gender = script.whole("status", user.status), script.whole("gender", user.gender)
    if status not in STATUSES or gender not in (0, 1, 2):
        raise ControlError(400, "status is 1 active, 2 disabled or 4 not activated; gender 0, 1 or 2")
    for name in _FIELDS:
        setattr(user, name, script.text(name, default=getattr(user, name)))
    user.status, user.gender = status, gender
    user.licensed = script.wishes.get("licensed", user.licensed) is True


def _joined(departments: list[int]) -> str:
    return ",".join(map(str, departments))
