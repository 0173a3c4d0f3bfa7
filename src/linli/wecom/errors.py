"""The errors of this room.

WecomError
├── CryptoError          SignatureMismatch BadAesKey WrongReceiver BadCipherText BadPadding BadPlainText BadBase64
├── CallbackError        BodyTooLarge BadXml BadEvent
├── TransportError       NotSent NoAnswer OutcomeUnknown BadAnswer
├── MessageError         EmptyMessage MessageTooLong TooMany MissingArgument UnfitFile WrongMix BadValue
└── ApiError             TokenInvalid RateLimited NoCustomers WelcomeExpired WelcomeDelivered WelcomeBusy
                         TaskCancelled RemindTooOften StillDispatching
"""

from typing import ClassVar

from linli.wecom.catalogue import Meaning, explain


class WecomError(Exception):
    """Base of this room: `code` is WeCom's own number where one exists, else one of Linli's below -90000."""

    code: int = -90000
    zh: str = "企业微信通信出错"
    en: str = "WeCom communication failed"

    def __str__(self) -> str:
        detail = super().__str__()
        return f"[{self.code}] {self.en}" + (f": {detail}" if detail else "")


class CryptoError(WecomError):
    """A callback's envelope could not be opened or sealed; codes are those of WeCom's own SDK (wire.md F.2)."""

    code = -40007
    zh = "回调解密失败"
    en = "The callback could not be decrypted"


class SignatureMismatch(CryptoError):
    """The message was not signed with our token."""

    code = -40001
    zh = "回调签名不符"
    en = "The callback signature does not match"


class BadAesKey(CryptoError):
    """The EncodingAESKey is not 43 characters that hold 32 bytes."""

    code = -40004
    zh = "EncodingAESKey 无效"
    en = "Invalid EncodingAESKey"


class WrongReceiver(CryptoError):
    """The message was sealed for another corp."""

    code = -40005
    zh = "回调的企业 ID 不符"
    en = "The callback is meant for another corp"


class BadCipherText(CryptoError):
    """The encrypted bytes are not whole AES blocks."""


class BadPadding(CryptoError):
    """The decrypted bytes do not end in a padding of 1 to 32."""

    en = "The callback padding is wrong"


class BadPlainText(CryptoError):
    """The decrypted bytes are too short for the length they claim."""

    code = -40008
    en = "The callback plain text is cut"


class BadBase64(CryptoError):
    """The encrypted text is not base64."""

    code = -40010
    zh = "回调密文不是 base64"
    en = "The callback cipher text is not base64"


class CallbackError(WecomError):
    """A callback body that cannot be read."""

    code = -40002
    zh = "回调内容无法读取"
    en = "The callback cannot be read"


class BodyTooLarge(CallbackError):
    """The body is above the limit of 64 KiB."""

    code = -90101
    zh = "回调内容过大"
    en = "The callback body is too large"


class BadXml(CallbackError):
    """Broken XML, or XML with a document type or entities."""

    zh = "回调 XML 无效"
    en = "The callback XML is invalid"


class BadEvent(CallbackError):
    """An event of a known kind lacks an element it must have."""

    code = -90102
    zh = "回调事件缺少必要内容"
    en = "The event lacks a required element"


class TransportError(WecomError):
    """A call that did not end in an answer of WeCom."""

    code = -90200

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"{endpoint}: {reason}")
        self.endpoint = endpoint
        self.reason = reason


class NotSent(TransportError):
    """The call certainly did not reach WeCom."""

    code = -90201
    zh = "无法连接企业微信"
    en = "WeCom could not be reached"


class NoAnswer(TransportError):
    """A reading call was cut or timed out each time it was tried."""

    code = -90202
    zh = "企业微信没有应答"
    en = "WeCom did not answer"


class OutcomeUnknown(TransportError):
    """A writing call was cut after it was sent: look its effect up, never repeat it blindly."""

    code = -90203
    zh = "调用结果未知，需要核对"
    en = "The outcome of the call is unknown and must be looked up"


class BadAnswer(TransportError):
    """The answer is not what WeCom documents."""

    code = -90204
    zh = "企业微信的应答无法识别"
    en = "WeCom's answer is not understood"


