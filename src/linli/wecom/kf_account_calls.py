"""Customer-service accounts (微信客服, wire.md H), who serves them, and the links that lead there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linli.wecom.bodies import given
from linli.wecom.errors import MessageError
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_characters
from linli.wecom.transport import Lane, Transport

_NAME = 16
_PAGE = 100
_SERVICERS = 100
_SCENE = re.compile(r"[0-9A-Za-z_-]{0,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KfAccount:
    """An account; `managed` tells whether this app may change it and talk there."""

    open_kfid: str
    name: str
    avatar: str
    managed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KfServicer:
    """A member (`userid`) or a department that serves an account; `resting` members take nobody."""

    userid: str | None
    department_id: int | None
    resting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KfServicerResult:
    """What became of one: code 0 done, or nothing was to do ("ignored")."""

    userid: str | None
    department_id: int | None
    code: int
    words: str


class KfAccountCalls(Transport):
    """Calls about accounts; after OutcomeUnknown `kf_accounts` and `kf_servicers` tell what happened."""

    def add_kf_account(self, name: str, media_id: str, *, lane: Lane | None = None) -> str:
        """Make an account of up to 16 characters, with a picture; returns its open_kfid."""
        need("name", name)
        need("media_id", media_id)
        within_characters("name", name, _NAME)
        return self._write("kf/account/add", {"name": name, "media_id": media_id}, lane=lane).must("open_kfid")

    def update_kf_account(
        self, open_kfid: str, *, name: str = "", media_id: str = "", lane: Lane | None = None
    ) -> None:
        """Change name or picture."""
        need("name", name or media_id)
        within_characters("name", name, _NAME)
        body = {"open_kfid": open_kfid, **given(name=name, media_id=media_id)}
        self._write("kf/account/update", body, lane=lane)

    def delete_kf_account(self, open_kfid: str, *, lane: Lane | None = None) -> None:
        """Delete an account."""
        self._write("kf/account/del", {"open_kfid": open_kfid}, lane=lane)

    def kf_accounts(self, *, limit: int = _PAGE, lane: Lane | None = None) -> Iterator[KfAccount]:
        """Yield every account; a page with fewer rows than `limit` (up to 100) is the last."""
        between("limit", limit, 1, _PAGE)
        offset = 0
        while True:
            page = self._query("kf/account/list", {"offset": offset, "limit": limit}, lane=lane)
            rows = page.listed("account_list").children("account_list", _account)
            yield from rows
            if len(rows) < limit:
                return
            offset += len(rows)

    def kf_link(self, open_kfid: str, *, scene: str = "", lane: Lane | None = None) -> str:
        """Return the URL that leads a customer to the account; `scene` (32 of [0-9A-Za-z_-]) comes back on entering."""
        if not _SCENE.fullmatch(scene):
            zh, en = "scene 最多 32 个字母、数字、_ 或 -", "scene holds at most 32 letters, digits, _ or -"
            raise MessageError("scene", zh, en)
        body = {"open_kfid": open_kfid, **given(scene=scene)}
        return self._write("kf/add_contact_way", body, lane=lane).must("url")

    def add_kf_servicers(
        self,
        open_kfid: str,
        userids: Sequence[str] = (),
        department_ids: Sequence[int] = (),
        *,
        lane: Lane | None = None,
    ) -> tuple[KfServicerResult, ...]:
        """Let up to 100 members and 100 departments serve; says of each what became of it."""
        return self._change_servicers("kf/servicer/add", open_kfid, userids, department_ids, lane)

    def remove_kf_servicers(
        self,
        open_kfid: str,
        userids: Sequence[str] = (),
        department_ids: Sequence[int] = (),
        *,
        lane: Lane | None = None,
    ) -> tuple[KfServicerResult, ...]:
        """Let members and departments serve no more; limits as `add_kf_servicers`."""
        return self._change_servicers("kf/servicer/del", open_kfid, userids, department_ids, lane)

    def kf_servicers(self, open_kfid: str, *, lane: Lane | None = None) -> tuple[KfServicer, ...]:
        """Return who serves."""
        page = self._get("kf/servicer/list", {"open_kfid": open_kfid}, lane=lane).listed("servicer_list")
        return page.children("servicer_list", _servicer)

    def _change_servicers(
        self, api: str, open_kfid: str, userids: Sequence[str], department_ids: Sequence[int], lane: Lane | None
    ) -> tuple[KfServicerResult, ...]:
        need("userid_list", userids or department_ids)
        at_most("userid_list", userids, _SERVICERS)
        at_most("department_id_list", department_ids, _SERVICERS)
        lists = given(userid_list=list(userids), department_id_list=list(department_ids))
        page = self._write(api, {"open_kfid": open_kfid, **lists}, lane=lane).listed("result_list")
        return page.children("result_list", _result)


def _account(x: Fields) -> KfAccount:
    return KfAccount(
        open_kfid=x.must("open_kfid"), name=x.text("name"), avatar=x.text("avatar"), managed=x.flag("manage_privilege")
    )


def _servicer(x: Fields) -> KfServicer:
    return KfServicer(
        userid=x.maybe("userid"), department_id=x.maybe_number("department_id"), resting=x.number("status") == 1
    )


def _result(x: Fields) -> KfServicerResult:
    return KfServicerResult(
        userid=x.maybe("userid"),
        department_id=x.maybe_number("department_id"),
        code=x.number("errcode"),
        words=x.text("errmsg"),
    )
