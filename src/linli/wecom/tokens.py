"""Fetches an app's access token (wire.md A.1)."""

from dataclasses import dataclass, field

import httpx

from linli.wecom.errors import api_error
from linli.wecom.exchange import Accepted, Effect, Refused, Request, exchange


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and its life in seconds; the value stays out of the representation."""

    value: str = field(repr=False)
    expires_in: int


def fetch_token(base_url: str, corp_id: str, secret: str, http: httpx.Client) -> Token:
    """Ask WeCom for the app's token, once; raises ApiError, NotSent, NoAnswer or BadAnswer.

    Asking again before the old one ends gives the same token; many wrong secrets ban the IP for an hour.
    """
    request = Request(api="gettoken", effect=Effect.READS)
    outcome = exchange(http, base_url, request, {"corpid": corp_id, "corpsecret": secret})
    if isinstance(outcome, Accepted):
        return Token(outcome.fields.must("access_token"), outcome.fields.number("expires_in"))
    if isinstance(outcome, Refused):
        raise api_error(outcome.code, outcome.errmsg, request.api)
    raise outcome.error
