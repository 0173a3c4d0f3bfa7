"""The sandbox's control plane, as the people of the story use it: they scan, join, leave, confirm; time goes on."""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from linli.kit.errors import LinliError


class Sandbox:
    """A running sandbox at `base`; every answer is its JSON, a refusal raises RuntimeError with its reason."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._http = httpx.Client(base_url=base, timeout=60)

    def get(self, path: str, **params: Any) -> Any:
        return self._read(self._http.get(f"/control/{path}", params=params))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._read(self._http.post(f"/control/{path}", json=body))

    def act(self, kind: str, **fields: Any) -> Any:
        return self.post("act", {"kind": kind, **fields})

    def acts(self, acts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Many people at the same moment; each answer stands for itself."""
        if not acts:
            return []
        answers: list[dict[str, Any]] = self.post("acts", {"acts": list(acts)})["results"]
        return answers

    def now(self) -> float:
        return float(self.get("clock")["now"])

    def go_to(self, moment: datetime) -> None:
        """Move the clock forward; a moment that has passed already is left alone."""
        if moment.timestamp() > self.now():
            self.post("clock", {"to": moment.timestamp(), "force": True})

    def settle(self, *, limit_s: float = 30.0) -> None:
        """Real time, until every callback is answered and every welcome that can be said was said."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            left = self.get("outstanding")
            if not left["callbacks_queued"] and not left["callbacks_in_flight"] and not left["welcomes_open"]:
                return
            time.sleep(0.02)
        raise RuntimeError(f"callbacks or welcomes are still open after {limit_s:.0f} s: {left}")

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        body = answer.json()
        if answer.status_code >= 400 or not body.get("ok", True):
            raise RuntimeError(f"the sandbox refused {answer.request.url.path}: {body.get('error')}")
        return body


def command(port: int, folder: Path, start: str) -> list[str]:
    """How the sandbox is started for the demo."""
    return [
        sys.executable, "-m", "wecom_sandbox", "--port", str(port), "--clock-file", str(folder / "clock"),
        "--state", str(folder / "sandbox.json"), "--start", start,
    ]  # fmt: skip


def wait(base: str, process: subprocess.Popen[bytes] | None = None, *, limit_s: float = 30.0) -> Sandbox:
    """The sandbox once it answers."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            break
        try:
            sandbox = Sandbox(base)
            sandbox.get("clock")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return sandbox
    raise LinliError("sandbox", "the stand-in for WeCom did not start; the lines above say why")


def chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Lists of at most `size`."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
