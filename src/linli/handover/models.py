"""Hand-overs: who gives to whom, the calls that were made, and what became of each customer and group."""

from django.db import models
from django.db.models import Q


class Rule(models.Model):
    """What happens when a clerk leaves, and what WeCom's limits are taken to be; one row a corp, none is the default."""

    class Mode(models.TextChoices):
        OFF = "off"
        PROPOSE = "propose"
        CARRY_OUT = "carry_out"

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    mode = models.TextField(choices=Mode.choices, default=Mode.PROPOSE)
    split = models.TextField(default="known")
    groups_to = models.TextField(default="keeper")
    customer_cap = models.IntegerField(default=5000)
    author = models.TextField(default="", blank=True)
    changed_at = models.DateTimeField()


class Handover(models.Model):
    """One clerk's customers and groups go to others. A proposed one keeps the wish only: its plan is made afresh."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        DISMISSED = "dismissed"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    giver = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True)
    resigned = models.BooleanField()
    by_rule = models.BooleanField(default=False)
    wish = models.JSONField()
    message = models.TextField(default="", blank=True)
    state = models.TextField(choices=State.choices)
    author = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stopped_by = models.TextField(default="", blank=True)
    due_at = models.DateTimeField(null=True)  # when there is something to call, to look up or to read

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corp", "giver"], condition=Q(state="proposed"), name="handover_proposed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["corp", "-created_at"], name="handover_latest"),
            models.Index(fields=["corp", "due_at"], condition=Q(due_at__isnull=False), name="handover_due"),
        ]


class Call(models.Model):
    """One call to WeCom for one taker: intent, call, outcome. What has no outcome is looked up before another call."""

    class State(models.TextChoices):
        INTENT = "intent"
        UNKNOWN = "unknown"
        BEGUN = "begun"
        FAILED = "failed"
        DROPPED = "dropped"

    class What(models.TextChoices):
        CUSTOMERS = "customers"
        GROUPS = "groups"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    what = models.TextField(choices=What.choices)
    size = models.IntegerField()
    state = models.TextField(choices=State.choices, default=State.INTENT)
    not_before = models.DateTimeField(null=True)  # groups above a day's limit wait for the next day
    called_at = models.DateTimeField(null=True)
    lookups = models.IntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    error_code = models.IntegerField(default=0)
    error_text = models.TextField(default="", blank=True)
    next_look_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["corp", "handover"], name="handover_call_by_handover"),
        ]


class MoveState(models.TextChoices):
    """How far one customer or group is."""

    LEFT_OUT = "left_out"
    PLANNED = "planned"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    FULL = "full"
    FAILED = "failed"
    NO_RESULT = "no_result"
    CANCELLED = "cancelled"


OPEN = (MoveState.PLANNED, MoveState.UNKNOWN, MoveState.WAITING)


class CustomerMove(models.Model):
    """One customer in a hand-over; `customer` is null while Linli does not know them. `began_at`: WeCom took it up."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+", null=True)
    giver = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+", null=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", null=True)
    external_userid = models.TextField()
    state = models.TextField(choices=MoveState.choices)
    reason = models.TextField(default="", blank=True)
    code = models.IntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    takeover_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField()
    remark_due = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "handover", "external_userid"], name="handover_move_once"),
            models.UniqueConstraint(
                fields=["corp", "giver", "external_userid"],
                condition=Q(state__in=["planned", "unknown", "waiting"]),
                name="handover_move_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["corp", "customer"], name="handover_move_by_customer"),
            models.Index(fields=["corp", "taker", "-state_at"], name="handover_move_by_taker"),
            models.Index(fields=["corp", "external_userid"], name="handover_move_by_external"),
            models.Index(fields=["corp"], condition=Q(remark_due=True), name="handover_move_remark"),
        ]


class GroupMove(models.Model):
    """One customer group in a hand-over."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+", null=True)
    giver = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+", null=True)
    group = models.ForeignKey("groups.GroupChat", on_delete=models.PROTECT, related_name="+")
    chat_id = models.TextField()
    state = models.TextField(choices=MoveState.choices)
    reason = models.TextField(default="", blank=True)
    code = models.IntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "handover", "group"], name="handover_group_once"),
            models.UniqueConstraint(
                fields=["corp", "group"],
                condition=Q(state__in=["planned", "unknown", "waiting"]),
                name="handover_group_open_once",
            ),
        ]


class Unassigned(models.Model):
    """A customer of a member who left, whom WeCom lists as nobody's; `gone_at`: the list shows them no more."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", null=True)
    external_userid = models.TextField()
    left_at = models.DateTimeField()
    listed_at = models.DateTimeField()
    pass_no = models.BigIntegerField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "staff", "external_userid"], name="handover_unassigned_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "staff"], condition=Q(gone_at=None), name="handover_unassigned_now"),
            models.Index(fields=["corp", "customer"], name="handover_unassigned_by_cust"),
        ]


class Reading(models.Model):
    """What the last readings showed: who may have customers (get_follow_user_list), and when the list was read whole."""

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    able = models.JSONField(default=list)
    able_at = models.DateTimeField(null=True)
    pass_no = models.BigIntegerField(default=0)
    whole_at = models.DateTimeField(null=True)
