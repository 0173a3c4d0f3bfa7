"""Reads departments and members from WeCom."""

from collections.abc import Sequence

from linli.connect import api as connect
from linli.directory.operations import (
    DepartmentRead,
    StaffRead,
    mark_left,
    save_departments,
    save_staff,
)
from linli.directory.shops import apply_shop_rule
from linli.wecom.client import Client
from linli.wecom.directory_calls import Staff
from linli.wecom.errors import ApiError

ROOT = 1
_TOO_LARGE = 45029
_CHUNK = 500


def sync(*, corp_id: int) -> None:
    """Read the whole address book; what could not be read is listed in the run and left as it was."""
    client = connect.contacts_client(corp_id=corp_id)
    with connect.run(corp_id=corp_id, kind="directory") as run:
        departments = client.department_list()
        reads = [
            DepartmentRead(wecom_id=one.id, name=one.name, parent_wecom_id=one.parent_id, order=one.order)
            for one in departments
        ]
        save_departments(corp_id=corp_id, departments=reads, complete=True)
        apply_shop_rule(corp_id=corp_id)
        present = _read_staff(client, corp_id, [one.id for one in departments], run)
        if present and not run.missing:
            mark_left(corp_id=corp_id, present=present)


def _read_staff(client: Client, corp_id: int, departments: Sequence[int], run: connect.Run) -> set[str]:
    try:
        members = client.user_list(ROOT, fetch_child=True)
    except ApiError as error:
        if error.code != _TOO_LARGE:
            run.could_not("user/list", connect.explain_error(error))
            return set()
        return _read_by_department(client, corp_id, departments, run)
    _save(corp_id, members, run)
    return {one.userid for one in members}


def _read_by_department(client: Client, corp_id: int, departments: Sequence[int], run: connect.Run) -> set[str]:
    """A large corp answers 45029 for the whole tree (wire.md B), so ask department by department."""
    present: set[str] = set()
    for department in departments:
        try:
            members = client.user_list(department)
        except ApiError as error:
            run.could_not(f"user/list {department}", connect.explain_error(error))
            continue
        fresh = [one for one in members if one.userid not in present]
        present |= {one.userid for one in fresh}
        _save(corp_id, fresh, run)
    return present


def _save(corp_id: int, members: Sequence[Staff], run: connect.Run) -> None:
    for start in range(0, len(members), _CHUNK):
        chunk = members[start : start + _CHUNK]
        save_staff(corp_id=corp_id, staff=[_read(one) for one in chunk])
        run.progress(run.done + len(chunk))


def _read(one: Staff) -> StaffRead:
    main = one.main_department_id or (one.department_ids[0] if one.department_ids else 0)
    others = tuple(department for department in one.department_ids if department != main)
    return StaffRead(
        userid=one.userid,
        name=one.name,
        departments=(main, *others) if main else others,
        status=one.status or 1,
        position=one.position,
    )
