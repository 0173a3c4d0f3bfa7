"""The signature that lets a page use WeCom's JS-SDK (wire.md E)."""

import hashlib

from linli.wecom.limits import need


def signature(*, ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """Return the lower-hex SHA-1 that `ww.register` and `wx.config` ask for.

    `ticket` is the corp's for `config` and the app's for `agentConfig`; the two are not interchangeable. `url` is the
    page's address as the browser has it; what follows `#` does not count.
    """
    need("jsapi_ticket", ticket)
    need("noncestr", nonce)
    need("url", url)
    # Raw values in exactly this order: WeCom does not sort or escape them.
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#', 1)[0]}"
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - WeCom's choice
