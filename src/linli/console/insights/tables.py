"""One description of a table, shown as HTML and given away as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import StringIO

from django.http import HttpResponse
from django.utils.functional import Promise

from linli.console.templatetags.linli import num, percent, signed
from linli.kit.tables import harmless

Words = str | Promise
Value = str | Promise | int | float | Decimal | date | None

_PLACES = {"whole": 0, "signed": 0, "money": 2, "decimal": 2}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, day, whole, signed, money, decimal or share (0 to 1)."""

    label: Words
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        """Is it aligned to the right?"""
        return self.kind not in {"text", "day"}

    def show(self, value: Value) -> str:
        """The value as people read it; None is a dash."""
        if value is None:
            return "–"
        if self.kind == "share" and isinstance(value, int | float | Decimal):
            return percent(value)
        if self.kind == "signed" and isinstance(value, int | float | Decimal):
            return signed(value)
        if self.kind in _PLACES and isinstance(value, int | float | Decimal):
            return num(value, _PLACES[self.kind])
        return str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; `links` gives a row's first cell an address."""

    name: str
    title: Words
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    links: Sequence[str] = field(default_factory=tuple)

    @property
    def lines(self) -> list[tuple[str, list[tuple[Column, str]]]]:
        """Each row as its link and its cells in words."""
        found = []
        for place, row in enumerate(self.rows):
            cells = [(column, column.show(value)) for column, value in zip(self.columns, row, strict=True)]
            found.append((self.links[place] if self.links else "", cells))
        return found

    def part(self, name: str, title: Words, places: Iterable[int]) -> "Table":
        """The same rows with some of the columns."""
        chosen = list(places)
        rows = [[row[place] for place in chosen] for row in self.rows]
        return Table(name, title, [self.columns[place] for place in chosen], rows)


def as_csv(table: Table) -> HttpResponse:
    """The table as a download: UTF-8 with the mark that Excel wants, and no cell that a spreadsheet would run."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(str(column.label)) for column in table.columns])
    writer.writerows([[_plain(value) for value in row] for row in table.rows])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="linli-{table.name}.csv"'
    return response


def _plain(value: Value) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return value
    return harmless(str(value))
