"""The public JSON API: orders and members in, orders out. Keys decide the corp; refusals are readable sentences."""

from collections import Counter
from dataclasses import replace

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Body, NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from linli.access.api import KeyExpired
from linli.api import orders
from linli.api.keys import Key, ScopeMissing, act_of, corp_of, sees_people
from linli.api.schemas import (
    ErrorOut,
    MemberOut,
    Members,
    MembersOut,
    OrderOut,
    Orders,
    OrdersOut,
    ReasonOut,
)
from linli.commerce import api as commerce
from linli.commerce.api import OrderInfo
from linli.customers import api as customers
from linli.kit.errors import LinliError, NotFound
from linli.kit.masking import mask

# No documentation page: ninja's loads its scripts from a CDN, which our content policy refuses. openapi.json stays.
api = NinjaAPI(title="Linli", version="1", docs_url=None, auth=Key(), urls_namespace="api")
ERRORS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 413: ErrorOut, 422: ErrorOut}


@api.post("/orders", response={200: OrdersOut, **ERRORS}, summary="Record orders, refunds and adjustments")
def post_orders(request: HttpRequest, body: Body[Orders]) -> OrdersOut:
    """Idempotent by source + number: the same content again is "known", other content is "changed"."""
    outcomes = orders.record(corp_of(request, "orders.write"), body)
    act_of(request).after = Counter(one.outcome for one in outcomes)
    return OrdersOut(results=outcomes)


@api.get("/orders/{source}/{path:number}", response={200: OrderOut, **ERRORS}, summary="One order with its lines")
def get_order(request: HttpRequest, source: str, number: str) -> OrderInfo:
    """The order of this number, or else the refund."""
    order = commerce.order(corp_id=corp_of(request, "orders.read"), source=source, number=number)
    if order is None:
        raise NotFound("no_order", gettext_lazy("This source has no order of this number."))
    return order if sees_people(request) else replace(order, buyer_ref=mask("mall", order.buyer_ref))


@api.post("/members", response={200: MembersOut, **ERRORS}, summary="Make members of the mall known")
def post_members(request: HttpRequest, body: Body[Members]) -> MembersOut:
    """A unionid that is already a customer's joins the two; repeated calls change nothing."""
    found = customers.ensure_members(
        corp_id=corp_of(request, "members.write"),
        members=[customers.Member(mall_id=one.mall_id, unionid=one.unionid, name=one.name) for one in body],
    )
    act_of(request).after = {"members": len(found)}
    return MembersOut(results=[MemberOut(mall_id=one.mall_id, customer_id=found.get(one.mall_id)) for one in body])


def _answer(
    request: HttpRequest, status: int, code: str, message: str, places: list[str] | None = None
) -> HttpResponse:
    error = ErrorOut(error=ReasonOut(code=code, message=message), places=places or [])
    return api.create_response(request, error, status=status)


@api.exception_handler(AuthenticationError)
def _no_key(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    act_of(request).refused("no_key")
    message = _("Send a valid key: “Authorization: Bearer lk_…”. Keys are made in the settings.")
    return _answer(request, 401, "no_key", message)


@api.exception_handler(LinliError)
def _expected(request: HttpRequest, error: LinliError) -> HttpResponse:
    act_of(request).refused(error)
    status = 422
    for kind, number in ((KeyExpired, 401), (ScopeMissing, 403), (NotFound, 404)):
        status = number if isinstance(error, kind) else status
    return _answer(request, status, error.code, str(error.message))


@api.exception_handler(ValidationError)
def _wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = sorted({".".join(str(part) for part in one["loc"][2:]) or "body" for one in error.errors})
    message = _("The body does not have the form that openapi.json describes; see the places named.")
    return _answer(request, 422, "wrong_shape", message, places[:20])


@api.exception_handler(HttpError)
def _not_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, 422, "not_json", _("The body is not JSON.")) if error.status_code == 400 else _answer(
        request, error.status_code, "http_error", str(error)
    )  # fmt: skip


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return _answer(request, 413, "too_big", _("The body is too large: send fewer orders at a time."))
