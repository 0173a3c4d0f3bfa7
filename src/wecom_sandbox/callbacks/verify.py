"""The admin console's check of a callback URL (wire.md F.1)."""

import re
import secrets

import httpx

from wecom_sandbox.callbacks.envelope import seal
from wecom_sandbox.errors import ControlError
from wecom_sandbox.records import Callback

ANSWER_WITHIN_S = 1.0


def check_shape(callback: Callback) -> None:
    """Refuse what the console's form would refuse."""
    if not re.fullmatch(r"[A-Za-z0-9]{1,32}", callback.token):
        raise ControlError(400, "token: 1 to 32 letters or digits")
    if not re.fullmatch(r"[A-Za-z0-9]{43}", callback.aes_key):
        raise ControlError(400, "aes_key: exactly 43 letters or digits")
    if not re.match(r"https?://[^/]", callback.url):
        raise ControlError(400, "url: http:// or https://")


async def verify(callback: Callback, *, corp_id: str, at: int) -> None:
    """Send the echostr; only the exact plaintext, within a second, passes."""
    plain = str(secrets.randbelow(10**19))
    sealed = seal(plain, callback=callback, corp_id=corp_id, at=at)
    try:
        async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
            url = httpx.URL(callback.url).copy_merge_params({**sealed.query, "echostr": sealed.encrypt})
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ControlError(422, f"url verification failed: {type(error).__name__}") from error
    if answer.status_code != httpx.codes.OK:
        raise ControlError(422, f"url verification failed: HTTP {answer.status_code}")
    if answer.content != plain.encode():
        raise ControlError(422, "url verification failed: the answer is not exactly the plaintext")
