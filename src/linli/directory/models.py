"""Departments, shops and staff, as WeCom and the operator describe them."""

from django.db import models

from linli.connect.api import Told as _Told


class Department(models.Model):
    """A WeCom department; the root has `wecom_id` 1."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    wecom_id = models.BigIntegerField()
    name = models.TextField(default="")
    parent_wecom_id = models.BigIntegerField(default=0)
    order = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One row for each department of a corp."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "wecom_id"], name="directory_department_once"),
        ]


class ShopRule(models.Model):
    """Which department's children are shops; one rule a corp."""

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    parent_wecom_id = models.BigIntegerField()


class Shop(models.Model):
    """A shop (门店); usually one department, with the place a customer looks for."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    code = models.TextField()
    name = models.TextField()
    city = models.TextField(default="", blank=True)
    district = models.TextField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        """A code and a department belong to one shop."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "code"], name="directory_shop_code_once"),
            models.UniqueConstraint(
                fields=["corp", "department"],
                condition=models.Q(department__isnull=False),
                name="directory_shop_department_once",
            ),
        ]


class _Members(models.Manager["Staff"]):
    """Members by the ids they have; a former id is no member."""

    def get_queryset(self) -> models.QuerySet["Staff"]:
        return super().get_queryset().filter(now=None)


class Staff(models.Model):
    """A member of the corp; `status` keeps WeCom's numbers.

    A UserID may change: the id that was stays as a row whose `now` is the member (never another former id), so whatever
    still names it finds them. `id_since`: when the present id became theirs, by WeCom's word; None: nobody said so.
    `out_of_sight_at`: since then WeCom shows them nowhere and says no more than that (60111: not there, or outside the
    app's visible range). That is not a leaving: everything else stays as it was.
    """

    class Status(models.IntegerChoices):
        """WeCom's member status (wire.md B); UNKNOWN is ours: seen in an event, not yet read."""

        UNKNOWN = 0
        ACTIVE = 1
        DISABLED = 2
        NOT_ACTIVATED = 4
        LEFT = 5

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    userid = models.TextField()
    name = models.TextField(default="", blank=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    status = models.IntegerField(choices=Status.choices, default=Status.UNKNOWN)
    position = models.TextField(default="", blank=True)
    main_department_wecom_id = models.BigIntegerField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    out_of_sight_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True)  # when the row was made; null: before that was noted
    id_since = models.DateTimeField(null=True)
    now = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)

    objects = _Members()
    every_id = models.Manager["Staff"]()

    class Meta:
        """A userid is one person in a corp."""

        base_manager_name = "every_id"
        constraints = [
            models.UniqueConstraint(fields=["corp", "userid"], name="directory_staff_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "shop"], name="directory_staff_by_shop"),
        ]


class StaffDay(models.Model):
    """What WeCom counts of one member's dealings with customers on one day in China; it forgets after 180 days.

    `reply_percentage` (0 to 100) and `average_reply_minutes` are null where no customer began a chat.
    """

    Told = _Told

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    told = models.IntegerField(choices=Told.choices)
    chats = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    reply_percentage = models.FloatField(null=True)
    average_reply_minutes = models.IntegerField(null=True)
    negative_feedbacks = models.IntegerField(default=0)
    applications = models.IntegerField(default=0)
    new_customers = models.IntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        """A member has a day once; pages read by day."""

        constraints = [models.UniqueConstraint(fields=["corp", "staff", "day"], name="directory_staffday_once")]
        indexes = [models.Index(fields=["corp", "day"], name="directory_staffday_by_day")]
