"""People, their follows (a staff member × a customer), identities and tags."""

from django.db import models


class Counter(models.Model):
    """The last dense customer number given out in a corp."""

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    last_no = models.BigIntegerField(default=0)


class Customer(models.Model):
    """A person: from WeCom (external_userid), from the mall, or both."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    no = models.BigIntegerField()
    external_userid = models.TextField(null=True, blank=True)  # null: known from the mall only
    name = models.TextField(default="", blank=True)
    avatar = models.TextField(default="", blank=True)
    kind = models.IntegerField(default=0)
    gender = models.IntegerField(default=0)
    unionid = models.TextField(null=True, blank=True)  # null: no developer account bound
    created_at = models.DateTimeField()
    channel_state = models.TextField(default="", blank=True)
    home_shop_id = models.BigIntegerField(null=True, blank=True)
    first_added_at = models.DateTimeField(null=True, blank=True)
    consent = models.BooleanField(default=True)
    read_no = models.BigIntegerField(default=0)
    erased_at = models.DateTimeField(null=True, blank=True)  # from then on a number without a person

    class Meta:
        """A number and an external_userid belong to one customer of a corp."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "no"], name="customers_customer_no_once"),
            models.UniqueConstraint(fields=["corp", "external_userid"], name="customers_customer_external_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "first_added_at"], name="customers_customer_by_added"),
            models.Index(fields=["corp", "channel_state"], name="customers_customer_by_state"),
            models.Index(fields=["corp", "home_shop_id"], name="customers_customer_by_shop"),
        ]


class Follow(models.Model):
    """A staff member's relation with a customer, as its changes make it."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    state_text = models.TextField(default="", blank=True)
    add_way = models.IntegerField(default=0)
    remark = models.TextField(default="", blank=True)
    live = models.BooleanField(default=False)
    added_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_by = models.TextField(default="", blank=True)
    incomplete = models.TextField(default="", blank=True)
    read_no = models.BigIntegerField(default=0)

    class Meta:
        """One relation for each pair; live ones are found by staff and by customer."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "staff", "customer"], name="customers_follow_once"),
        ]
        indexes = [
            models.Index(
                fields=["corp", "customer"],
                condition=models.Q(live=True),
                name="customers_follow_live",
            ),
        ]


class FollowChange(models.Model):
    """One thing that happened to a follow; the follow's state is a function of these rows.

    Because the rows are a set, events that come twice or out of order end in the same state.
    """

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    follow = models.ForeignKey(Follow, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    at = models.DateTimeField()
    by = models.TextField(default="", blank=True)
    state_text = models.TextField(default="", blank=True)
    cause = models.TextField(default="event")

    class Meta:
        """The same thing at the same second by the same side is one change (WeCom's times have 1 s grain)."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "follow", "kind", "at", "by"], name="customers_followchange_once"),
        ]


class Identity(models.Model):
    """A name under which another system knows a customer."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    value = models.TextField()
    since = models.DateTimeField()

    class Meta:
        """An identity points at one customer."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "kind", "value"], name="customers_identity_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "customer"], name="customers_identity_by_cust"),
        ]


class IdentityConflict(models.Model):
    """Two customers who claim one identity; kept until a person decides."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    value = models.TextField()
    holder = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    claimant = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The same claim is one row."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "kind", "value", "claimant"], name="customers_conflict_once"),
        ]


class TagGroup(models.Model):
    """A group of corp tags."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    wecom_id = models.TextField(null=True, blank=True)  # null: not yet at WeCom
    name = models.TextField()
    order = models.BigIntegerField(default=0)

    class Meta:
        """A WeCom id is one group."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "wecom_id"], name="customers_taggroup_once"),
        ]


class Tag(models.Model):
    """A corp tag; `deleted_at` keeps the history readable."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(TagGroup, on_delete=models.PROTECT, related_name="+")
    wecom_id = models.TextField(null=True, blank=True)  # null: not yet at WeCom
    name = models.TextField()
    order = models.BigIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A WeCom id is one tag, and names do not repeat inside a group."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "wecom_id"], name="customers_tag_once"),
            models.UniqueConstraint(
                fields=["corp", "group", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="customers_tag_name_once",
            ),
        ]


class FollowTag(models.Model):
    """A tag on a relation: the only place where WeCom keeps tags."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    follow = models.ForeignKey(Follow, on_delete=models.PROTECT, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """A tag is on a relation once."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "follow", "tag"], name="customers_followtag_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "tag"], name="customers_followtag_by_tag"),
        ]


class CustomerTag(models.Model):
    """Linli's own tag on a customer, unknown to WeCom."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    source = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        """A tag is on a customer once."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "customer", "tag"], name="customers_customertag_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "tag"], name="customers_customertag_by_tag"),
        ]


class MarkIntent(models.Model):
    """A tag that a relation shall have (or lose) at WeCom: written before the call, settled after it.

    `mark_no` was drawn after the call, from the numbers of readings: a reading with a smaller one may not show the effect.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    follow = models.ForeignKey(Follow, on_delete=models.PROTECT, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    wanted = models.BooleanField(default=True)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    mark_no = models.BigIntegerField(null=True)
    why = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["corp", "follow"], condition=models.Q(state="waiting"), name="customers_intent_waiting"
            )
        ]


class TagIntent(models.Model):
    """A tag that shall exist at WeCom; looked up by name there before the call is repeated."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    group_name = models.TextField()
    name = models.TextField()
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    why = models.TextField(default="")


class ConsentChange(models.Model):
    """Who said when, and why, that somebody may (not) be written to; the customer's `consent` is the latest of these."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    consent = models.BooleanField()
    reason = models.TextField(default="", blank=True)
    author = models.TextField(default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        """Read by customer, newest first."""

        indexes = [models.Index(fields=["corp", "customer", "-at"], name="customers_consent_latest")]


class Suppression(models.Model):
    """An identifier that may not come in again by itself: kept as an HMAC, so that the list names nobody.

    `person` is the customer number row that the identifier was taken from; lifted ones stay as history.
    """

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    token = models.BinaryField()
    person = models.BigIntegerField()
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.TextField(default="", blank=True)

    class Meta:
        """An identifier is held back once at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["corp", "kind", "token"],
                condition=models.Q(lifted_at__isnull=True),
                name="customers_suppression_once",
            ),
        ]
        indexes = [models.Index(fields=["corp", "person"], name="customers_suppression_person")]
