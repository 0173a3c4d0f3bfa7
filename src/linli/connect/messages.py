"""WeCom's error catalogue as sentences for people, in the reader's language."""

import re
from dataclasses import dataclass

from django.utils.translation import get_language

from linli.wecom.errors import ApiError, TransportError, WecomError

# How a call failed on its way, by a word of the reason (httpx and OpenSSL), and what to look at.
_ON_THE_WAY = (
    (
        "larger than|longer than",
        "应答大得或慢得没有尽头：多半是中间的代理或别的系统在应答，请核对接口地址和代理",
        "the answer has no end: most likely a proxy or another system answers; check the address and the proxy",
    ),
    (
        "repeats|does not move on",
        "翻页的游标在原地打转，这一段没有读完，已有的数据都没动；若天天这样，请把这一条报给邻里",
        "the pages go round in a circle, so this part was not read to its end and nothing was changed; if it stays so, report it to Linli",
    ),
    (
        "missing or of the wrong type|was expected|was not asked for|about another|HTTP 4|HTTP 3",
        "应答的内容和企业微信的文档对不上，这一条没有写入，已有的数据都没动；请核对接口地址连的确实是企业微信",
        "the answer does not fit WeCom's documentation, so nothing of it was written; check that the address really is WeCom's",
    ),
    (
        "certificate",
        "对方的证书没有通过校验：请核对服务器时间和系统的根证书，若中间有代理，请让它放行或装上它的证书",
        "the certificate was not accepted: check the server's clock and root certificates, and a proxy in between",
    ),
    (
        "refused",
        "对方拒绝了连接：请检查服务器的出网防火墙、代理和接口地址",
        "the connection was refused: check the server's outgoing firewall, proxy and the address",
    ),
    (
        "name or service|name resolution|getaddrinfo|nodename",
        "域名解析不了：请检查服务器的 DNS",
        "the name cannot be resolved: check the server's DNS",
    ),
    (
        "private address",
        "这个地址在内网，没有允许访问：确实要连，请在服务器上设 LINLI_PRIVATE_NETWORKS",
        "the address lies in a private network that is not opened: set LINLI_PRIVATE_NETWORKS on the server if it is meant",
    ),
    ("timed out|timeout", "等了很久没有应答：请检查服务器的网络", "no answer came in time: check the server's network"),
    (
        "http 5|not json|no errcode",
        "中间的代理或企业微信暂时出了问题，一般过一会儿自己会好",
        "a proxy in between or WeCom itself has trouble; it usually passes",
    ),
)


@dataclass(frozen=True)
class TwoTongues:
    """A sentence in Chinese and English; str() picks by the active language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "zh").startswith("en") else self.zh


def explain_error(error: WecomError) -> TwoTongues:
    """What happened, WeCom's code, and what the administrator must do where there is something to do."""
    zh, en = error.zh, error.en
    if isinstance(error, TransportError):
        hint = next((one for one in _ON_THE_WAY if re.search(one[0], error.reason, re.IGNORECASE)), None)
        zh += f"：{hint[1]}。邻里会自己再试" if hint else "，邻里会自己再试"
        en += f": {hint[2]}. Linli tries again by itself" if hint else "; Linli tries again by itself"
        return TwoTongues(zh=f"{zh}（{error.reason}）。", en=f"{en} ({error.reason}).")
    if isinstance(error, ApiError):
        zh = f"{zh}（{error.code}）。{error.meaning.admin_zh}".rstrip("。") + "。"
        en = f"{en} ({error.code}). {error.meaning.admin_en}".rstrip(". ") + "."
    return TwoTongues(zh=zh, en=en)
