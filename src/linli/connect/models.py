"""A corp's line to WeCom, its tokens, its rate budget and its sync runs."""

from django.db import models


class CorpLine(models.Model):
    """Where a corp's WeCom answers, as which app Linli speaks, and how the last test of it ended."""

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    base_url = models.TextField()
    agent_id = models.BigIntegerField()
    has_contact_secret = models.BooleanField(default=False)
    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    check_code = models.IntegerField(default=0)
    check_text = models.TextField(default="")
    per_minute = models.IntegerField(default=10_000)
    per_hour = models.IntegerField(default=150_000)


class CallbackLine(models.Model):
    """The keys of one callback address; the ingress reads this table without Django (see README.md)."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    key = models.TextField(unique=True)
    wecom_id = models.TextField()
    agent_id = models.BigIntegerField()
    token_sealed = models.BinaryField()
    aes_key_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "agent_id"], name="connect_callback_once")]


class AppToken(models.Model):
    """The access token of one app, shared by all processes; `expires_at` is real time, not the business clock."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    app = models.TextField()
    value_sealed = models.BinaryField()
    expires_at = models.DateTimeField()
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "app"], name="connect_token_once")]


class RateWindow(models.Model):
    """Calls of one API already leased out in one window of real time (`span` is 'minute' or 'hour')."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    api = models.TextField()
    span = models.TextField()
    starts_at = models.BigIntegerField()
    used = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "api", "span", "starts_at"], name="connect_window_once")]


class Reconciliation(models.Model):
    """A comparison of everything with WeCom, room after room: at night, or because somebody asked (`night` is null).

    Its times are real ones: nights are those of the corp's zone by the wall clock.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"
        SKIPPED = "skipped"  # the night before the first one: connecting reads everything anyway

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    night = models.DateField(null=True, blank=True)
    by = models.TextField(default="", blank=True)
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    # "Try these again": room → keys of what could not be read; empty: every room, everything.
    only = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "night"], name="connect_reconciliation_night_once")]
        indexes = [models.Index(fields=["corp", "-asked_at"], name="connect_reconciliation_latest")]


class SyncRun(models.Model):
    """One reading of WeCom by one room: how far it is, what it found, and what it could not fetch and why."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(null=True)
    remaining_s = models.IntegerField(null=True)  # seconds of real time, as the run itself reckoned them last
    cursor = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    passed_over = models.IntegerField(default=0, db_default=0)  # so many of `missing` lie before the cursor
    saved_at = models.DateTimeField(null=True)  # when the run itself wrote this row last
    found = models.JSONField(default=dict, db_default=models.Value({}, output_field=models.JSONField()))
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="+", null=True)
    resumes = models.ForeignKey("self", on_delete=models.SET_NULL, related_name="+", null=True)  # it went on from there
    cancel_asked = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["corp", "kind", "-started_at"], name="connect_run_latest")]
