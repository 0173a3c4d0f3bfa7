"""Which column means what: presets, a guess from the header, and the check of what a person chose."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput

FIELDS = ("number", "paid_at", "unit_price", "quantity", "sku", "description", "buyer_ref", "currency", "region")
REQUIRED = ("number", "paid_at", "unit_price")
DATE_ORDERS = ("ymd", "mdy", "dmy")
ENCODINGS = ("auto", "utf-8", "gb18030", "cp1252", "utf-16")

FIELD_NAMES = {
    "number": _("Order number"),
    "paid_at": _("Time of payment"),
    "unit_price": _("Unit price"),
    "quantity": _("Quantity"),
    "sku": _("Article number"),
    "description": _("Article name"),
    "buyer_ref": _("Buyer (member id)"),
    "currency": _("Currency"),
    "region": _("Region"),
}

_WORDS = {
    "number": ("invoiceno", "invoice", "orderno", "ordernumber", "orderid", "number", "tid", "订单号", "订单编号", "单号"),
    "paid_at": ("invoicedate", "paidat", "paytime", "orderdate", "date", "付款时间", "支付时间", "下单时间", "订单时间", "日期"),
    "unit_price": ("unitprice", "price", "单价", "成交单价", "价格", "商品单价"),
    "quantity": ("quantity", "qty", "num", "数量", "商品数量", "购买数量"),
    "sku": ("stockcode", "sku", "skuid", "itemcode", "商品编码", "货号", "商品编号", "款号"),
    "description": ("description", "title", "itemname", "product", "商品名称", "商品标题", "品名"),
    "buyer_ref": ("customerid", "memberid", "buyerid", "userid", "mallid", "buyer", "会员号", "会员编号", "买家id", "会员id"),
    "currency": ("currency", "币种"),
    "region": ("country", "region", "province", "省份", "地区", "国家"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """How a file is read. `columns`: field → header text. An empty prefix means the file marks none that way.

    `completes`: the lines are added to their orders where they are not there yet (a file of corrected lines, or the
    second half of a cut file); otherwise an order that comes with other lines is replaced by what came.
    """

    columns: Mapping[str, str]
    preset: str = ""
    refund_prefix: str = ""
    adjustment_prefix: str = ""
    date_order: str = "ymd"
    currency: str = "CNY"
    encoding: str = "auto"
    completes: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


UCI = ColumnMapping(
    preset="uci",
    columns={
        "number": "InvoiceNo",
        "sku": "StockCode",
        "description": "Description",
        "quantity": "Quantity",
        "paid_at": "InvoiceDate",
        "unit_price": "UnitPrice",
        "buyer_ref": "CustomerID",
        "region": "Country",
    },
    refund_prefix="C",
    adjustment_prefix="A",
    date_order="mdy",
    currency="GBP",
)
PRESETS: dict[str, ColumnMapping] = {"uci": UCI}
PRESET_NAMES = {"uci": "UCI Online Retail"}


def guess(header: Sequence[str]) -> ColumnMapping:
    """The preset whose columns are all there, or each field's first column with a known name."""
    for preset in PRESETS.values():
        if set(preset.columns.values()) <= set(header):
            return preset
    columns: dict[str, str] = {}
    for name in FIELDS:
        found = _find(header, _WORDS[name], taken=set(columns.values()))
        if found:
            columns[name] = found
    return ColumnMapping(columns=columns)


def _find(header: Sequence[str], words: Sequence[str], *, taken: set[str]) -> str:
    by_word = {_bare(column): column for column in reversed(header) if column not in taken}
    return next((by_word[word] for word in words if word in by_word), "")


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def check(mapping: ColumnMapping, header: Sequence[str]) -> None:
    """Raise BadInput naming what is missing or twice."""
    missing = [name for name in REQUIRED if not mapping.columns.get(name)]
    if missing:
        raise BadInput("mapping_incomplete", _("Say which columns hold the order number, the time and the unit price."))
    absent = [column for column in mapping.columns.values() if column and column not in header]
    if absent:
        raise BadInput(
            "mapping_unknown_column",
            _("The file has no column “%(column)s”. Choose again.") % {"column": absent[0]},
        )
    if mapping.date_order not in DATE_ORDERS or mapping.encoding not in ENCODINGS:
        raise BadInput("mapping_unknown_choice", _("Choose the way dates are written and the encoding from the lists."))
