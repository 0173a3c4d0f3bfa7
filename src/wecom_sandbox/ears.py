"""`wecom-sandbox listen`: a callback receiver that prints what it hears, for a first look and for tests of one's own."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wecom_sandbox import play
from wecom_sandbox.callbacks.envelope import WeChatCrypto
from wecom_sandbox.server import listen

TOKEN, AES_KEY = "earsToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SIGNED = ("msg_signature", "timestamp", "nonce")


def main(words: list[str]) -> None:
    """Tell the sandbox where to send an app's events, and print each as XML on a line of its own until stopped."""
    parser = argparse.ArgumentParser(prog="wecom-sandbox listen", description="Hear an app's callbacks and print them.")
    parser.add_argument("--sandbox", default="http://127.0.0.1:8701", help="the sandbox's address")
    parser.add_argument("--corp", default=play.CORP)
    parser.add_argument("--agent", type=int, default=play.AGENT)
    parser.add_argument("--port", type=int, default=0, help="port to hear on; 0 takes a free one")
    asked = parser.parse_args(words)
    listener = listen("127.0.0.1", asked.port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/callback"
    config = uvicorn.Config(_Ears(asked, url).app(), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


class _Ears:
    def __init__(self, asked: argparse.Namespace, url: str) -> None:
        self._asked, self._url = asked, url
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, asked.corp)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/callback", self._hear, methods=["GET", "POST"])], lifespan=self._live)

    @contextlib.asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        # Only when the server runs can the address prove itself.
        begun = asyncio.create_task(self._begin())
        yield
        begun.cancel()

    async def _begin(self) -> None:
        where = {"corp_id": self._asked.corp, "agentid": self._asked.agent, "url": self._url}
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                address = f"{self._asked.sandbox}/control/callback"
                answer = await client.post(address, json={**where, "token": TOKEN, "aes_key": AES_KEY, "verify": True})
            except httpx.TransportError as error:
                sys.exit(f"wecom-sandbox: no sandbox at {self._asked.sandbox}: {type(error).__name__}")
        if answer.status_code != httpx.codes.OK:
            sys.exit(f"wecom-sandbox: {answer.json()['error']}")
        _say(f"listening for corp {self._asked.corp}, app {self._asked.agent}, at {self._url}")

    async def _hear(self, request: Request) -> Response:
        query = request.query_params
        signed = [query[name] for name in SIGNED]
        if request.method == "GET":
            return PlainTextResponse(self._crypto.check_signature(*signed, query["echostr"]))
        xml = self._crypto.decrypt_message(await request.body(), *signed)
        _say(xml.decode() if isinstance(xml, bytes) else xml)
        return Response()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
