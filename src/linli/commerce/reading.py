"""From an uploaded file to records with their line numbers: gz, encodings, broken quotes, bounds."""

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import IO, Protocol, cast

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput

PIECE = 1 << 20
LONGEST_LINE = 1 << 20
LONGEST_RECORD = 100  # lines one record may span before its quotation mark counts as forgotten
_DELIMITERS = ",\t;|"


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What one pass over the bytes tells: enough to read safely. `lines` counts line ends."""

    size: int
    lines: int
    encoding: str
    clean: bool  # every byte fits the encoding, so no record needs to be looked at for that


@dataclass(slots=True)
class Record:
    """One record; `problem` is a reason code when it could not even be split into cells."""

    line_number: int
    cells: list[str]
    problem: str = ""


def is_xlsx(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when it is gzip (told by its first bytes, not by its name)."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def survey(path: Path, *, most_bytes: int, encoding: str = "auto") -> Survey:
    """One pass over the bytes; BadInput when the file is too large, broken or no text."""
    tally = _Tally()
    try:
        with open_bytes(path) as file:
            while piece := file.read(PIECE):
                if not tally.size and encoding in {"auto", "utf-8"} and _is_no_text(piece):
                    raise BadInput("file_binary", _("This is no CSV, gz or Excel file: choose another."))
                tally.add(piece)
                if tally.size > most_bytes:
                    raise BadInput("file_too_large", _("The unpacked file is too large: cut it into parts."))
                if tally.open_line > LONGEST_LINE:
                    raise BadInput("file_not_text", _("The file has no line ends: is it a CSV file?"))
    except (zlib.error, EOFError, OSError) as error:
        raise BadInput("file_broken", _("The packed file is broken: pack it again and upload it once more.")) from error
    return tally.survey(encoding)


def _is_no_text(head: bytes) -> bool:
    """A program or a picture has zero bytes; of texts only UTF-16 has, and it says so at its beginning."""
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


class _Tally:
    """Counts while bytes go by. A line is UTF-8 or it is not: the majority of the lines beyond ASCII decides."""

    def __init__(self) -> None:
        self.size = self.lines = self.open_line = 0
        self._utf8 = self._other = 0
        self._start = b""
        self._rest = b""

    def add(self, piece: bytes) -> None:
        self._start = self._start or piece[:4]
        self.size += len(piece)
        ends = piece.count(b"\n")
        self.lines += ends
        self.open_line = len(piece) - piece.rfind(b"\n") - 1 if ends else self.open_line + len(piece)
        whole, _end, rest = (self._rest + piece).rpartition(b"\n")
        self._weigh(whole)
        self._rest = rest

    def _weigh(self, text: bytes) -> None:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            for line in text.split(b"\n"):
                self._weigh_line(line)
        else:
            self._utf8 += not text.isascii()

    def _weigh_line(self, line: bytes) -> None:
        if line.isascii():
            return
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            self._other += 1
        else:
            self._utf8 += 1

    def survey(self, encoding: str) -> Survey:
        self._weigh(self._rest)
        if encoding == "auto":
            encoding = self._guess()
        clean = encoding == "utf-8-sig" and not self._other
        if encoding == "utf-8":
            encoding = "utf-8-sig"
        return Survey(size=self.size, lines=self.lines + bool(self._rest), encoding=encoding, clean=clean)

    def _guess(self) -> str:
        if self._start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return "utf-16"
        return "gb18030" if self._other > self._utf8 else "utf-8-sig"


class CsvRecords:
    """The records of a CSV file. After each one, `raw` is its text as it stood in the file.

    A record with a forgotten quotation mark is given back as one bad line, and reading goes on with the line below it.
    """

    def __init__(self, text: IO[str], *, delimiter: str, look_for_bad_bytes: bool) -> None:
        self._text = text
        self.delimiter = delimiter
        self._look = look_for_bad_bytes
        self._pending: list[str] = []
        self._again: deque[str] = deque()
        self._line = 0

    @property
    def raw(self) -> str:
        return "".join(self._pending).rstrip("\r\n")

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else self._text.readline()
            if not line:
                return
            self._pending.append(line)
            if len(self._pending) > LONGEST_RECORD:
                raise csv.Error("a record that never ends")
            yield line

    def __iter__(self) -> Iterator[Record]:
        finished = False
        while not finished:
            reader = csv.reader(self._feed(), delimiter=self.delimiter, strict=True)
            try:
                for cells in reader:
                    record = Record(self._line + 1, cells)
                    if self._look and not _is_text(self.raw):
                        record.problem = "encoding"
                    if cells:
                        yield record
                    self._line += len(self._pending)
                    self._pending.clear()
                finished = True
            except csv.Error:
                self._again.extendleft(reversed(self._pending[1:]))
                del self._pending[1:]
                yield Record(self._line + 1, [], "broken_quotes")
                self._line += 1
                self._pending.clear()


def _is_text(line: str) -> bool:
    return line.isascii() or not any("\udc80" <= sign <= "\udcff" for sign in line)


class XlsxRecords:
    """The rows of a workbook's first sheet, as texts; `raw` is a row as CSV would write it."""

    delimiter = ","

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw = ""

    @property
    def raw(self) -> str:
        return self._raw

    def __iter__(self) -> Iterator[Record]:
        rows = self._rows()
        for number in count(1):
            try:
                row = next(rows)
            except StopIteration:
                return
            except Exception as error:  # openpyxl promises nothing about where a broken workbook ends it
                raise _broken_workbook() from error
            cells = [_cell_text(value) for value in row]
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow(cells)
            self._raw = line.getvalue()
            if any(cells):
                yield Record(number, cells)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        import openpyxl

        with (
            self._path.open("rb") as file,
            closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book,
        ):
            yield from book.worksheets[0].iter_rows(values_only=True)


