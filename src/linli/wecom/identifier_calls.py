"""Whom an id of another world means, and everybody whom the corp serves (wire.md C.1, C.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need
from linli.wecom.transport import Lane, Transport

MEETING = 1
FORM = 2
CUSTOMER = 1

_TEMPORARY = 100
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedContact:
    """An external contact of the corp: a customer (with `external_userid`), or another person (with a masked `name`).

    `tmp_openid` means the same person only inside one traversal. `userid` is the member who added them, `chat_id`
    or `chat_name` the group they were met in; `added_at` is unix seconds.
    """

    is_customer: bool
    tmp_openid: str
    external_userid: str | None
    name: str
    userid: str | None
    chat_id: str | None
    chat_name: str
    added_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTemporary:
    """Whom a temporary id means: a customer (`external_userid`), or a member of a corp (`corp_id` and `userid`)."""

    tmp_external_userid: str
    external_userid: str | None
    corp_id: str | None
    userid: str | None


@dataclass(frozen=True, slots=True)
class Temporaries:
    """The temporary ids that WeCom knows, and those it does not."""

    known: tuple[KnownTemporary, ...]
    invalid: tuple[str, ...]


class IdentifierCalls(Transport):
    """Calls that translate ids. None of them changes anything."""

    def served_contacts(
        self, *, cursor: str = "", limit: int = _PAGE, lane: Lane | None = None
    ) -> Iterator[ServedContact]:
        """Yield all external contacts whom the corp serves, customers or not; a cursor lives 4 hours (ApiError 50100)."""
        between("limit", limit, 1, _PAGE)
        api = "externalcontact/contact_list"
        for page in self._pages(api, {"limit": limit}, rows="info_list", lane=lane, cursor=cursor):
            yield from page.children("info_list", _served)

    def openid_of(self, external_userid: str, *, lane: Lane | None = None) -> str:
        """Return a WeChat customer's openid; raises ApiError 41056 for a WeCom user, 41057 without a developer account."""
        need("external_userid", external_userid)
        api = "externalcontact/convert_to_openid"
        return self._query(api, {"external_userid": external_userid}, lane=lane).must("openid")

    def external_userid_of(self, unionid: str, *, openid: str = "", lane: Lane | None = None) -> str:
        """Return the customer with a unionid; raises ApiError 610014 for an unknown one, 41057 without a developer account."""
        need("unionid", unionid)
        body = {"unionid": unionid, **({"openid": openid} if openid else {})}
        return self._query("externalcontact/unionid_to_external_userid", body, lane=lane).must("external_userid")

    def known_temporaries(
        self, temporary: Sequence[str], *, business_type: int, user_type: int, lane: Lane | None = None
    ) -> Temporaries:
        """Tell whom up to 100 temporary ids of a business (MEETING, FORM) and a kind of user (CUSTOMER, …) mean."""
        need("tmp_external_userid_list", temporary)
        at_most("tmp_external_userid_list", temporary, _TEMPORARY)
        body = {
            "business_type": business_type,
            "user_type": user_type,
            "tmp_external_userid_list": list(temporary),
        }
        answer = self._query("idconvert/convert_tmp_external_userid", body, lane=lane).listed("results")
        return Temporaries(answer.children("results", _known), answer.texts("invalid_tmp_external_userid_list"))

    def chat_id_of(self, opengid: str, *, lane: Lane | None = None) -> str:
        """Return the group in which a mini-program was opened; raises ApiError 90511 for an unknown opengid."""
        need("opengid", opengid)
        return self._query("externalcontact/opengid_to_chatid", {"opengid": opengid}, lane=lane).must("chat_id")


def _served(x: Fields) -> ServedContact:
    return ServedContact(
        is_customer=x.flag("is_customer"),
        tmp_openid=x.must("tmp_openid"),
        external_userid=x.maybe("external_userid"),
        name=x.text("name"),
        userid=x.maybe("follow_userid"),
        chat_id=x.maybe("chat_id"),
        chat_name=x.text("chat_name"),
        added_at=x.number("add_time"),
    )


def _known(x: Fields) -> KnownTemporary:
    return KnownTemporary(
        tmp_external_userid=x.must("tmp_external_userid"),
        external_userid=x.maybe("external_userid"),
        corp_id=x.maybe("corpid"),
        userid=x.maybe("userid"),
    )
