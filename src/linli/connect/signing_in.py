"""Signing in with WeCom: where to send the browser, and who came back."""

from urllib.parse import urlencode

from linli.access import api as access
from linli.connect.line import APP, build_client, line_of
from linli.connect.messages import explain_error
from linli.connect.operations import OFFICIAL, NotAccepted, NotReached
from linli.wecom.errors import ApiError, TransportError
from linli.wecom.transport import Lane


def sign_in_address(*, corp_id: int, back: str, state: str, inside: bool) -> str:
    """WeCom's page that sends the browser `back` with a code: at once `inside` WeCom's own browser, else after a scan."""
    line = line_of(corp_id)
    official = line.base_url == OFFICIAL
    values = {"appid": access.corp(corp_id=corp_id).wecom_id, "agentid": line.agent_id, "redirect_uri": back}
    if inside:
        host = "https://open.weixin.qq.com" if official else line.base_url
        query = urlencode({**values, "response_type": "code", "scope": "snsapi_base", "state": state})
        return f"{host}/connect/oauth2/authorize?{query}#wechat_redirect"
    host = "https://login.work.weixin.qq.com" if official else line.base_url
    return f"{host}/wwlogin/sso/login?" + urlencode({"login_type": "CorpApp", **values, "state": state})


def who_signed_in(*, corp_id: int, code: str) -> str | None:
    """The userid behind a code, None for somebody outside the corp; NotAccepted for a bad code, NotReached."""
    try:
        return build_client(corp_id=corp_id, lane=Lane.HUMAN, app=APP).user_of_code(code)
    except ApiError as error:
        raise NotAccepted(f"wecom_{error.code}", explain_error(error)) from error
    except TransportError as error:
        raise NotReached("wecom_unreachable", explain_error(error)) from error
