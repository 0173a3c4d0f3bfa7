"""What a real corp needs, one by one: WeCom is asked, and the codes with which it refuses say what is missing."""

import ipaddress
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext as _

from linli.access import api as access
from linli.connect import api as connect
from linli.kit.clock import wall
from linli.kit.errors import LinliError
from linli.ledger import api as ledger
from linli.project.doctor.findings import Answer, Ground, fail, unknown, warn, well
from linli.wecom.crypto import CallbackCrypto
from linli.wecom.errors import ApiError, NoCustomers, WecomError

_NOT_OUR_IP, _NOT_CALLABLE = 60020, 48002
_TIMEOUT_S = 5
_CLOCK_S = 30


@dataclass(kw_only=True)
class Asked:
    """One corp's answers, asked once for all checks: a value, or WeCom's error."""

    corp_id: int
    name: str
    base_url: str
    departments: tuple[object, ...] | WecomError | LinliError = ()
    followers: tuple[object, ...] | WecomError | LinliError = ()
    token: WecomError | LinliError | None = None


def ask(corp_id: int) -> Asked:
    """Ask WeCom for a token, the departments and the staff with customer contact."""
    line = connect.line(corp_id=corp_id)
    assert line is not None
    asked = Asked(corp_id=corp_id, name=access.corp(corp_id=corp_id).name, base_url=line.base_url)
    try:
        connect.check_line(corp_id=corp_id)
    except (WecomError, LinliError) as error:
        asked.token = error
        return asked
    client = connect.client(corp_id=corp_id)
    asked.departments = _answer(client.department_list)
    asked.followers = _answer(client.follow_users)
    return asked


def _answer(call: Callable[[], tuple[object, ...]]) -> tuple[object, ...] | WecomError | LinliError:
    try:
        return call()
    except (WecomError, LinliError) as error:
        return error


def _code(answer: object) -> int:
    return answer.code if isinstance(answer, ApiError) else 0


def token(asked: Asked) -> Iterator[Answer]:
    if asked.token is None:
        yield well(_("WeCom gives a token."))
    else:
        yield fail(str(asked.token), _("Check the corp ID and the Secret on the connection page."))


def trusted_ip(asked: Asked) -> Iterator[Answer]:
    if asked.token is not None:
        return
    if _NOT_OUR_IP in {_code(asked.departments), _code(asked.followers)}:
        yield fail(
            _("WeCom does not know this server's address (60020)."),
            _(
                "WeCom console → the app → 企业可信IP: add this server's outgoing address; it works after about a minute."
            ),
        )
    elif isinstance(asked.departments, ApiError) and isinstance(asked.followers, ApiError):
        yield unknown(_("WeCom refused both calls for other reasons."), str(connect.explain_error(asked.departments)))
    else:
        yield well(_("WeCom takes calls from this address."))


def callable_app(asked: Asked) -> Iterator[Answer]:
    if asked.token is not None or _code(asked.followers) == _NOT_OUR_IP:
        return
    if _code(asked.followers) == _NOT_CALLABLE:
        yield fail(
            _("The app may not use customer contact (48002)."),
            _("WeCom console → 客户联系 → 可调用接口的应用: add the app."),
        )
    elif isinstance(asked.followers, WecomError) and not isinstance(asked.followers, NoCustomers):
        yield fail(
            str(connect.explain_error(asked.followers)), _("Do what the sentence says, then run the doctor again.")
        )
    else:
        yield well(_("The app may use customer contact."))


def contact_permission(asked: Asked) -> Iterator[Answer]:
    if asked.token is not None or isinstance(asked.followers, WecomError | LinliError):
        return
    if asked.followers:
        yield well(_("%(n)d staff have customer contact.") % {"n": len(asked.followers)})
    else:
        yield warn(
            _("No staff member has customer contact: no code can be made and no customer comes in."),
            _("WeCom console → 客户联系 → 权限配置 → 使用范围: add the clerks; they must be activated and verified."),
        )


def visible_range(asked: Asked) -> Iterator[Answer]:
    if asked.token is not None or _code(asked.departments) == _NOT_OUR_IP:
        return
    if isinstance(asked.departments, WecomError | LinliError):
        yield fail(_why(asked.departments), _("WeCom console → the app → 可见范围: headquarters and all shops."))
    elif not asked.departments:
        yield fail(
            _("The app sees no department."), _("WeCom console → the app → 可见范围: headquarters and all shops.")
        )
    else:
        yield well(_("The app sees %(n)d departments.") % {"n": len(asked.departments)})


