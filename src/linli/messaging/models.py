"""Sends, who they were meant for, the tasks of the clerks, and the limits that hold."""

from django.db import models

from linli.kit.clock import now


class Send(models.Model):
    """One mass message: to whom, what, when, and how far it is."""

    class State(models.TextChoices):
        """From draft to done."""

        DRAFT = "draft"
        PLANNED = "planned"
        APPROVED = "approved"
        CREATING = "creating"
        TASKED = "tasked"
        DONE = "done"
        CANCELLED = "cancelled"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    chat_type = models.TextField(default="single")
    segment_id = models.BigIntegerField(null=True, blank=True)  # where the definition came from, if from a saved one
    definition = models.JSONField()
    content = models.JSONField(default=dict)
    holdout_percent = models.IntegerField(default=10)
    seed = models.TextField()
    author = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.IntegerField(default=1)
    send_at = models.DateTimeField(null=True, blank=True)  # null: as soon as it is approved
    moved_from = models.DateTimeField(null=True, blank=True)  # where quiet hours moved it from
    planned_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    tasked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    next_pull_at = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Work that is due is found by state."""

        indexes = [models.Index(fields=["corp", "state", "send_at"], name="messaging_send_by_state")]


class SendChange(models.Model):
    """A step of a send, with its time and author."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    send = models.ForeignKey(Send, on_delete=models.PROTECT, related_name="+")
    state = models.TextField()
    at = models.DateTimeField()
    author = models.TextField(default="", blank=True)
    note = models.TextField(default="", blank=True)

    class Meta:
        """Read in order, by send."""

        indexes = [models.Index(fields=["corp", "send", "at"], name="messaging_change_by_send")]


class StaffTask(models.Model):
    """One call of add_msg_template: one clerk, one text, at most 10,000 customers."""

    class State(models.TextChoices):
        """`intent` is committed before the call, the rest after it."""

        INTENT = "intent"
        CREATED = "created"
        UNKNOWN = "unknown"
        CONFIRMED = "confirmed"
        CANCELLED = "cancelled"
        FAILED = "failed"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    send = models.ForeignKey(Send, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    shop_id = models.BigIntegerField(null=True, blank=True)
    userid = models.TextField()
    intent_key = models.TextField()
    state = models.TextField(choices=State.choices, default=State.INTENT)
    text = models.TextField(default="", blank=True)
    attachments = models.JSONField(default=list)
    size = models.IntegerField()
    msgid = models.TextField(null=True, blank=True)
    fail_list = models.JSONField(default=list)
    error_code = models.IntegerField(null=True, blank=True)
    error_text = models.TextField(default="", blank=True)
    intent_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)  # set before the call: from here on, look up before calling
    lookups = models.IntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    tell_tries = models.IntegerField(default=0)  # cards that did not go out
    next_tell_at = models.DateTimeField(null=True, blank=True)  # null after a try: given up, told_error says why
    told_error = models.TextField(default="", blank=True)
    next_remind_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)  # every recipient has a final answer

    class Meta:
        """An intent is made once; WeCom's msgid belongs to one task."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "intent_key"], name="messaging_task_intent_once"),
            models.UniqueConstraint(fields=["corp", "msgid"], name="messaging_task_msgid_once"),
        ]
        indexes = [models.Index(fields=["corp", "send", "state"], name="messaging_task_by_send")]


class Recipient(models.Model):
    """What became of one customer in one send; nobody of the segment is without a row. Kept by the month of `planned_at`."""

    class State(models.TextChoices):
        """Where a recipient is."""

        PLANNED = "planned"
        EXCLUDED = "excluded"
        HOLDOUT = "holdout"
        TASKED = "tasked"
        CONFIRMED = "confirmed"
        SENT = "sent"
        OVER_LIMIT = "over_limit"
        NOT_FRIEND = "not_friend"
        CANCELLED = "cancelled"
        UNKNOWN = "unknown"
        FAILED = "failed"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    send = models.ForeignKey(Send, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    staff_id = models.BigIntegerField(null=True, blank=True)
    shop_id = models.BigIntegerField(null=True, blank=True)
    userid = models.TextField(default="", blank=True)
    external_userid = models.TextField(default="", blank=True)
    task = models.ForeignKey(StaffTask, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.TextField(choices=State.choices)
    reason = models.TextField(default="", blank=True)
    state_at = models.DateTimeField()
    tasked_at = models.DateTimeField(null=True, blank=True)  # what caps are counted by
    planned_at = models.DateTimeField(
        default=now
    )  # one moment for all rows of a send, never changed: the month it is kept in

    class Meta:
        """A customer is in a send once; caps are counted by customer and time."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "send", "customer", "planned_at"], name="messaging_recipient_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "send", "state"], name="messaging_recipient_by_state"),
            models.Index(fields=["corp", "task"], name="messaging_recipient_by_task"),
            models.Index(
                fields=["corp", "tasked_at"],
                condition=models.Q(tasked_at__isnull=False),
                name="messaging_recipient_tasked",
            ),
        ]


