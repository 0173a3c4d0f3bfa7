"""Files that come in and go out: bounded, told by their bytes, under paths and names of our own."""

import gzip
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from linli.commerce.models import ImportRun
from linli.commerce.problems import sentence
from linli.wecom.events import parse_event

GOOD = b"Order ID,Member,Paid at,SKU,Quantity,Price\n1,2,2011-03-01 10:00,A,1,2\n"


def upload(console, name: str, content: bytes):
    return console.post("/orders/imports/", {"source": "shop", "files": [SimpleUploadedFile(name, content)]})


def kept(settings) -> list[Path]:
    folder = Path(settings.LINLI.data_dir) / "imports"
    return [one for one in folder.rglob("*") if one.is_file()] if folder.exists() else []


@pytest.fixture
def house(settings, tmp_path):
    settings.LINLI = replace(settings.LINLI, data_dir=tmp_path / "data", upload_limit=100_000)
    return settings


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "..\\..\\evil.csv", "/etc/cron.d/evil.csv", "evil.php", "a\x00b.csv", "x" * 300 + ".csv"]
)
def test_a_hostile_file_name_leads_nowhere(console, house, name):
    answer = upload(console, name, GOOD)
    assert answer.status_code in {302, 422}
    for path in kept(house):
        assert path.name == "part-0"
        assert path.resolve().is_relative_to(Path(house.LINLI.data_dir).resolve())
    found = list(Path(house.LINLI.data_dir).parent.rglob("*evil*"))
    assert found == []


def packed(size: int) -> bytes:
    return gzip.compress(GOOD + b"0" * size, mtime=0)


def workbook(size: int) -> bytes:
    """An xlsx whose one sheet unpacks to far more than it weighs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        file.writestr("xl/workbook.xml", "<workbook/>")
        file.writestr("xl/worksheets/sheet1.xml", b" " * size)
    return buffer.getvalue()


@pytest.mark.parametrize(("name", "make"), [("bomb.csv.gz", packed), ("bomb.xlsx", workbook)])
def test_bombs_are_refused_and_leave_nothing(console, house, name, make):
    bomb = make(30_000_000)
    assert len(bomb) < house.LINLI.upload_limit, "small as it comes in"
    assert upload(console, name, bomb).status_code == 422
    assert kept(house) == []
    assert not ImportRun.objects.exists()


def test_an_upload_beyond_the_limit_is_refused_and_leaves_nothing(console, house):
    assert upload(console, "big.csv", GOOD + b"1,2,2011-03-01 10:00,A,1,2\n" * 10_000).status_code == 422
    assert kept(house) == []
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 60),
        ("a.xlsx", b"PK\x03\x04 not a zip"),
        ("a.csv.gz", b"\x1f\x8b broken"),
        ("a.csv", b""),
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(console, house, name, content):
    assert upload(console, name, content).status_code == 422
    assert kept(house) == []


def book(sheet: str) -> bytes:
    """A workbook that is sound but for its first sheet."""
    import openpyxl

    plain, made = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, sheet.encode() if "sheet1" in entry.filename else old.read(entry))
    return made.getvalue()


def flipped(packed: bytes, place: int) -> bytes:
    return packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        book(""),
        book('<worksheet><sheetData><row><c t="s"><v>77</v></c></row></sheetData></worksheet>'),
        book('<worksheet><sheetData><row r="1"><c r="A1"><v>one</v></c></row></sheetData></worksheet>'),
        book("<worksheet><sheetData><row>"),
        flipped(gzip.compress(GOOD * 50, mtime=0), 30),
    ],
    ids=["empty sheet", "no such text", "no number", "cut sheet", "flipped gz"],
)
def test_what_is_broken_inside_is_refused(console, house, content):
    """Found by fuzzing (docs/security/fuzzing.md): each of these was an error of ours before."""
    assert upload(console, "a", content).status_code == 422
    assert kept(house) == []


@pytest.mark.parametrize(
    "content",
    [
        GOOD.decode().encode("utf-16") + b"\x00",
        "订单号,付款时间,单价\n1,2011-03-01 10:00,2\n".encode() + b"2,\xff,\xfe\n",
    ],
    ids=["half a unit of UTF-16", "bytes that are no UTF-8"],
)
def test_a_line_that_is_no_text_is_shown_as_bad(console, house, content):
    assert upload(console, "a.csv", content).status_code == 302
    (run,) = ImportRun.objects.all()
    page = console.get(f"/orders/imports/{run.pk}/")
    assert page.status_code == 200
    assert sentence("encoding", "") in page.text


def test_a_header_with_zero_signs_is_refused(console, house):
    assert upload(console, "a.csv", "Order\x00ID,Paid at,Price\n1,2,3\n".encode("utf-16")).status_code == 422
    assert kept(house) == []


def test_files_come_down_as_attachments_under_names_of_our_own(console, corp, house):
    from tests.privacy.world import build

    world = build(corp.id)
    answer = console.get(f"/orders/imports/{world.run}/problems.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="import-{world.run}-problems.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><ToUserName>&a;</ToUserName></xml>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><ToUserName>&b;</ToUserName></xml>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml><ToUserName>a</ToUserName></xml>',
    ],
)
def test_xml_with_entities_is_refused(text):
    with pytest.raises(Exception, match=r"(?i)entit|dtd|xml|forbidden"):
        parse_event(text.encode())