def clock(asked: Asked) -> Iterator[Answer]:
    try:
        said = connect.shared_http().get(asked.base_url, timeout=_TIMEOUT_S).headers.get("Date", "")
        apart = abs((parsedate_to_datetime(said) - wall()).total_seconds())
    except (httpx.HTTPError, ValueError, TypeError) as error:
        yield unknown(
            _("WeCom's clock could not be read (%(why)s).") % {"why": type(error).__name__},
            _("Can this server reach %(url)s ?") % {"url": asked.base_url},
        )
        return
    if apart > _CLOCK_S:
        yield fail(
            _("This machine's clock is %(seconds)d s away from WeCom's: welcomes and signatures go wrong.")
            % {"seconds": apart},
            _("Let it follow a time server (chrony, systemd-timesyncd)."),
        )
    else:
        yield well(_("The clock agrees with WeCom's."))


def callback_address(asked: Asked) -> Iterator[Answer]:
    url = urlsplit(connect.callback_settings(corp_id=asked.corp_id).url)
    if url.scheme != "https" or _is_private(url.hostname or ""):
        yield warn(
            _("WeCom cannot reach the callback address %(url)s from outside.")
            % {"url": f"{url.scheme}://{url.netloc}"},
            _("Set LINLI_CALLBACK_URL to a public https address that leads to the ingress port."),
        )
    else:
        yield well(f"{url.scheme}://{url.netloc}")


def callback_answers(asked: Asked) -> Iterator[Answer]:
    """The check that WeCom makes when the address is saved there, made by ourselves."""
    keys = connect.callback_settings(corp_id=asked.corp_id)
    crypto = CallbackCrypto(
        token=keys.token, aes_key=keys.encoding_aes_key, receive_id=access.corp(corp_id=asked.corp_id).wecom_id
    )
    word = os.urandom(8).hex().encode()
    sealed = crypto.encrypt(word, timestamp="1", nonce="linli")
    query = {"msg_signature": sealed.msg_signature, "timestamp": "1", "nonce": "linli", "echostr": sealed.encrypt}
    try:
        answer = httpx.get(keys.url, params=query, timeout=_TIMEOUT_S, follow_redirects=False)
    except httpx.HTTPError as error:
        yield fail(
            _("The callback address does not answer from here (%(why)s).") % {"why": type(error).__name__},
            _(
                "Is Linli running, is the name in the DNS, does the proxy lead to the ingress port, is the certificate valid?"
            ),
        )
        return
    if answer.status_code != httpx.codes.OK or answer.content != word:
        yield fail(
            _("Something else answers at the callback address (HTTP %(code)d).") % {"code": answer.status_code},
            _("Let the proxy pass /callback/ to the ingress port as it is, with its query."),
        )
    else:
        yield well(_("The callback address answers as WeCom wants it."))


def callback_keys(asked: Asked) -> Iterator[Answer]:
    """Whether WeCom has our Token and EncodingAESKey shows only in what it sends."""
    seen = ledger.health(corp_id=asked.corp_id)
    wrong = sum(
        seen.counted.get(what, 0)
        for what in ("bad_signature", "wrong_corp", "bad_aeskey", "bad_padding", "bad_ciphertext")
    )
    if seen.received == 0 and wrong:
        yield fail(
            _("%(n)d callbacks came and none could be opened: WeCom has another Token or EncodingAESKey.")
            % {"n": wrong},
            _("Copy URL, Token and EncodingAESKey from the connection page to WeCom once more."),
        )
    elif seen.received == 0:
        yield unknown(
            _("No callback has come yet."),
            _("Save URL, Token and EncodingAESKey in WeCom, then let somebody add a clerk as a friend."),
        )
    elif wrong:
        yield warn(
            _("%(ok)d callbacks came in, %(n)d could not be opened.") % {"ok": seen.received, "n": wrong},
            _("Strangers knock too; if the figure grows, copy the keys to WeCom once more."),
        )
    else:
        yield well(_("%(n)d callbacks came in and all opened.") % {"n": seen.received})


def js_domain(asked: Asked) -> Iterator[Answer]:
    del asked
    yield unknown(
        _("No call of WeCom tells whether the JS domain is set."),
        _("WeCom console → the app → 网页授权及JS-SDK → 可信域名: the domain of LINLI_PUBLIC_URL, its file verified."),
    )


def _why(error: Exception) -> str:
    return str(connect.explain_error(error)) if isinstance(error, WecomError) else str(error)


def _is_private(host: str) -> bool:
    if host == "localhost" or "." not in host:
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def each(check: Callable[[Asked], Iterator[Answer]], corps: list[Asked]) -> Callable[[Ground], Iterator[Answer]]:
    """The check over all corps; with several, each answer begins with its corp's name."""

    def over(ground: Ground) -> Iterator[Answer]:
        del ground
        for asked in corps:
            for state, says, todo in check(asked):
                yield state, f"{asked.name}: {says}" if len(corps) > 1 else says, todo

    return over