def _broken_workbook() -> BadInput:
    return BadInput("file_broken", _("The workbook is broken: save it again and upload it once more."))


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def survey_xlsx(path: Path, *, most_bytes: int) -> Survey:
    """A workbook is a zip: its unpacked size is known before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as book:
            size = sum(entry.file_size for entry in book.infolist())
    except Exception as error:  # as for its rows: also a struct.error, a NotImplementedError …
        raise _broken_workbook() from error
    if size > most_bytes:
        raise BadInput("file_too_large", _("The unpacked file is too large: cut it into parts."))
    return Survey(size=size, lines=0, encoding="xlsx", clean=True)


class Records(Protocol):
    """Records one after the other; after each, `raw` is its text as it stood in the file."""

    delimiter: str

    @property
    def raw(self) -> str: ...

    def __iter__(self) -> Iterator[Record]: ...


def records(path: Path, found: Survey) -> Records:
    """The file's records, header included."""
    if found.encoding == "xlsx":
        return XlsxRecords(path)
    with _open_text(path, found) as text:
        first = text.readline()
    delimiter = max(_DELIMITERS, key=first.count)
    return CsvRecords(_open_text(path, found), delimiter=delimiter, look_for_bad_bytes=not found.clean)


def _open_text(path: Path, found: Survey) -> io.TextIOWrapper:
    errors = "linli.marked" if found.encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(open_bytes(path), encoding=found.encoding, errors=errors, newline="")


def _marked(error: UnicodeError) -> tuple[str, int]:
    """One mark for a piece that is no text; `surrogateescape` raises on half a unit of UTF-16."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error("linli.marked", _marked)


def look(path: Path, *, most_bytes: int, encoding: str = "auto") -> Survey:
    """Survey a file of either kind."""
    if is_xlsx(path):
        return survey_xlsx(path, most_bytes=most_bytes)
    return survey(path, most_bytes=most_bytes, encoding=encoding)
