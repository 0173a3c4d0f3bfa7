"""Fuzzing of what strangers send, guided by coverage (atheris); how to run it and what it found: docs/security/fuzzing.md.

    python tools/fuzz.py TARGET FOLDER [-max_total_time=300 and other options of libFuzzer]

FOLDER keeps the inputs that reached something new; begin with an empty one and its seeds are written there. What is not an
expected error ends the run with the input in a file named crash-….
"""

import base64
import contextlib
import csv
import io
import os
import shutil
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path[:0] = ["src", "."]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
os.environ.setdefault("LINLI_SECRET_KEY", "fuzz")

with atheris.instrument_imports(include=["linli.wecom", "linli.commerce", "defusedxml", "openpyxl"]):
    import django
    import openpyxl

    django.setup()
    from linli.commerce.mapping import check, guess
    from linli.commerce.parsing import Columns, LineParser
    from linli.commerce.reading import Record, look, records
    from linli.kit.errors import BadInput
    from linli.wecom.crypto import CallbackCrypto
    from linli.wecom.envelope import parse_envelope
    from linli.wecom.errors import CallbackError, CryptoError
    from linli.wecom.events import known_kinds, parse_event, peek

CRYPTO = CallbackCrypto(token="t", aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", receive_id="ww1")
SCRATCH = Path(tempfile.mkdtemp(prefix="linli-fuzz-"))
MOST_BYTES = 1 << 20
HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
LINE = ["536365", "85123A", "MUG", "6", "12/1/2010 8:26", "2.55", "17850", "United Kingdom"]
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>InvoiceNo</t></is></c><c r="B1" t="s"><v>5</v></c><c r="C1" t="s"><v>4</v></c></row>'
    '<row r="2"><c r="A2" s="0"><v>1</v></c><c r="B2" t="d"><v>2011-03-01</v></c><c r="C2"><v>2.5</v></c></row>'
    '<row r="3"><c r="A3" t="e"><v>#REF!</v></c><c r="B3" t="b"><v>1</v></c><c r="C3" t="str"><f>1+1</f><v>2</v></c></row>'
    "</sheetData></worksheet>"
)


def envelope(body: bytes) -> None:
    """The bytes of a callback as they are posted, its signature as good as can be."""
    with contextlib.suppress(CallbackError, CryptoError):
        _open(parse_envelope(body).encrypt)


def sealed(body: bytes) -> None:
    """Who knows the token and not the key: any cipher text under a signature that holds."""
    with contextlib.suppress(CryptoError):
        _open(base64.b64encode(body).decode())


def _open(text: str) -> bytes:
    signature = CRYPTO._sign("1", "2", text)  # noqa: SLF001
    return CRYPTO.decrypt(msg_signature=signature, timestamp="1", nonce="2", encrypt=text)


def event(plain: bytes) -> None:
    """What stood in the envelope, read as the ingress reads it and as the drain does."""
    for read in (peek, parse_event):
        try:
            read(plain)
        except CallbackError:
            continue


def table(content: bytes) -> None:
    """An upload whatever it is: told apart, surveyed, split into records, each judged as a line of an import."""
    _read(content)


def sheet(content: bytes) -> None:
    """A workbook that is sound but for its first sheet."""
    _read(_workbook(content))


def _read(content: bytes) -> None:
    path = SCRATCH / "upload"
    path.write_bytes(content)
    try:
        found = look(path, most_bytes=MOST_BYTES)
        first, *_others = [*records(path, found)] or [Record(0, [])]
        mapping = guess(first.cells)
        check(mapping, first.cells)
        parser = LineParser(mapping, "Asia/Shanghai")
        for row in parser.rows(records(path, found), Columns.of(mapping, first.cells), "upload"):
            assert b"\0" not in row.encode(), "PostgreSQL takes no zero byte"
        for problem in parser.problems:
            assert b"\0" not in (problem.raw + problem.detail).encode()
    except BadInput:
        pass


