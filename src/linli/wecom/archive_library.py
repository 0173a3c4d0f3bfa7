"""The vendor's native library by ctypes: the symbols of WeWorkFinanceSdk (wire.md G.1), and nothing else.

Handles and buffers are opaque and read by the library's own functions, so that a release may change their insides. Whatever
is asked of it is freed again, also when a call fails. It runs in a process of its own (archive_child.py).
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_Handle = ctypes.c_void_p
_Text = ctypes.c_char_p
_Int = ctypes.c_int

# Symbol → what it gives, what it takes.
_SYMBOLS: dict[str, tuple[type | None, list[type]]] = {
    "NewSdk": (_Handle, []),
    "Init": (_Int, [_Handle, _Text, _Text]),
    "DestroySdk": (None, [_Handle]),
    "GetChatData": (_Int, [_Handle, ctypes.c_ulonglong, ctypes.c_uint, _Text, _Text, _Int, _Handle]),
    "DecryptData": (_Int, [_Text, _Text, _Handle]),
    "GetMediaData": (_Int, [_Handle, _Text, _Text, _Text, _Text, _Int, _Handle]),
    "NewSlice": (_Handle, []),
    "FreeSlice": (None, [_Handle]),
    "GetContentFromSlice": (ctypes.c_void_p, [_Handle]),
    "GetSliceLen": (_Int, [_Handle]),
    "NewMediaData": (_Handle, []),
    "FreeMediaData": (None, [_Handle]),
    "GetOutIndexBuf": (ctypes.c_void_p, [_Handle]),
    "GetIndexLen": (_Int, [_Handle]),
    "GetData": (ctypes.c_void_p, [_Handle]),
    "GetDataLen": (_Int, [_Handle]),
    "IsMediaDataFinish": (_Int, [_Handle]),
}


class ReturnCode(Exception):
    """A function returned another code than 0."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Way:
    """How the library reaches WeCom: `proxy` as "http://host:port" or "socks5://host:port", `password` as "user:password";
    both "" for none. `timeout_s` is for one call."""

    proxy: str = ""
    password: str = field(default="", repr=False)
    timeout_s: int = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file."""

    data: bytes
    index: bytes
    finished: bool


class Library:
    """One loaded library with one initialised SDK; raises OSError or AttributeError when it is not the vendor's."""

    def __init__(self, path: str, corp_id: str, secret: str, way: Way) -> None:
        self._lib = ctypes.CDLL(path)
        for name, (gives, takes) in _SYMBOLS.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = gives, takes
        self._proxy = (way.proxy.encode(), way.password.encode(), way.timeout_s)
        self._sdk = self._lib.NewSdk()
        if not self._sdk:
            raise ReturnCode(10003)
        code = self._lib.Init(self._sdk, corp_id.encode(), secret.encode())
        if code:
            self.close()
            raise ReturnCode(code)

    def chat_data(self, seq: int, limit: int) -> bytes:
        """Return the JSON of GetChatData."""
        with self._slice() as held:
            self._check(self._lib.GetChatData(self._sdk, seq, limit, *self._proxy, held))
            return self._bytes(self._lib.GetContentFromSlice(held), self._lib.GetSliceLen(held))

    def decrypt(self, random_key: bytes, message: bytes) -> bytes:
        """Return a message in the clear."""
        with self._slice() as held:
            self._check(self._lib.DecryptData(random_key, message, held))
            return self._bytes(self._lib.GetContentFromSlice(held), self._lib.GetSliceLen(held))

    def media(self, index: bytes, sdkfileid: bytes) -> Piece:
        """Return one piece of a file."""
        held = self._lib.NewMediaData()
        if not held:
            raise ReturnCode(10003)
        try:
            self._check(self._lib.GetMediaData(self._sdk, index, sdkfileid, *self._proxy, held))
            return Piece(
                self._bytes(self._lib.GetData(held), self._lib.GetDataLen(held)),
                self._bytes(self._lib.GetOutIndexBuf(held), self._lib.GetIndexLen(held)),
                self._lib.IsMediaDataFinish(held) == 1,
            )
        finally:
            self._lib.FreeMediaData(held)

    def close(self) -> None:
        """Give the SDK back."""
        if self._sdk:
            self._lib.DestroySdk(self._sdk)
            self._sdk = None

    @contextmanager
    def _slice(self) -> Iterator[int]:
        held = self._lib.NewSlice()
        if not held:
            raise ReturnCode(10003)
        try:
            yield held
        finally:
            self._lib.FreeSlice(held)

    @staticmethod
    def _check(code: int) -> None:
        if code:
            raise ReturnCode(code)

    @staticmethod
    def _bytes(address: int | None, length: int) -> bytes:
        return ctypes.string_at(address, length) if address and length > 0 else b""