class Reminder(models.Model):
    """One nudge of one clerk, by the clock or by a person."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(StaffTask, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    author = models.TextField(default="", blank=True)
    outcome = models.TextField(default="intent")  # intent, done, refused, unknown

    class Meta:
        """At most three within 24 hours: counted by task and time."""

        indexes = [models.Index(fields=["corp", "task", "at"], name="messaging_reminder_by_task")]


class CapPolicy(models.Model):
    """How many mass messages a customer may get: WeCom's rule (platform) and the brand's own, each from a day on."""

    class Source(models.TextChoices):
        """Who set the limit."""

        PLATFORM = "platform"
        OWN = "own"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    source = models.TextField(choices=Source.choices)
    per = models.TextField(choices=[("month", "month"), ("week", "week"), ("day", "day")])
    limit_count = models.IntegerField(null=True, blank=True)  # null with month: as many as the month has days
    valid_from = models.DateField()
    author = models.TextField(default="", blank=True)

    class Meta:
        """One rule from each source begins on a day."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "source", "valid_from"], name="messaging_cap_once"),
        ]


class QuietHours(models.Model):
    """When no send may begin, in the corp's zone; `starts` may be later than `ends` (over midnight)."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    starts = models.TimeField()
    ends = models.TimeField()
    move = models.BooleanField(default=True)  # True: the send waits for the morning; False: everyone is left out
    valid_from = models.DateField()
    author = models.TextField(default="", blank=True)

    class Meta:
        """One rule begins on a day."""

        constraints = [models.UniqueConstraint(fields=["corp", "valid_from"], name="messaging_quiet_once")]


class Moment(models.Model):
    """A moment (客户朋友圈) as WeCom shows it: the corp's own, which clerks publish, or one that a member posted."""

    class Kind(models.IntegerChoices):
        """WeCom's create_type."""

        CORP = 0
        PERSONAL = 1

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    moment_id = models.TextField()
    kind = models.IntegerField(choices=Kind.choices)
    creator_userid = models.TextField(default="", blank=True)  # '' for what a program made
    public = models.BooleanField(default=True)  # False: for some of the customers
    text = models.TextField(default="", blank=True)
    parts = models.JSONField(
        default=dict
    )  # {images: n, video: bool, link: {title, url}, place: name}, each where there is
    created_at = models.DateTimeField()
    listed_at = models.DateTimeField()  # when a list showed it last
    read_at = models.DateTimeField(null=True)  # when its copies were read last; null: not yet
    gone_at = models.DateTimeField(null=True, blank=True)  # WeCom said of this very id that there is no such moment

    class Meta:
        """An id is one moment of a corp; what may still change is found by time."""

        constraints = [models.UniqueConstraint(fields=["corp", "moment_id"], name="messaging_moment_once")]
        indexes = [models.Index(fields=["corp", "-created_at"], name="messaging_moment_latest")]


class MomentCopy(models.Model):
    """One member's part of a moment. `chosen` may see it, `seen` really can; both stand still once it is published."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    moment = models.ForeignKey(Moment, on_delete=models.CASCADE, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    published_by = models.DateTimeField(
        null=True, blank=True
    )  # the reading that first showed it published; null: it is not
    audience_at = models.DateTimeField(null=True, blank=True)
    chosen = models.IntegerField(default=0)
    seen = models.IntegerField(default=0)
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)

    class Meta:
        """A member has a moment once."""

        constraints = [models.UniqueConstraint(fields=["corp", "moment", "staff"], name="messaging_momentcopy_once")]


class MomentViewer(models.Model):
    """A customer for whom a member published a moment; `sees` False: chosen, but WeCom does not show it to them."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    copy = models.ForeignKey(MomentCopy, on_delete=models.CASCADE, related_name="+")
    external_userid = models.TextField()
    customer_id = models.BigIntegerField(null=True, blank=True)
    sees = models.BooleanField()

    class Meta:
        """A customer is there once for each copy."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "copy", "external_userid"], name="messaging_momentviewer_once")
        ]
        indexes = [models.Index(fields=["corp", "external_userid"], name="messaging_momentviewer_who")]


class MomentReaction(models.Model):
    """A like or comment under a member's copy, by a customer or a colleague (`userid`); WeCom tells no words."""

    class Kind(models.TextChoices):
        """What was done."""

        LIKE = "like"
        COMMENT = "comment"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    copy = models.ForeignKey(MomentCopy, on_delete=models.CASCADE, related_name="+")
    kind = models.TextField(choices=Kind.choices)
    external_userid = models.TextField(default="", blank=True)
    userid = models.TextField(default="", blank=True)
    customer_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Who likes and comments in the same second did two things; the same read twice is one."""

        constraints = [
            models.UniqueConstraint(
                fields=["corp", "copy", "kind", "external_userid", "userid", "at"], name="messaging_momentreaction_once"
            )
        ]
        indexes = [models.Index(fields=["corp", "external_userid"], name="messaging_momentreaction_who")]