def _workbook(first_sheet: bytes) -> bytes:
    """What openpyxl itself writes, with another first sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_plain_workbook())) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, first_sheet if "sheet1" in entry.filename else old.read(entry))
    return buffer.getvalue()


def _plain_workbook() -> bytes:
    global _BOOK  # noqa: PLW0603 - made once
    if not _BOOK:
        book = openpyxl.Workbook()
        book.active.append(HEADER)
        book.active.append(LINE)
        buffer = io.BytesIO()
        book.save(buffer)
        _BOOK = buffer.getvalue()
    return _BOOK


_BOOK = b""


def _event_seeds() -> list[bytes]:
    seeds = []
    for kind in sorted(known_kinds()):
        name, _, change = kind.partition(".")
        seeds.append(
            f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1403610513</CreateTime><MsgType>event</MsgType>"
            f"<Event>{name}</Event><ChangeType>{change}</ChangeType><UserID>u</UserID><ExternalUserID>wm1</ExternalUserID><State>s</State>"
            f"<WelcomeCode>w</WelcomeCode><ChatId>wr1</ChatId><UpdateDetail>add_member</UpdateDetail><JoinScene>0</JoinScene><QuitScene>0"
            f"</QuitScene><MemChangeCnt>1</MemChangeCnt><MemChangeList><Item>wm1</Item></MemChangeList><Id>1</Id><TagType>tag</TagType>"
            f"<LinkId>l</LinkId><EventKey>k</EventKey><TagId>1</TagId><FailReason>customer_refused</FailReason><Token>t</Token>"
            f"<ExpireTime>1403610513</ExpireTime><JobId>j</JobId><BatchJob><JobId>j</JobId><JobType>sync_user</JobType><ErrCode>0</ErrCode>"
            f"<ErrMsg>ok</ErrMsg></BatchJob><AgentID>1</AgentID></xml>".encode()
        )
    return seeds


def _envelope_seeds() -> list[bytes]:
    plains = [b"", b"<xml/>", *_event_seeds()[:3]]
    texts = [CRYPTO.encrypt(plain, timestamp="1", nonce="2", random=bytes(16)).encrypt for plain in plains]
    return [
        f"<xml><ToUserName>ww1</ToUserName><AgentID>1</AgentID><Encrypt>{text}</Encrypt></xml>".encode()
        for text in texts
    ]


def _sealed_seeds() -> list[bytes]:
    sealed_ones = (CRYPTO.encrypt(plain, timestamp="1", nonce="2", random=bytes(16)) for plain in (b"", b"<xml/>"))
    return [base64.b64decode(one.encrypt) for one in sealed_ones]


def _table_seeds() -> list[bytes]:
    import gzip

    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, LINE, ["C536366", *LINE[1:3], "-1", *LINE[4:]], ['"open', *LINE[1:]]])
    text = out.getvalue()
    chinese = "订单号,付款时间,单价,商品名称\n1,2011-03-01 10:00,2.5,杯子\n"
    return [
        text.encode(), text.replace(",", "\t").encode(), chinese.encode(), chinese.encode("gb18030"), chinese.encode("utf-16"),
        gzip.compress(text.encode()), _plain_workbook(),
    ]  # fmt: skip


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "envelope": (envelope, _envelope_seeds),
    "sealed": (sealed, _sealed_seeds),
    "event": (event, _event_seeds),
    "table": (table, _table_seeds),
    "sheet": (sheet, lambda: [SHEET.encode()]),
}


def main() -> None:
    """Writes the seeds and hands over to libFuzzer, which ends the process."""
    if len(sys.argv) < 3 or sys.argv[1] not in TARGETS:
        sys.exit(f"{__doc__}\nTARGET is one of {', '.join(TARGETS)}.")
    target, seeds = TARGETS[sys.argv.pop(1)]
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    warnings.simplefilter("ignore")
    try:
        atheris.Setup(sys.argv, target)
        atheris.Fuzz()
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)


if __name__ == "__main__":
    main()
