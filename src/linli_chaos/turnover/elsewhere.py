"""Another program of the corp, which makes and deletes codes and links beside Linli; the same faults strike it."""

import time
from typing import Any

import httpx

TRIES = 4
_TOKEN_ENDED = frozenset({40014, 42001})


class Elsewhere:
    """Speaks with the app's own secret; what it is refused or not answered it asks a few times more, and then lets be."""

    def __init__(self, base: str, corp_id: str, secret: str) -> None:
        self._http = httpx.Client(base_url=f"{base}/cgi-bin", timeout=10)
        self._who = {"corpid": corp_id, "corpsecret": secret}
        self._token = ""

    def ask(self, path: str, body: dict[str, Any]) -> None:
        """One wish; what came of it the census tells."""
        for _ in range(TRIES):
            try:
                if not self._token:
                    self._token = self._http.get("/gettoken", params=self._who).json().get("access_token", "")
                asked = {"access_token": self._token}
                code = self._http.post(f"/externalcontact/{path}", params=asked, json=body).json()["errcode"]
            except (httpx.TransportError, ValueError, KeyError):
                return  # nobody knows whether it was done, and a careful program would look
            if code not in {-1, 45009, 45033, *_TOKEN_ENDED}:
                return
            self._token = "" if code in _TOKEN_ENDED else self._token
            time.sleep(0.02)
