"""Which corp a callback path belongs to, with its key: read from the database, remembered for some seconds."""

import time
from dataclasses import dataclass

from linli.ingress.store import Store
from linli.kit.sealing import Sealer
from linli.wecom.crypto import CallbackCrypto

_REMEMBER_S = 10.0
_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Line:
    """One callback address of one corp's app."""

    corp_id: int
    crypto: CallbackCrypto


class Lines:
    """Lines by the random part of their path; unknown ones are remembered too, within bounds, so that guessing is cheap."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._known: dict[str, tuple[float, Line | None]] = {}

    async def get(self, key: str) -> Line | None:
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        line = await self._load(key)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (time.monotonic() + _REMEMBER_S, line)
        return line

    async def _load(self, key: str) -> Line | None:
        row = await self._store.line(key)
        if row is None:
            return None
        corp_id, wecom_id, token, aes_key = row
        open_ = self._sealer.open
        crypto = CallbackCrypto(
            token=open_(bytes(token), place=f"connect.callback:{key}:token").decode(),
            aes_key=open_(bytes(aes_key), place=f"connect.callback:{key}:aes_key").decode(),
            receive_id=wecom_id,
        )
        return Line(corp_id=corp_id, crypto=crypto)
