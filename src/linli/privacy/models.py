"""Exports, erasures with their steps, who looked at what in the clear, and how long things are kept."""

from django.db import models


class State(models.TextChoices):
    """How far a piece of work is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PersonExport(models.Model):
    """All that Linli holds about one person, as a zip sealed at rest; the file goes when it expires."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer_id = models.BigIntegerField()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField()
    author = models.TextField()
    asked_at = models.DateTimeField()
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)  # null: not made yet, or gone
    size = models.IntegerField(default=0)
    error = models.TextField(default="")
    cancelled_by = models.TextField(default="", db_default="")

    class Meta:
        """Newest first."""

        indexes = [models.Index(fields=["corp", "-asked_at"], name="privacy_export_recent")]


class Erasure(models.Model):
    """One person taken out of the house, step by step; what is left is the proof, which names nobody."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer_id = models.BigIntegerField()
    customer_no = models.BigIntegerField()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField()  # a code of operations.REASONS, never free text
    author = models.TextField()
    suppress = models.BooleanField(default=True)
    asked_at = models.DateTimeField()  # business time: what happens later is a matter of its own
    begins_at = models.DateTimeField(null=True)  # by the wall's clock; null: at once. Until then it can be cancelled
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    subject_sealed = models.BinaryField(null=True)  # the identifiers, while the work goes on
    tokens = models.IntegerField(default=0)
    searched = models.IntegerField(default=0)  # columns looked through at the end
    left = models.JSONField(default=list)  # tables in which an identifier was still found: must be empty
    digest = models.TextField(default="")
    error = models.TextField(default="")
    cancelled_by = models.TextField(default="", db_default="")

    class Meta:
        """A person is erased by one piece of work at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["corp", "customer_id"],
                condition=models.Q(state__in=("waiting", "running")),
                name="privacy_erasure_once",
            ),
        ]
        indexes = [models.Index(fields=["corp", "-asked_at"], name="privacy_erasure_recent")]


class ErasureStep(models.Model):
    """What was done to one table, written in the transaction that did it: a killed erasure goes on behind it."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    erasure = models.ForeignKey(Erasure, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()
    table = models.TextField()
    act = models.TextField()
    rows = models.IntegerField(default=0)
    reached = models.BigIntegerField(default=0)  # of a table that is looked through: the last id
    at = models.DateTimeField()
    done = models.BooleanField(default=False)

    class Meta:
        """A step is done once."""

        constraints = [models.UniqueConstraint(fields=["corp", "erasure", "position"], name="privacy_step_once")]


class Reveal(models.Model):
    """Somebody looked at personal data in the clear: of one customer, or (null) of whoever the pages showed until then."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField()
    author = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        """Newest first."""

        indexes = [models.Index(fields=["corp", "-at"], name="privacy_reveal_recent")]


class RetentionRule(models.Model):
    """How many days a kind of personal data is kept from then on (null: for good); the newest row of a kind holds."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    days = models.IntegerField(null=True)
    author = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """The newest is found first."""

        indexes = [models.Index(fields=["corp", "kind", "-at"], name="privacy_retention_newest")]


class SweepRun(models.Model):
    """One night's sweep: what went, by kind."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        """A night is swept once."""

        constraints = [models.UniqueConstraint(fields=["corp", "on"], name="privacy_sweep_once")]
