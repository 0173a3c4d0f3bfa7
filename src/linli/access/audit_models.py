"""Who did what: rows that are only ever added, the seals over them, and what is being done at this moment."""

from django.db import models


class AuditRow(models.Model):
    """One act. Partitioned by month of `at` (real time), so the table is made by SQL; triggers refuse every change."""

    at = models.DateTimeField()
    corp_id = models.BigIntegerField(null=True)
    who_kind = models.TextField()
    who_id = models.BigIntegerField(null=True)
    action = models.TextField()
    ip = models.TextField(default="")
    request_id = models.TextField(default="")
    subject = models.TextField(default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    outcome = models.SmallIntegerField()
    error = models.TextField(default="")

    class Meta:
        db_table = "access_audit"
        managed = False


class AuditSeal(models.Model):
    """A link of the chain over the rows behind the last one's `to_id` up to its own; `leaves` says which they were.

    `retired_before` makes it a link of another kind: rows from before that moment may be gone.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    to_id = models.BigIntegerField()
    rows = models.IntegerField()
    retired_before = models.DateTimeField(null=True)
    leaves = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    key = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        db_table = "access_audit_seal"
        managed = False


class AuditBegun(models.Model):
    """A request under way. It goes in the statement that writes its audit row; what stays belongs to a process that died."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    row = models.JSONField()

    class Meta:
        db_table = "access_audit_begun"
