"""A proxy before the sandbox that spoils answers, and a server whose certificate nobody signed."""

import datetime
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.sandbox.stage import Hosted

Spoil = Callable[[str, httpx.Response], Response | None]


class Tampering:
    """Hands every call on to the sandbox; `spoil` may replace an answer. The work is done all the same."""

    def __init__(self, target: str) -> None:
        self.spoil: Spoil = lambda path, answer: None
        self._client = httpx.AsyncClient(base_url=target, trust_env=False)
        self.hosted = Hosted(Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])]))
        self.url = self.hosted.url

    async def _answer(self, request: Request) -> Response:
        url = f"/{request.path_params['path']}?{request.url.query}"
        answer = await self._client.request(request.method, url, content=await request.body())
        spoiled = self.spoil(request.path_params["path"], answer)
        return spoiled or Response(answer.content, answer.status_code, media_type="application/json")


@contextmanager
def self_signed(folder: Path) -> Iterator[str]:
    """The address of a TLS server whose certificate no authority vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = built.sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    unsealed = serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unsealed)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
