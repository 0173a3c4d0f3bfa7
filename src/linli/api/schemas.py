"""What the JSON API takes and gives. Values are checked one order at a time, so that one bad order refuses only itself."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

MOST_ORDERS = 500
MOST_MEMBERS = 500
Text = Annotated[str, Field(max_length=1000)]
Number = int | float | Annotated[str, Field(max_length=40)]
Kind = Literal["order", "refund", "adjustment"]


class LineIn(Schema):
    """One line of an order; its amount is quantity × unit_price."""

    sku: Text = Field(examples=["85123A"])
    quantity: Number = Field(examples=[6], description="A whole number; negative in a refund.")
    unit_price: Number = Field(examples=["2.55"], description="At most four decimal places; a text keeps them exact.")
    description: Text = ""


class OrderIn(Schema):
    """An order, a refund or an adjustment (bookkeeping that is nobody's purchase)."""

    number: Text = Field(examples=["536365"])
    paid_at: Text = Field(
        examples=["2011-12-01T08:26:00+08:00"], description="Without an offset: in the corp's time zone."
    )
    lines: list[LineIn]
    kind: Kind = "order"
    buyer_ref: Text = Field(default="", description="The member's id in the mall; empty for an anonymous sale.")
    currency: Text = "CNY"
    region: Text = ""


class SourcedOrderIn(OrderIn):
    """An order that says itself where it comes from."""

    source: Text = Field(examples=["till"])


class OrdersIn(Schema):
    """Orders of one source."""

    source: Text = Field(examples=["till"])
    orders: list[OrderIn] = Field(min_length=1, max_length=MOST_ORDERS)


Orders = OrdersIn | SourcedOrderIn | Annotated[list[SourcedOrderIn], Field(min_length=1, max_length=MOST_ORDERS)]


class MemberIn(Schema):
    """A member of the mall, and the WeChat unionid when it is known."""

    mall_id: str = Field(min_length=1, max_length=64)
    unionid: str | None = Field(default=None, max_length=128)
    name: str = Field(default="", max_length=200)


Members = Annotated[list[MemberIn], Field(min_length=1, max_length=MOST_MEMBERS)]


class ReasonOut(Schema):
    """A code for programs and a sentence for people, in the language of Accept-Language."""

    code: str
    message: str


class OrderOutcome(Schema):
    """What became of one order."""

    source: str
    number: str
    kind: Kind
    outcome: Literal["new", "known", "changed", "refused"]
    id: int | None = None
    reason: ReasonOut | None = None


class OrdersOut(Schema):
    """One outcome for each order, in the order given."""

    results: list[OrderOutcome]


class MemberOut(Schema):
    """The customer behind a member."""

    mall_id: str
    customer_id: int | None = Field(description="null: this person asked to be erased and is kept out.")


class MembersOut(Schema):
    """One customer for each member, in the order given."""

    results: list[MemberOut]


class LineOut(Schema):
    """A recorded line."""

    sku: str
    quantity: int
    unit_price: Decimal
    description: str


class OrderOut(Schema):
    """A recorded order or refund."""

    id: int
    source: str
    number: str
    kind: Kind
    customer_id: int | None
    buyer_ref: str
    paid_at: datetime
    amount: Decimal
    currency: str
    quantity: int
    line_count: int
    region: str
    lines: list[LineOut]


class ErrorOut(Schema):
    """Why a whole request was refused; `places` names the wrong values."""

    error: ReasonOut
    places: list[str] = []
