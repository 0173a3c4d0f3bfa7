"""What commerce keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

_MINE = "corp_id = %(corp)s AND customer_id = %(customer)s"
_BOOKS = _("bookkeeping keeps the order; who bought is taken out")
_FIGURES = _("figures of a number without a person, so that totals remain right")

PERSONAL = (
    Part(
        table="commerce_order", title=_("Orders"), where=_MINE, act=Act.SCRUB, set="buyer_ref = ''", why=_BOOKS,
        show=(
            (_("Source"), "source"), (_("Number"), "number"), (_("Member id"), "buyer_ref"), (_("Paid at"), "paid_at"),
            (_("Amount"), "amount"), (_("Currency"), "currency"), (_("Region"), "region"),
        ),
    ),
    Part(
        table="commerce_orderline", title=_("Lines of the orders"), act=Act.KEEP,
        where=f"corp_id = %(corp)s AND order_id IN (SELECT id FROM commerce_order WHERE {_MINE})",  # noqa: S608 - constants
        why=_("what was bought, not by whom"),
        show=(
            (_("Order"), "(SELECT number FROM commerce_order WHERE commerce_order.id = order_id)"), (_("Article"), "sku"),
            (_("Description"), "description"), (_("Quantity"), "quantity"), (_("Unit price"), "unit_price"),
        ),
    ),
    Part(
        table="commerce_refund", title=_("Refunds"), where=_MINE, act=Act.SCRUB, set="buyer_ref = ''", why=_BOOKS,
        show=(
            (_("Source"), "source"), (_("Number"), "number"), (_("Member id"), "buyer_ref"),
            (_("Refunded at"), "refunded_at"), (_("Amount"), "amount"), (_("Currency"), "currency"), (_("Region"), "region"),
        ),
    ),
    Part(
        table="commerce_customertotals", title=_("What the orders add up to"), where=_MINE, act=Act.KEEP, why=_FIGURES,
        show=(
            (_("Orders"), "order_count"), (_("Amount"), "amount"), (_("Refunded"), "refund_amount"),
            (_("First paid"), "first_paid_at"), (_("Last paid"), "last_paid_at"),
        ),
    ),
    Part(
        table="commerce_rfmscore", title=_("RFM"), where=_MINE, act=Act.KEEP, why=_FIGURES,
        show=((_("Method"), "method"), (_("As of"), "as_of"), (_("Group"), "segment")),
    ),
    Part(
        table="commerce_importproblem", title=_("Lines of files that did not get in"), act=Act.DELETE, scan=True,
        where=(
            "corp_id = %(corp)s AND (raw ~ %(free)s OR "
            "string_to_array(replace(translate(raw, E';\\t|', ',,,'), '\"', ''), ',') && %(values)s::text[])"
        ),
        why=_("the line as it stood in the file names this person"),
        show=((_("File"), "file_name"), (_("Line"), "line_number"), (_("As it stands in the file"), "raw")),
    ),
)  # fmt: skip
