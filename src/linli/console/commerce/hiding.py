"""Lines of a file as this account may see them: columns that are not about the goods may hold a person."""

import csv
from collections.abc import Sequence

from linli.commerce.mapping import FIELDS, ColumnMapping
from linli.commerce.models import ImportRun
from linli.console.sight import Sight

_KINDS = {**dict.fromkeys(set(FIELDS), ""), "buyer_ref": "mall"}


def column_kinds(header: Sequence[str], mapping: ColumnMapping) -> list[str]:
    """For each column: "" (of an order or its goods), "mall" (the buyer), or "name" (nobody said what it is: only the first sign)."""
    meaning = {column: field for field, column in mapping.columns.items()}
    return [_KINDS.get(meaning.get(name, ""), "name") for name in header]


def masked(sight: Sight, kinds: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The cells; those behind the last known column are nobody's, so they are masked as well."""
    padded = [*kinds, *["name"] * (len(cells) - len(kinds))]
    return [sight.show(kind, cell) if kind else cell for kind, cell in zip(padded, cells, strict=False)]


def masked_cells(sight: Sight, run: ImportRun, cells: Sequence[str]) -> list[str]:
    """The cells of a line of this run."""
    return masked(sight, column_kinds(run.header, ColumnMapping.from_json(run.mapping)), cells)


def masked_line(sight: Sight, run: ImportRun, raw: str) -> str:
    """The line as it stood in the file; a line that cannot be cut into its columns is masked whole."""
    if sight.sees():
        return raw
    cells = next(csv.reader([raw], delimiter=run.delimiter), [])
    if len(cells) != len(run.header):
        return sight.show("free", raw)
    return run.delimiter.join(masked_cells(sight, run, cells))
