"""Where wechatpy's own crypto hears the callbacks of a sandbox: it verifies the address, decrypts and remembers."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import xmltodict
from wechatpy.work import parse_message
from wechatpy.work.crypto import WeChatCrypto


class Ears:
    """A callback receiver on a free port."""

    token, key = "strangeToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

    def __init__(self, corp: str) -> None:
        self.heard: list[dict[str, str]] = []
        crypto, heard = WeChatCrypto(self.token, self.key, corp), self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = self._query()
                plain = crypto.check_signature(
                    *(query[name] for name in ("msg_signature", "timestamp", "nonce", "echostr"))
                )
                self._answer(plain.encode())

            def do_POST(self) -> None:
                query = self._query()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                xml = crypto.decrypt_message(body, *(query[name] for name in ("msg_signature", "timestamp", "nonce")))
                parse_message(xml)  # it understands every event, or says so
                heard.append(xmltodict.parse(xml)["xml"])
                self._answer(b"")

            def _query(self) -> dict[str, str]:
                return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait(self, event: str, **fields: str) -> dict[str, str]:
        """The newest event of this kind with these fields."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            for one in reversed(self.heard):
                if one["Event"] == event and all(one.get(name) == value for name, value in fields.items()):
                    return one
            time.sleep(0.01)
        raise AssertionError(f"{event} {fields} was not heard; heard {self.heard}")

    def close(self) -> None:
        self._server.shutdown()
