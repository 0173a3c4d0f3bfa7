"""Departments and staff (wire.md B), and WeCom's own addresses."""

from collections.abc import Iterator
from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import between, need
from linli.wecom.transport import Lane, Transport

_PLACES_A_PAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department; the root's id is 1 and its `parent_id` 0."""

    id: int
    name: str
    name_en: str
    parent_id: int
    order: int
    leaders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRef:
    """A department without its name."""

    id: int
    parent_id: int
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A staff member; apps made since 2022-06-20 get no avatar, gender, mobile, email, QR code or address.

    `status`: 1 active, 2 disabled, 4 not activated, 5 left. `leader_flags` and `orders` run along `department_ids`.
    """

    userid: str
    name: str
    department_ids: tuple[int, ...]
    main_department_id: int
    orders: tuple[int, ...]
    leader_flags: tuple[bool, ...]
    direct_leaders: tuple[str, ...]
    position: str
    alias: str
    english_name: str
    external_position: str
    status: int
    mobile: str
    telephone: str
    email: str
    gender: int
    avatar: str
    address: str
    qr_code: str
    open_userid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRef:
    """A staff member by name and place only."""

    userid: str
    name: str
    department_ids: tuple[int, ...]
    open_userid: str


@dataclass(frozen=True, slots=True)
class StaffPlace:
    """One staff member in one department; somebody in two departments is listed twice."""

    userid: str
    department_id: int


class DirectoryCalls(Transport):
    """Calls about the address book."""

    def department_list(self, department_id: int | None = None, *, lane: Lane | None = None) -> tuple[Department, ...]:
        """Return the visible departments, or one and its sub-tree."""
        page = self._get("department/list", _only("id", department_id), lane=lane)
        return page.listed("department").children("department", _department)

    def department_simplelist(
        self, department_id: int | None = None, *, lane: Lane | None = None
    ) -> tuple[DepartmentRef, ...]:
        """Return the visible departments without names, or one and its sub-tree."""
        page = self._get("department/simplelist", _only("id", department_id), lane=lane)
        return page.listed("department_id").children("department_id", _department_ref)

    def department_get(self, department_id: int, *, lane: Lane | None = None) -> Department:
        """Return one department; ApiError 60123 where there is none, 60030 out of the app's sight."""
        return _department(self._get("department/get", {"id": department_id}, lane=lane).child("department"))

    def userid_by_mobile(self, mobile: str, *, lane: Lane | None = None) -> str:
        """Return whose phone number this is; ApiError 46004 where nobody in sight has it."""
        need("mobile", mobile)
        return self._query("user/getuserid", {"mobile": mobile}, lane=lane).must("userid")

    def userid_by_email(self, email: str, *, personal: bool = False, lane: Lane | None = None) -> str:
        """Return whose address this is, the corp's or a `personal` one; ApiError 46004 where nobody in sight has it."""
        need("email", email)
        body = {"email": email, "email_type": 2 if personal else 1}
        return self._query("user/get_userid_by_email", body, lane=lane).must("userid")

    def staff_openid(self, userid: str, *, lane: Lane | None = None) -> str:
        """Return the openid by which WeChat Pay knows a staff member."""
        need("userid", userid)
        return self._query("user/convert_to_openid", {"userid": userid}, lane=lane).must("openid")

    def user_list(
        self, department_id: int, *, fetch_child: bool = False, lane: Lane | None = None
    ) -> tuple[Staff, ...]:
        """Return a department's staff; large corps answer 45029, then ask by smaller departments."""
        params = {"department_id": department_id, "fetch_child": int(fetch_child)}
        return self._get("user/list", params, lane=lane).listed("userlist").children("userlist", _staff)

    def user_simplelist(
        self, department_id: int, *, fetch_child: bool = False, lane: Lane | None = None
    ) -> tuple[StaffRef, ...]:
        """Return a department's staff by name and place; `fetch_child` is an older form that WeCom still takes."""
        params = {"department_id": department_id, "fetch_child": int(fetch_child)}
        return self._get("user/simplelist", params, lane=lane).listed("userlist").children("userlist", _staff_ref)

    def user_get(self, userid: str, *, lane: Lane | None = None) -> Staff:
        """Return one staff member."""
        return _staff(self._get("user/get", {"userid": userid}, lane=lane))

    def user_list_id(self, *, limit: int = _PLACES_A_PAGE, lane: Lane | None = None) -> Iterator[StaffPlace]:
        """Yield every staff member's places; needs the secret of contact sync."""
        between("limit", limit, 1, _PLACES_A_PAGE)
        pages = self._pages("user/list_id", {"limit": limit}, rows="dept_user", lane=lane)
        for page in pages:
            yield from page.children("dept_user", _place)

    def callback_ips(self, *, lane: Lane | None = None) -> tuple[str, ...]:
        """Return the addresses that callbacks come from."""
        return self._get("getcallbackip", lane=lane).listed("ip_list").texts("ip_list")

    def api_ips(self, *, lane: Lane | None = None) -> tuple[str, ...]:
        """Return the addresses that calls go to, for a firewall before Linli."""
        return self._get("get_api_domain_ip", lane=lane).listed("ip_list").texts("ip_list")


def _only(name: str, value: int | None) -> dict[str, str | int]:
    return {} if value is None else {name: value}


def _department(x: Fields) -> Department:
    return Department(
        id=x.number("id"),
        name=x.text("name"),
        name_en=x.text("name_en"),
        parent_id=x.number("parentid"),
        order=x.number("order"),
        leaders=x.texts("department_leader"),
    )


def _department_ref(x: Fields) -> DepartmentRef:
    return DepartmentRef(id=x.number("id"), parent_id=x.number("parentid"), order=x.number("order"))


def _staff_ref(x: Fields) -> StaffRef:
    return StaffRef(
        userid=x.must("userid"),
        name=x.text("name"),
        department_ids=x.numbers("department"),
        open_userid=x.text("open_userid"),
    )


def _place(x: Fields) -> StaffPlace:
    return StaffPlace(x.must("userid"), x.number("department"))


def _staff(x: Fields) -> Staff:
    return Staff(
        userid=x.must("userid"),
        name=x.text("name"),
        department_ids=x.numbers("department"),
        main_department_id=x.number("main_department"),
        orders=x.numbers("order"),
        leader_flags=tuple(flag == 1 for flag in x.numbers("is_leader_in_dept")),
        direct_leaders=x.texts("direct_leader"),
        position=x.text("position"),
        alias=x.text("alias"),
        english_name=x.text("english_name"),
        external_position=x.text("external_position"),
        status=x.number("status"),
        mobile=x.text("mobile"),
        telephone=x.text("telephone"),
        email=x.text("email"),
        gender=x.number("gender"),
        avatar=x.text("avatar"),
        address=x.text("address"),
        qr_code=x.text("qr_code"),
        open_userid=x.text("open_userid"),
    )
