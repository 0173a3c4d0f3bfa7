"""Errors on the wire (numbers and envelope of wire.md A.3 and 0.1) and errors of the control plane."""

import secrets

TEXTS: dict[int, str] = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40011: "invalid video size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40068: "invalid tag id",
    40070: "all list invalid",
    40071: "tag name already exists",
    40072: "invalid tag name length",
    40096: "invalid external userid",
    40097: "the user is not resigned",
    40098: "the user is not verified",
    40099: "customers of the takeover user exceed the limit",
    40100: "the customer of this user is being transferred",
    40126: "corp tag count exceeds the limit",
    40128: "the customer has been transferred too often",
    40129: "the customer is being transferred",
    40130: "handover and takeover are the same user",
    40131: "the handover user does not follow the customer",
    40143: "the takeover user is banned",
    40144: "tags of this customer exceed the limit",
    40145: "media_id expired",
    40205: "the user has not logged in for a year",
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
    41055: "group welcome template count exceeds the limit",
    41056: "wrong type of external userid",
    41057: "no WeChat developer is bound",
    41058: "not the owner of the group welcome template",
    41059: "moment_id missing",
    41060: "invalid moment_id",
    41061: "userid not in this moment",
    41062: "moment not published by this userid",
    41063: "group message is being dispatched",
    41064: "too many attachments",
    41065: "invalid attachment",
    41067: "invalid moment type",
    41068: "too many intercept words",
    41069: "intercept rule count exceeds the limit",
    41070: "invalid intercept rule id",
    41071: "intercept rule has been deleted",
    41072: "invalid media_type or attachment_type",
    41074: "product album has been deleted",
    41075: "invalid product album id",
    41076: "intercept rule range exceeds the limit",
    41077: "intercept rule name already exists",
    41078: "too many running moment jobs",
    41079: "moment is being dispatched",
    41080: "invalid attachment size",
    41081: "invalid attachment resolution",
    41082: "invalid attachment duration",
    41083: "invalid intercept word",
    41084: "invalid intercept semantics",
    41085: "invalid product sn",
    41086: "invalid product price",
    41087: "invalid product description",
    41088: "product attachments are empty",
    41089: "moment is empty",
    41090: "invalid moment video",
    41091: "join way relates to too many group chats",
    41093: "group message has been cancelled",
    41094: "group message remind too frequently",
    41095: "acquisition link count exceeds the limit",
    41096: "welcome message is being sent",
    41201: "invalid chat_key",
    41202: "product album count exceeds the limit",
    41210: "moments of this month exceed the limit",
    41211: "moments not enabled",
    42001: "access_token expired",
    42003: "code expired",
    42022: "code already used",
    42052: "message is sent over the recall time",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "message content out of size limit",
    45007: "playtime out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    46004: "user no exist",
    48002: "api forbidden",
    48005: "api retired",
    50100: "invalid cursor",
    60011: "no privilege to access/modify contact/party/agent",
    60030: "department out of visible range",
    60111: "userid not found",
    60123: "invalid department id",
    60140: "response_code is expired or used",
    81013: "user & party & tag all invalid",
    81017: "too many items",
    82001: "no receiver",
    84014: "user_ticket expired",
    84015: "invalid user_ticket",
    84061: "not external contact",
    86002: "invalid chat argument",
    86003: "chat does not exist",
    86004: "invalid chat name",
    86005: "invalid chat owner",
    86006: "invalid count of chat members",
    86007: "invalid chat member",
    86008: "chat is not made by this app",
    86215: "chat id exists",
    86216: "invalid chatid",
    90500: "the owner of this chat is not resigned",
    90501: "not a customer group chat",
    90502: "the owner of this chat is resigned",
    90503: "the chat is full",
    90504: "the owner is not changed",
    90507: "the chat is being inherited",
    90508: "the chat has been inherited",
    90509: "not a chat of WeCom customers",
    90511: "invalid opengid",
    95000: "invalid open_kfid",
    95001: "msg count over the limit",
    95002: "msg out of the 48 hours",
    95004: "open_kfid does not exist",
    95005: "too many kf accounts",
    95006: "invalid kf account name",
    95007: "invalid msg token",
    95008: "too many menu items",
    95009: "invalid menu item type",
    95013: "conversation ended",
    95014: "not a servicer",
    95016: "invalid service state change",
    95018: "invalid service state for sending",
    95019: "servicer stopped serving",
    301019: "file md5 mismatch",
    301052: "archive expired",
    301053: "archive not enabled",
    301059: "not an internal group",
    301060: "too many agree queries",
    301061: "user does not exist",
    610004: "not a customer",
    610014: "invalid unionid",
    830001: "url does not support range",
    830002: "range is needed",
    830003: "download failed",
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
