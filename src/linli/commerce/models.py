"""Orders, refunds, what each customer adds up to, and the imports that brought them in."""

from django.db import models


class Order(models.Model):
    """One paid order of one source; its lines are replaced as a whole when the source sends other content."""

    class Kind(models.TextChoices):
        ORDER = "order"
        ADJUSTMENT = "adjustment"  # bookkeeping of the source (bad debt …): kept, but nobody's purchase

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    number = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ORDER)
    customer_id = models.BigIntegerField(null=True)  # customers.Customer, by id only
    buyer_ref = models.CharField(max_length=64, blank=True, default="")  # mall id as given; '' is anonymous
    paid_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    quantity = models.BigIntegerField()
    line_count = models.IntegerField()
    region = models.CharField(max_length=64, blank=True, default="")
    content_hash = models.UUIDField()  # of buyer, time, currency, region, kind and the lines in any order
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "source", "number"], name="commerce_order_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "customer_id", "paid_at"], name="commerce_order_customer"),
            models.Index(fields=["corp", "paid_at", "id"], name="commerce_order_paid"),
            models.Index(fields=["corp", "buyer_ref"], condition=~models.Q(buyer_ref=""), name="commerce_order_buyer"),
        ]


class OrderLine(models.Model):
    """One line of an order, as the source wrote it; negative quantities stay where they stood."""

    pk = models.CompositePrimaryKey("order_id", "position")
    corp = models.ForeignKey(
        "access.Corp", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )  # guarded by the order's own corp: half a million checks saved
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.IntegerField()
    sku = models.CharField(max_length=64)
    description = models.CharField(max_length=500, blank=True, default="")
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        indexes = [
            models.Index(fields=["corp", "sku"], name="commerce_orderline_sku"),
        ]


class Refund(models.Model):
    """A cancellation or refund; amount and quantity are positive: what went back."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    number = models.CharField(max_length=64)
    customer_id = models.BigIntegerField(null=True)
    buyer_ref = models.CharField(max_length=64, blank=True, default="")
    refunded_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    quantity = models.BigIntegerField()
    line_count = models.IntegerField()
    region = models.CharField(max_length=64, blank=True, default="")
    content_hash = models.UUIDField()
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "source", "number"], name="commerce_refund_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "customer_id", "refunded_at"], name="commerce_refund_customer"),
            models.Index(fields=["corp", "refunded_at", "id"], name="commerce_refund_at"),
            models.Index(fields=["corp", "buyer_ref"], condition=~models.Q(buyer_ref=""), name="commerce_refund_buyer"),
        ]


class RefundLine(models.Model):
    """One line of a refund, as the source wrote it (its quantity is usually negative)."""

    pk = models.CompositePrimaryKey("refund_id", "position")
    corp = models.ForeignKey(
        "access.Corp", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.IntegerField()
    sku = models.CharField(max_length=64)
    description = models.CharField(max_length=500, blank=True, default="")
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)


class CustomerTotals(models.Model):
    """What one customer's orders and refunds add up to; moved in the transaction that moves the order."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id = models.BigIntegerField()
    first_paid_at = models.DateTimeField(null=True)
    last_paid_at = models.DateTimeField(null=True)
    order_count = models.IntegerField(default=0)
    line_count = models.IntegerField(default=0)
    quantity = models.BigIntegerField(default=0)
    amount = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    refund_count = models.IntegerField(default=0)
    refund_amount = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    last_refunded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "customer_id"], name="commerce_totals_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "last_paid_at"], name="commerce_totals_last"),
        ]


class RfmScore(models.Model):
    """The latest RFM figures of a customer by one method; recomputed as a whole."""

    class Method(models.TextChoices):
        PUBLISHED = "published"  # the method printed with UCI Online Retail: F counts lines
        DEFAULT = "default"  # Linli's own: F counts orders, M is net of refunds

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id = models.BigIntegerField()
    method = models.CharField(max_length=12, choices=Method.choices)
    as_of = models.DateField()
    r_days = models.IntegerField()
    f = models.IntegerField()
    m = models.DecimalField(max_digits=20, decimal_places=4)
    r = models.SmallIntegerField()
    f_score = models.SmallIntegerField()
    m_score = models.SmallIntegerField()
    segment = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "method", "customer_id"], name="commerce_rfm_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "method", "segment"], name="commerce_rfm_segment"),
        ]


class ImportRun(models.Model):
    """One upload on its way in: what was asked, how far it is, what came of it."""

    class State(models.TextChoices):
        DRAFT = "draft"  # uploaded, columns not confirmed yet
        WAITING = "waiting"
        READING = "reading"
        WRITING = "writing"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    files = models.JSONField(default=list)  # [{"name": …, "path": …}], read one after the other as one file
    mapping = models.JSONField(default=dict)  # see mapping.Mapping
    header = models.JSONField(default=list)
    delimiter = models.CharField(max_length=1, default=",")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    lines_total = models.IntegerField(default=0)
    lines_done = models.IntegerField(default=0)
    anonymous_lines = models.IntegerField(default=0)
    orders_new = models.IntegerField(default=0)
    orders_known = models.IntegerField(default=0)
    orders_changed = models.IntegerField(default=0)
    refunds_new = models.IntegerField(default=0)
    refunds_known = models.IntegerField(default=0)
    refunds_changed = models.IntegerField(default=0)
    problem_count = models.IntegerField(default=0)
    erased_orders = models.IntegerField(default=0, db_default=0)  # came in without their buyer, who asked to be erased
    chunks_total = models.IntegerField(default=0)
    chunks_done = models.IntegerField(default=0)  # a killed run goes on behind the last committed chunk
    cancel_asked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True, default="")
    created_by = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["corp", "-created_at"], name="commerce_importrun_recent"),
        ]


class ImportProblem(models.Model):
    """One line that did not get in, as it stood in the file, and why."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=200)
    line_number = models.IntegerField()
    reason = models.CharField(max_length=40)  # a code of problems.REASONS
    detail = models.CharField(max_length=200, blank=True, default="")
    raw = models.CharField(max_length=2000)
