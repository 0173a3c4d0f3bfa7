"""Setting up a corp as its first administrator would."""

from typing import Any

from wecom_sandbox.control.generate import generate, read_wish
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.apps import set_app
from wecom_sandbox.humans.staffing import STATUSES
from wecom_sandbox.records import App, Department, Json, User
from wecom_sandbox.world import World


async def seed(world: World, wishes: Json) -> Corp:
    """Make a corp; one that exists is replaced only with `reset`. It is there when all that is to be generated is."""
    corp_id = _text(wishes, "corp_id")
    if corp_id in world.corps and wishes.get("reset") is not True:
        raise ControlError(409, f'corp {corp_id!r} exists; say "reset": true to replace it')
    corp = Corp(corp_id, str(wishes.get("corp_name") or corp_id))
    for row in _rows(wishes, "departments"):
        department = Department(
            _whole(row, "id"), _text(row, "name"), _whole(row, "parentid", 1), _whole(row, "order", 0)
        )
        corp.departments[department.id] = department
    # WeCom's root department is always there.
    corp.departments.setdefault(1, Department(1, corp.name, 0, 0))
    corp.departments[1].parentid = 0
    for row in _rows(wishes, "apps"):
        app = App(_whole(row, "agentid"), str(row.get("name", "")), _text(row, "secret"))
        app.archive = row.get("archive") is True
        app.contacts = row.get("contacts") is True
        app.home, app.sidebar = str(row.get("home") or ""), str(row.get("sidebar") or "")
        set_app(corp, app, row)
        if app.agentid in corp.apps or any(app.secret == other.secret for other in corp.apps.values()):
            raise ControlError(400, "apps: agentid and secret are unique")
        corp.apps[app.agentid] = app
    for row in _rows(wishes, "users"):
        corp.add_user(_user(corp, row))
    super_admins = wishes.get("super_admins") or []
    if not isinstance(super_admins, list) or any(one not in corp.users for one in super_admins):
        raise ControlError(400, "super_admins names an unknown member")
    corp.strategies.super_admins = super_admins
    if "generate" in wishes:
        await generate(world, corp, read_wish(wishes["generate"]))
    world.corps[corp_id] = corp
    return corp


def _user(corp: Corp, row: Json) -> User:
    departments = row.get("department") or [1]
    if not isinstance(departments, list) or any(one not in corp.departments for one in departments):
        raise ControlError(400, f"users: {row.get('userid')!r} names an unknown department")
    cap, status = row.get("customer_cap"), _whole(row, "status", STATUSES[0])
    if status not in STATUSES:
        raise ControlError(400, "users: status is 1 active, 2 disabled or 4 not activated")
    return User(
        userid=_text(row, "userid"),
        name=_text(row, "name"),
        department=departments,
        position=str(row.get("position", "")),
        mobile=str(row.get("mobile", "")),
        customer_cap=None if cap is None else _whole(row, "customer_cap"),
        banned=row.get("banned") is True,
        verified=row.get("verified") is not False,
        serves=row.get("serves") is not False,
        gender=_whole(row, "gender", 0),
        email=str(row.get("email", "")),
        biz_mail=str(row.get("biz_mail", "")),
        address=str(row.get("address", "")),
        avatar=str(row.get("avatar", "")),
        telephone=str(row.get("telephone", "")),
        alias=str(row.get("alias", "")),
        english_name=str(row.get("english_name", "")),
        status=status,
        licensed=row.get("licensed") is not False,
    )


def _rows(wishes: Json, name: str) -> list[dict[str, Any]]:
    rows = wishes.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ControlError(400, f"{name} is a list of objects")
    return rows


def _text(row: Json, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError(400, f"{name} is needed, as a text")
    return value


def _whole(row: Json, name: str, default: int | None = None) -> int:
    value = row.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(400, f"{name} is needed, as a whole number")
    return value
