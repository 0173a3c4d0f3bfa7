"""What changes a corp's line: connecting it, testing it, making its callback keys, stopping a run."""

import secrets
import string

from django.db import transaction

from linli.access import api as access
from linli.connect.line import APP, CONTACTS, line_of, secret_name, shared_http
from linli.connect.messages import explain_error
from linli.connect.models import AppToken, CallbackLine, CorpLine, SyncRun
from linli.connect.nights import skip_this_night
from linli.connect.seals import seal_text
from linli.connect.tokens import SharedToken
from linli.kit.clock import now
from linli.kit.errors import Refused, Unavailable
from linli.wecom.errors import ApiError, TransportError, WecomError
from linli.wecom.tokens import Token, fetch_token

OFFICIAL = "https://qyapi.weixin.qq.com"
_ALNUM = string.ascii_letters + string.digits


class NotAccepted(Refused):
    """WeCom answered and refused the corp id or a secret."""


class NotReached(Unavailable):
    """WeCom (or the address given for it) did not answer."""


def connect_corp(
    *, corp_id: int, base_url: str = OFFICIAL, agent_id: int, secret: str, contact_secret: str = ""
) -> None:
    """Test the secrets at once, then keep them sealed; nothing is kept when WeCom refuses one."""
    wecom_id = access.corp(corp_id=corp_id).wecom_id
    given = {APP: secret.strip(), CONTACTS: contact_secret.strip()}
    tokens = {app: _ask(base_url, wecom_id, value) for app, value in given.items() if value}
    with transaction.atomic():
        at = now()
        _, first = CorpLine.objects.update_or_create(
            corp_id=corp_id,
            defaults={
                "base_url": base_url,
                "agent_id": agent_id,
                "has_contact_secret": bool(given[CONTACTS]),
                "checked_at": at,
                "check_code": 0,
                "check_text": "",
            },
            create_defaults={
                "base_url": base_url,
                "agent_id": agent_id,
                "has_contact_secret": bool(given[CONTACTS]),
                "connected_at": at,
                "checked_at": at,
            },
        )
        for app in tokens:
            access.seal_secret(corp_id=corp_id, name=secret_name(app), value=given[app])
        AppToken.objects.filter(corp_id=corp_id).delete()
        if first:
            skip_this_night(corp_id=corp_id)
    for app, token in tokens.items():
        SharedToken(corp_id=corp_id, app=app, fetch=_never).put(token.value, token.expires_in)


def check_line(*, corp_id: int) -> None:
    """Ask WeCom for a token with the kept secret and keep how it went; raises NotAccepted or NotReached."""
    line = line_of(corp_id)
    secret = access.open_secret(corp_id=corp_id, name=secret_name(APP))
    code, text = 0, ""
    try:
        _ask(line.base_url, access.corp(corp_id=corp_id).wecom_id, secret)
    except (NotAccepted, NotReached) as error:
        cause = error.__cause__
        code, text = (cause.code if isinstance(cause, WecomError) else -1), str(error)
        raise
    finally:
        CorpLine.objects.filter(corp_id=corp_id).update(checked_at=now(), check_code=code, check_text=text)


def make_callback(*, corp_id: int, anew: bool = False) -> CallbackLine:
    """The corp's callback keys; made at the first call, and again when `anew` (the old address then ends)."""
    line = line_of(corp_id)
    if not anew:
        row = CallbackLine.objects.filter(corp_id=corp_id, agent_id=line.agent_id).first()
        if row is not None:
            return row
    key = secrets.token_urlsafe(18)
    row, _made = CallbackLine.objects.update_or_create(
        corp_id=corp_id,
        agent_id=line.agent_id,
        defaults={
            "key": key,
            "wecom_id": access.corp(corp_id=corp_id).wecom_id,
            "token_sealed": seal_text(_letters(32), place=f"connect.callback:{key}:token"),
            "aes_key_sealed": seal_text(_aes_key(), place=f"connect.callback:{key}:aes_key"),
        },
    )
    return row


def stop_run(*, corp_id: int, run_id: int) -> None:
    """Ask a run to stop at its next step."""
    SyncRun.objects.filter(corp_id=corp_id, id=run_id, state=SyncRun.State.RUNNING).update(cancel_asked=True)


def _ask(base_url: str, wecom_id: str, secret: str) -> Token:
    try:
        return fetch_token(base_url, wecom_id, secret, shared_http())
    except ApiError as error:
        raise NotAccepted(f"wecom_{error.code}", explain_error(error)) from error
    except TransportError as error:
        raise NotReached("wecom_unreachable", explain_error(error)) from error


def _never() -> tuple[str, int]:
    raise AssertionError("put() does not fetch")


def _letters(length: int) -> str:
    return "".join(secrets.choice(_ALNUM) for _ in range(length))


def _aes_key() -> str:
    """43 letters and digits (wire.md F.1); the last keeps its two spare bits zero, so strict decoders take it too."""
    return _letters(42) + secrets.choice("AEIMQUYcgkosw048")