class MessageError(WecomError):
    """Arguments that WeCom is known to refuse, found before the call."""

    code = -90300

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(field)
        self.field = field
        self.zh = zh
        self.en = en


class EmptyMessage(MessageError):
    """Neither text nor attachments are given."""

    code = -90301

    def __init__(self, field: str = "text") -> None:
        super().__init__(field, "文字和附件不能都为空", "Text and attachments must not both be empty")


class MessageTooLong(MessageError):
    """A text is above WeCom's limit; `limit` and `actual` count UTF-8 bytes or characters, as `unit` says."""

    code = -90302

    def __init__(self, field: str, *, limit: int, actual: int, unit: str = "bytes") -> None:
        zh_unit = "字节" if unit == "bytes" else "字"
        super().__init__(
            field,
            f"{field} 过长：{actual} {zh_unit}，上限 {limit} {zh_unit}",
            f"{field} is too long: {actual} of at most {limit} {unit}",
        )
        self.limit = limit
        self.actual = actual


class TooMany(MessageError):
    """A list holds more items than one call may carry."""

    code = -90303

    def __init__(self, field: str, *, limit: int, actual: int) -> None:
        super().__init__(
            field,
            f"{field} 过多：{actual} 个，上限 {limit} 个",
            f"too many {field}: {actual} of at most {limit}",
        )
        self.limit = limit
        self.actual = actual


class MissingArgument(MessageError):
    """A value that this call needs is empty."""

    code = -90304

    def __init__(self, field: str) -> None:
        super().__init__(field, f"缺少 {field}", f"{field} is missing")


class UnfitFile(MessageError):
    """A file that WeCom does not take here: its format, size in bytes, pixels or seconds."""

    code = -90305


class WrongMix(MessageError):
    """Parts that WeCom does not take together in one message, or do not fit their use."""

    code = -90306


class BadValue(MessageError):
    """A value outside what WeCom takes: a number out of its range, letters that do not belong."""

    code = -90307


class ApiError(WecomError):
    """WeCom refused a call; the text of `errmsg` may change at any time, so branch on the class or the code."""

    codes: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, code: int, errmsg: str, endpoint: str) -> None:
        super().__init__(f"{endpoint}: {errmsg}")
        self.code = code
        self.errmsg = errmsg
        self.endpoint = endpoint
        self.meaning: Meaning = explain(code)
        self.zh = self.meaning.zh
        self.en = self.meaning.en


class TokenInvalid(ApiError):
    """The access token is refused, also after a renewal."""

    codes = frozenset({40014, 42001})


class RateLimited(ApiError):
    """WeCom is busy, or a frequency, concurrency or conflict limit was met on every try."""

    codes = frozenset({-1, 6000, 45009, 45011, 45033, 45035})


class NoCustomers(ApiError):
    """No relation, or a staff member without any customer (wire.md C.1)."""

    codes = frozenset({84061})


class WelcomeExpired(ApiError):
    """The welcome code is unknown or older than 20 seconds."""

    codes = frozenset({41050})


class WelcomeDelivered(ApiError):
    """The chat has begun or a welcome was already delivered: stop."""

    codes = frozenset({41051})


class WelcomeBusy(ApiError):
    """Another app is sending the welcome right now: try again."""

    codes = frozenset({41096})


class TaskCancelled(ApiError):
    """The mass message task was cancelled."""

    codes = frozenset({41093})


class RemindTooOften(ApiError):
    """The task was reminded three times within 24 hours."""

    codes = frozenset({41094})


class StillDispatching(ApiError):
    """The task is too fresh to be read."""

    codes = frozenset({41063, 41079})


_BY_CODE: dict[int, type[ApiError]] = {
    code: kind
    for kind in (
        TokenInvalid, RateLimited, NoCustomers, WelcomeExpired, WelcomeDelivered,
        WelcomeBusy, TaskCancelled, RemindTooOften, StillDispatching,
    )
    for code in kind.codes
}  # fmt: skip


def api_error(code: int, errmsg: str, endpoint: str) -> ApiError:
    """Return the error for an `errcode` that is not 0, of the class a caller branches on."""
    return _BY_CODE.get(code, ApiError)(code, errmsg, endpoint)
