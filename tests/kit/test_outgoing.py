"""Calls leave for the internet and for what a setting opens, judged by the address that is really called."""

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from linli.kit import outgoing
from linli.kit.addresses import is_open, networks
from linli.kit.outgoing import PrivateAddress
from linli.kit.settings import WrongSetting, read_settings
from linli.wecom.errors import NotSent
from linli.wecom.tokens import fetch_token

LOOPBACK = networks("127.0.0.0/8, ::1")


@contextmanager
def listener(status=200, **headers):
    """A server on this machine and the requests that came to it."""
    heard = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.connection.getsockname()[0], self.path))
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("0.0.0.0", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def calling(private=()):
    with outgoing.client(private=private, timeout=httpx.Timeout(5), limits=httpx.Limits()) as client:
        yield client


def named(monkeypatch, *answers):
    """The name somewhere.test has these addresses at the first asking, those at the second …"""
    real, left, asked = socket.getaddrinfo, list(answers), []

    def getaddrinfo(host, port, *rest, **more):
        if host != "somewhere.test":
            return real(host, port, *rest, **more)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
     "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_private_addresses_are_shut_however_they_are_written(address):
    assert not is_open(address, ())
    assert is_open("119.147.6.1", ())
    assert is_open("2400:3200::1", ())
    assert is_open("10.1.2.3", networks("10.1.0.0/16"))
    assert not is_open("10.2.2.3", networks("10.1.0.0/16"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f000001"])
def test_nothing_is_sent_to_a_private_network_unless_it_is_opened(host):
    with listener() as (port, heard):
        with calling() as client, pytest.raises(PrivateAddress, match="LINLI_PRIVATE_NETWORKS"):
            client.get(f"http://{host}:{port}/")
        assert heard == []
        with calling(LOOPBACK) as client:
            assert client.get(f"http://127.0.0.1:{port}/").status_code == 200


def test_a_redirect_is_not_followed():
    with listener() as (inside, heard), listener(302, Location=f"http://127.0.0.1:{inside}/secret") as (port, first):
        with calling(LOOPBACK) as client:
            assert client.get(f"http://127.0.0.1:{port}/").status_code == 302
        assert (len(first), heard) == (1, [])


def test_the_address_that_was_judged_is_the_one_that_is_called(monkeypatch):
    asked = named(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    with listener() as (port, heard):
        with calling(networks("127.0.0.1")) as client:
            client.get(f"http://somewhere.test:{port}/")
        assert (heard, len(asked)) == ([("127.0.0.1", "/")], 1)


def test_one_private_address_of_several_is_enough_to_refuse(monkeypatch):
    named(monkeypatch, ["119.147.6.1", "127.0.0.1"])
    with listener() as (port, heard):
        with calling() as client, pytest.raises(PrivateAddress):
            client.get(f"http://somewhere.test:{port}/")
        assert heard == []


def test_the_next_address_is_tried_when_one_does_not_answer(monkeypatch):
    named(monkeypatch, ["::1", "127.0.0.1"])  # the listener knows no IPv6
    with listener() as (port, heard):
        with calling(LOOPBACK) as client:
            assert client.get(f"http://somewhere.test:{port}/").status_code == 200
        assert len(heard) == 1


def test_a_proxy_of_the_environment_is_still_used(monkeypatch):
    with listener() as (port, heard):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        with calling() as client:
            client.get("http://qyapi.example/path")
        assert heard == [("127.0.0.1", "http://qyapi.example/path")]


def test_the_wecom_client_says_so_and_does_not_try_again():
    with listener() as (port, heard):
        with calling() as client, pytest.raises(NotSent, match="private address"):
            fetch_token(f"http://127.0.0.1:{port}", "ww1", "secret", client)
        assert heard == []


def test_only_the_setting_opens_and_the_demo_opens_this_machine():
    assert read_settings({"HOME": "/tmp"}).private_networks == ()
    assert read_settings({"HOME": "/tmp", "LINLI_DEMO": "1"}).private_networks == networks("127.0.0.0/8,::1")
    given = read_settings({"HOME": "/tmp", "LINLI_PRIVATE_NETWORKS": "10.1.0.0/16, 192.168.0.7"})
    assert given.private_networks == networks("10.1.0.0/16,192.168.0.7/32")
    with pytest.raises(WrongSetting, match="LINLI_PRIVATE_NETWORKS"):
        read_settings({"HOME": "/tmp", "LINLI_PRIVATE_NETWORKS": "10.1.0.0/99"})
