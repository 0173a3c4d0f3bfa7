"""The inbox, the facts, and how far each subscriber has read."""

from django.db import models
from django.db.models import Q


class InboxRow(models.Model):
    """One decrypted callback, durable before WeCom hears 200. The key of an event is the hash of its bytes (wire.md F.1).

    Kept by the month of `event_at` (partitions.py): naming it beside the id spares a look into every month.
    """

    class State(models.IntegerChoices):
        WAITING = 0
        APPLIED = 1
        PARKED = 2
        DROPPED = 3

    class Welcome(models.IntegerChoices):
        NONE = 0
        DUE = 1
        CALLING = 2
        SENT = 3
        TOO_LATE = 4
        REFUSED = 5

    corp_id = models.BigIntegerField()
    payload_hash = models.BinaryField()
    kind = models.TextField()
    object_key = models.TextField()
    payload = models.BinaryField()
    event_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.SmallIntegerField(choices=State.choices, default=State.WAITING)
    claimed_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    error = models.TextField(default="")
    applied_at = models.DateTimeField(null=True)
    copies = models.IntegerField(default=0)
    welcome_code = models.TextField(null=True)
    welcome_state = models.SmallIntegerField(choices=Welcome.choices, default=Welcome.NONE)
    welcome_claimed_until = models.DateTimeField(null=True)
    welcome_called_at = models.DateTimeField(null=True)
    welcome_error = models.TextField(default="")
    user_id = models.TextField(default="")
    channel_state = models.TextField(default="")

    class Meta:
        db_table = "ledger_inbox"
        constraints = [
            models.UniqueConstraint(fields=["corp_id", "payload_hash", "event_at"], name="ledger_inbox_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state=0), name="ledger_inbox_waiting"),
            models.Index(fields=["corp_id", "object_key"], condition=Q(state=0), name="ledger_inbox_object"),
            models.Index(fields=["corp_id"], condition=Q(state=2), name="ledger_inbox_parked"),
            models.Index(fields=["id"], condition=Q(welcome_state__in=(1, 2)), name="ledger_inbox_welcome"),
        ]


class IngressCount(models.Model):
    """What the ingress turned away or saw twice, by reason."""

    corp_id = models.BigIntegerField()
    what = models.TextField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp_id", "what"], name="ledger_ingresscount_once")]


class FactRow(models.Model):
    """Something that happened. `position` is given after the commit, by one sequencer, without gaps.

    Kept by the month of `occurred_at` (partitions.py).
    """

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField(null=True)
    kind = models.TextField()
    subject = models.TextField()
    customer_id = models.BigIntegerField(null=True)
    data = models.JSONField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_fact"
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="ledger_fact_unplaced"),
            models.Index(fields=["position"], name="ledger_fact_position"),
            models.Index(fields=["corp", "customer_id", "occurred_at"], name="ledger_fact_customer"),
            models.Index(fields=["corp", "kind", "occurred_at"], name="ledger_fact_kind"),
        ]


class Cursor(models.Model):
    """How far a subscriber has read; `error` says why all of it waits, `replay_id` which replay it is in."""

    name = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=0)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(default="")
    replay_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_cursor"


class Sequence(models.Model):
    """The last position given; one row, locked by the sequencer."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_sequence"


class Parked(models.Model):
    """A fact that a subscriber failed on, or a callback that its room failed on (`subscriber` is empty, `inbox_id` set).

    While a fact is open, later facts of its subject are held behind it for this subscriber, and follow in their order.
    """

    class State(models.IntegerChoices):
        RETRYING = 0  # due again at next_try_at
        HELD = 1  # did not fail: waits behind an earlier one of its subject
        PARKED = 2  # waits for a person
        DROPPED = 3  # a person decided, and said why

    corp_id = models.BigIntegerField()
    subscriber = models.TextField(default="")
    fact_id = models.BigIntegerField(null=True)
    inbox_id = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    kind = models.TextField()
    subject = models.TextField()
    state = models.SmallIntegerField(choices=State.choices)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(default="")
    trace = models.TextField(default="")
    noted_at = models.DateTimeField()
    parked_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "ledger_parked"
        constraints = [
            models.UniqueConstraint(fields=["corp_id", "subscriber", "fact_id"], name="ledger_parked_fact_once"),
            models.UniqueConstraint(fields=["corp_id", "inbox_id"], name="ledger_parked_inbox_once"),
        ]
        indexes = [
            models.Index(fields=["subscriber", "corp_id", "subject", "position"], condition=Q(state__in=(0, 1, 2)),
                         name="ledger_parked_open"),
            models.Index(fields=["corp_id", "parked_at"], condition=Q(state=2), name="ledger_parked_waiting"),
            models.Index(fields=["subscriber", "position"], name="ledger_parked_position"),
        ]  # fmt: skip


class Handled(models.Model):
    """That a subscriber whose effects leave the house has handled a fact: it never hears it again."""

    subscriber = models.TextField()
    fact_id = models.BigIntegerField()

    class Meta:
        db_table = "ledger_handled"
        constraints = [models.UniqueConstraint(fields=["subscriber", "fact_id"], name="ledger_handled_once")]


class ReplayRun(models.Model):
    """A replay of one subscriber over positions (from, to]; a dry one says what would change and changes nothing."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    subscriber = models.TextField()
    dry = models.BooleanField()
    from_position = models.BigIntegerField()
    to_position = models.BigIntegerField()
    position = models.BigIntegerField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    facts = models.BigIntegerField(default=0)
    changes = models.JSONField(default=dict)
    failing = models.JSONField(default=list)
    failing_count = models.BigIntegerField(default=0)
    exact = models.BooleanField(default=True)
    error = models.TextField(default="")
    asked_by = models.TextField(default="")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_replay"
        constraints = [
            models.UniqueConstraint(fields=["subscriber"], condition=Q(state="open"), name="ledger_replay_one_open")
        ]
