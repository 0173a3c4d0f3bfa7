"""Errors on the wire (numbers and envelope of wire.md A.3 and 0.1) and errors of the control plane."""

import secrets

TEXTS: dict[int, str] = {
    -1: "system busy",
    40001: "invalid credential",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40068: "invalid tag id",
    40071: "tag name already exists",
    40072: "invalid tag name length",
    40096: "invalid external userid",
    40126: "corp tag count exceeds the limit",
    40144: "tags of this customer exceed the limit",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41035: "external userid missing",
    41037: "contact way type missing",
    41038: "contact way scene missing",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "too many users for contact way",
    41042: "invalid contact way style",
    41043: "contact way config_id missing",
    41044: "invalid contact way config_id",
    41045: "contact way count exceeds the limit",
    41046: "group message msgid missing",
    41047: "invalid group message msgid",
    41048: "no customer to send",
    41049: "welcome code missing",
    41050: "invalid welcome code",
    41051: "customer and staff have started a conversation",
    41054: "user not activated",
    41063: "group message is being dispatched",
    41064: "too many attachments",
    41065: "invalid attachment",
    41068: "too many intercept words",
    41069: "intercept rule count exceeds the limit",
    41070: "invalid intercept rule id",
    41071: "intercept rule has been deleted",
    41074: "product album has been deleted",
    41075: "invalid product album id",
    41076: "intercept rule range exceeds the limit",
    41077: "intercept rule name already exists",
    41083: "invalid intercept word",
    41084: "invalid intercept semantics",
    41085: "invalid product sn",
    41086: "invalid product price",
    41087: "invalid product description",
    41088: "product attachments are empty",
    41091: "join way relates to too many group chats",
    41093: "group message has been cancelled",
    41094: "group message remind too frequently",
    41095: "acquisition link count exceeds the limit",
    41096: "welcome message is being sent",
    41201: "invalid chat_key",
    41202: "product album count exceeds the limit",
    42001: "access_token expired",
    42003: "code expired",
    42022: "code already used",
    44004: "empty content",
    45002: "message content out of size limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    50100: "invalid cursor",
    60011: "no privilege to access/modify contact/party/agent",
    60111: "userid not found",
    60123: "invalid department id",
    81013: "user & party & tag all invalid",
    81017: "too many items",
    82001: "no receiver",
    84061: "not external contact",
    90501: "not a customer group chat",
}

# A bad token is answered with the bare text, without the tail (wire.md 0.1).
_BARE = frozenset({40014})


class SandboxError(Exception):
    """Everything the sandbox refuses on purpose."""


class WireError(SandboxError):
    """An API error: HTTP 200 with an errcode."""

    def __init__(self, code: int, detail: str = "") -> None:
        """Keep the code; `detail` replaces the catalogue's text."""
        super().__init__(code, detail)
        self.code = code
        self.text = detail or TEXTS[code]

    def message(self, *, now: int) -> str:
        """Render errmsg with the hint tail that WeCom appends."""
        if self.code in _BARE:
            return self.text
        hint = f"[{now}_{secrets.randbelow(90) + 10}_{secrets.token_hex(16)}]"
        query = f"https://open.work.weixin.qq.com/devtool/query?e={self.code}"
        return f"{self.text}, hint: {hint}, from ip: 127.0.0.1, more info at {query}"


class ControlError(SandboxError):
    """A refusal of the control plane: an HTTP status and a sentence."""

    def __init__(self, status: int, error: str) -> None:
        """Keep the status and the sentence that the answer will carry."""
        super().__init__(status, error)
        self.status = status
        self.error = error
