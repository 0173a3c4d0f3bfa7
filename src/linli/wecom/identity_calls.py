"""Who signed in, and the tickets behind the JS-SDK (wire.md E)."""

from dataclasses import dataclass, field

from linli.wecom.fields import Fields
from linli.wecom.limits import need
from linli.wecom.transport import Lane, Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The person behind a code: a member (`userid`), or somebody outside (`openid`, `external_userid` of a customer).

    `user_ticket` comes with the scope snsapi_privateinfo, for members in the app's visible range, and lives 1800 s.
    """

    userid: str | None
    user_ticket: str | None = field(repr=False)
    user_doc_ticket: str | None = field(repr=False)
    openid: str | None
    external_userid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDetails:
    """What a member agreed to show: `gender` 0 unknown, 1 male, 2 female; a text is "" where nothing is shown."""

    userid: str
    gender: int
    avatar: str
    qr_code: str
    mobile: str
    email: str
    biz_mail: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JsTicket:
    """A ticket for signatures, and its life in seconds; the value stays out of the representation."""

    value: str = field(repr=False)
    expires_in: int


class IdentityCalls(Transport):
    """Calls about the person in front of a page."""

    def user_of_code(self, code: str) -> str | None:
        """Return the userid of the member to whom WeCom gave this code; None for somebody outside the corp.

        A code works once, within five minutes: ApiError 40029, 42003 or 42022 after that.
        """
        return self._visitor(code).userid

    def visitor_of_code(self, code: str) -> Visitor:
        """Return everything that WeCom tells about the person behind a code; errors as `user_of_code`."""
        return self._visitor(code)

    def private_details(self, user_ticket: str) -> PrivateDetails:
        """Return what the member behind a ticket of snsapi_privateinfo agreed to show; ApiError 84014 or 84015."""
        need("user_ticket", user_ticket)
        x = self._query("auth/getuserdetail", {"user_ticket": user_ticket}, lane=Lane.HUMAN)
        return PrivateDetails(
            userid=x.must("userid"),
            gender=x.number("gender"),
            avatar=x.text("avatar"),
            qr_code=x.text("qr_code"),
            mobile=x.text("mobile"),
            email=x.text("email"),
            biz_mail=x.text("biz_mail"),
            address=x.text("address"),
        )

    def corp_ticket(self, *, lane: Lane | None = None) -> JsTicket:
        """Return the corp's ticket for `config`; 400 times an hour per corp, 100 per app, so keep it while it lives."""
        return _ticket(self._get("get_jsapi_ticket", lane=lane))

    def agent_ticket(self, *, lane: Lane | None = None) -> JsTicket:
        """Return the app's ticket for `agentConfig`; 100 times an hour, so keep it while it lives."""
        return _ticket(self._get("ticket/get", {"type": "agent_config"}, lane=lane))

    def _visitor(self, code: str) -> Visitor:
        x = self._get("auth/getuserinfo", {"code": code}, lane=Lane.HUMAN)
        return Visitor(
            userid=x.maybe("userid"),
            user_ticket=x.maybe("user_ticket"),
            user_doc_ticket=x.maybe("user_doc_ticket"),
            openid=x.maybe("openid"),
            external_userid=x.maybe("external_userid"),
        )


def _ticket(x: Fields) -> JsTicket:
    return JsTicket(value=x.must("ticket"), expires_in=x.number("expires_in"))
