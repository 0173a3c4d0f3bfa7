"""Saved segments, their counts, and the standing of super users."""

from django.db import models


class Segment(models.Model):
    """A named question about customers; `definition` is the JSON of `segments.definition`."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    definition = models.JSONField()
    version = models.IntegerField(default=1)
    author = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)  # kept, so that a deletion can be undone

    class Meta:
        """A name is used once among the segments that are there."""

        constraints = [
            models.UniqueConstraint(
                fields=["corp", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="segments_segment_name_once",
            ),
        ]


class SegmentVersion(models.Model):
    """What a segment asked before, by whom and since when: one row for each saved change."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    name = models.TextField()
    definition = models.JSONField()
    author = models.TextField(default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        """A version is written once."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "segment", "version"], name="segments_version_once"),
        ]


class SegmentRun(models.Model):
    """One exact count: how many, as of when, and how long it took."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    as_of = models.DateTimeField()
    count = models.BigIntegerField()
    milliseconds = models.FloatField()

    class Meta:
        """The newest count of a segment is found first."""

        indexes = [models.Index(fields=["corp", "segment", "-as_of"], name="segments_run_newest")]


class SegmentMember(models.Model):
    """Who was in a segment at a run, for runs that were asked to keep it."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(SegmentRun, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A customer is in a snapshot once."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "run", "customer"], name="segments_member_once"),
        ]


class SuperRun(models.Model):
    """One computation of the super users, with the sizes it came from."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateTimeField()
    since = models.DateTimeField()
    spenders = models.BigIntegerField()
    super_count = models.BigIntegerField()
    near_count = models.BigIntegerField()

    class Meta:
        """A moment is computed once."""

        constraints = [models.UniqueConstraint(fields=["corp", "as_of"], name="segments_superrun_once")]


class SuperUser(models.Model):
    """A customer's standing now: `super` (the first tenth by spend) or `near` (the next fifth)."""

    class Tier(models.TextChoices):
        """The two standings."""

        SUPER = "super"
        NEAR = "near"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    tier = models.TextField(choices=Tier.choices)
    since = models.DateTimeField()
    spend = models.DecimalField(max_digits=14, decimal_places=4)
    run = models.ForeignKey(SuperRun, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A customer has one standing."""

        constraints = [models.UniqueConstraint(fields=["corp", "customer"], name="segments_superuser_once")]
        indexes = [models.Index(fields=["corp", "tier"], name="segments_superuser_by_tier")]


class Schedule(models.Model):
    """What falls due by business time, which in a demo jumps: a row, not a timer."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    next_at = models.DateTimeField()

    class Meta:
        """A kind of work is scheduled once for a corp."""

        constraints = [models.UniqueConstraint(fields=["corp", "kind"], name="segments_schedule_once")]
