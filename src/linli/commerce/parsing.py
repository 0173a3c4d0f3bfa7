"""From records to staged lines, fast: each distinct text of a column is checked once, then looked up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from hashlib import blake2b

from linli.commerce import cells
from linli.commerce.cells import BadCell, Remembered
from linli.commerce.mapping import FIELDS, ColumnMapping
from linli.commerce.reading import Record, Records
from linli.commerce.staging import ADJUSTMENT, ORDER, REFUND

RAW_KEPT = 2000


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A line that cannot be taken."""

    file_name: str
    line_number: int
    reason: str
    detail: str
    raw: str


@dataclass
class Columns:
    """The header's places: for each field its index, or -1 for a field the file does not have."""

    places: dict[str, int]
    width: int
    header: list[str]

    @classmethod
    def of(cls, mapping: ColumnMapping, header: list[str]) -> "Columns":
        places = {name: header.index(column) for name, column in mapping.columns.items() if column}
        return cls({name: places.get(name, -1) for name in FIELDS}, len(header), header)


@dataclass
class LineParser:
    """Turns the records of a file (and of its next parts) into COPY text; keeps what it refuses in `problems`."""

    mapping: ColumnMapping
    zone: str
    problems: list[Problem] = field(default_factory=list)
    lines: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self._numbers: Remembered[str] = Remembered(self._number)
        self._buyers: Remembered[str] = Remembered(lambda text: cells.for_copy(cells.buyer(text)))
        moments = cells.Moments(zone=self.zone, order=self.mapping.date_order)
        self._moments: Remembered[str] = Remembered(lambda text: moments(text).isoformat())
        self._skus: Remembered[str] = Remembered(_text(64, "sku_too_long"))
        self._descriptions: Remembered[str] = Remembered(_text(500, "description_too_long"))
        self._regions: Remembered[str] = Remembered(_text(64, "region_too_long"))
        self._quantities: Remembered[int] = Remembered(cells.quantity)
        self._prices: Remembered[Decimal] = Remembered(cells.price)
        self._currencies: Remembered[str] = Remembered(self._currency)

    def rows(self, records: Records, columns: Columns, file_name: str) -> Iterator[str]:
        """The COPY text of each good record. A record equal to the header is a part's own header, not a line."""
        p = columns.places
        number, at, price, quantity = p["number"], p["paid_at"], p["unit_price"], p["quantity"]
        sku, description, buyer, currency, region = (
            p["sku"], p["description"], p["buyer_ref"], p["currency"], p["region"],
        )  # fmt: skip
        pack, hash_bytes = int.from_bytes, partial(blake2b, digest_size=8)
        for record in records:
            found = record.cells
            if found == columns.header:
                continue
            self.lines += 1
            try:
                if len(found) != columns.width or record.problem:
                    found = _fitted(record, columns.width)
                count = self._quantities[found[quantity]] if quantity >= 0 else 1
                cost = self._prices[found[price]]
                cells.check_amount(count, cost)
                content = (
                    f"{self._skus[found[sku]] if sku >= 0 else ''}\t"
                    f"{self._descriptions[found[description]] if description >= 0 else ''}\t{count}\t{cost}"
                )
                digest = pack(hash_bytes(content.encode()).digest(), "big", signed=True)
                yield (
                    f"{self.lines}\t{self._numbers[found[number]]}\t"
                    f"{self._buyers[found[buyer]] if buyer >= 0 else ''}\t{self._moments[found[at]]}\t{content}\t"
                    f"{self._regions[found[region]] if region >= 0 else ''}\t"
                    f"{self._currencies[found[currency] if currency >= 0 else '']}\t{digest}\n"
                )
            except BadCell as bad:
                self._refuse(file_name, record, records.raw, bad)

    def _refuse(self, file_name: str, record: Record, raw: str, bad: BadCell) -> None:
        self.refused += 1
        text = raw.encode("utf-8", "replace").decode("utf-8").replace("\x00", "␀")
        self.problems.append(
            Problem(
                file_name=file_name,
                line_number=record.line_number,
                reason=bad.reason,
                detail=bad.detail.encode("utf-8", "replace").decode("utf-8").replace("\x00", "␀"),
                raw=text[:RAW_KEPT],
            )
        )

    def _number(self, text: str) -> str:
        number = cells.number(text)
        kind = ORDER
        if self.mapping.refund_prefix and number.startswith(self.mapping.refund_prefix):
            kind = REFUND
        elif self.mapping.adjustment_prefix and number.startswith(self.mapping.adjustment_prefix):
            kind = ADJUSTMENT
        return f"{cells.for_copy(number)}\t{kind}"

    def _currency(self, text: str) -> str:
        return cells.currency(text or self.mapping.currency)


def _text(most: int, reason: str) -> Callable[[str], str]:
    return lambda text: cells.for_copy(cells.plain(text, most=most, reason=reason))


def _fitted(record: Record, width: int) -> list[str]:
    """The record's cells when only empty ones are too many; else the reason why not."""
    if record.problem:
        raise BadCell(record.problem)
    found = record.cells
    if len(found) > width and not any(found[width:]):
        return found[:width]
    raise BadCell("column_count", f"{len(found)} / {width}")
