"""The sandbox's own reading of files and forms."""

import pytest

from tests.exchange.samples import amr, jpeg, mp4, png
from wecom_sandbox.mediaprobe import Probe, probe
from wecom_sandbox.wire.multipart import read_file

KNOWN = [
    (png(4, 5), Probe("image", "image/png", 4, 5)),
    (jpeg(6, 7), Probe("image", "image/jpeg", 6, 7)),
    (amr(2), Probe("voice", "audio/amr", seconds=2)),
    (amr(2, mode=15), Probe("voice", "audio/amr", seconds=2)),
    (mp4(3), Probe("video", "video/mp4", seconds=3)),
    (mp4(4, version=1), Probe("video", "video/mp4", seconds=4)),
    (b"", Probe("file", "application/octet-stream")),
]


@pytest.mark.parametrize(("data", "found"), KNOWN)
def test_files_are_known(data, found):
    assert probe(data) == found


@pytest.mark.parametrize("data", [png(), jpeg(), mp4(), amr()])
def test_no_broken_file_breaks_the_probe(data):
    for at in range(len(data)):
        for broken in (data[:at], data[:at] + b"\xff" + data[at + 1 :], data[:at] + b"\0" + data[at + 1 :]):
            assert probe(broken).kind


def form(*parts, boundary="b"):
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def test_a_form_is_read_whatever_its_file_holds():
    head = 'Content-Disposition: form-data; name="media"; filename="名 %22x%22"; filelength=9\r\nContent-Type: a/b'
    data = b"\r\n--c\r\n\r\n\r\n"
    body = form(b'Content-Disposition: form-data; name="other"\r\n\r\nx', head.encode() + b"\r\n\r\n" + data)
    found = read_file("multipart/form-data; boundary=b", body)
    assert found is not None
    assert (found.name, found.data) == ('名 "x"', data)
    for content_type in ("multipart/form-data", "application/json", ""):
        assert read_file(content_type, body) is None
    assert read_file("multipart/form-data; boundary=b", form(b"nothing")) is None
