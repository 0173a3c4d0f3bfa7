"""Customer groups, who is in them, the sheet behind them, and the codes that lead in."""

from django.db import models
from django.db.models import Q

from linli.connect.api import Told as _Told


class Community(models.Model):
    """The sheet of a community (S01): never opened before it is complete."""

    class Kind(models.TextChoices):
        """The field's kinds of groups (S05)."""

        SHOP = "shop"  # 门店福利群
        VIP = "vip"  # VIP群
        FANS = "fans"  # 铁粉群
        INTEREST = "interest"  # 兴趣群
        SEEDING = "seeding"  # 种草群
        COURSE = "course"  # 课程群
        FLASH = "flash"  # 快闪群: an event, it has an end

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices, default="", blank=True)
    is_event = models.BooleanField(default=False)
    purpose = models.TextField(default="", blank=True)
    positioning = models.TextField(default="", blank=True)
    target = models.TextField(default="", blank=True)
    value = models.TextField(default="", blank=True)
    rules = models.TextField(default="", blank=True)
    owner = models.TextField(default="", blank=True)
    ends_on = models.DateField(null=True, blank=True)
    winning = models.TextField(default="", blank=True)
    keeping = models.TextField(default="", blank=True)
    converting = models.TextField(default="", blank=True)
    why_enter = models.TextField(default="", blank=True)
    who_else = models.TextField(default="", blank=True)
    why_together = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "name"], name="groups_community_name_once")]


class JoinWay(models.Model):
    """A group code (加入群聊) of a shop or a community; WeCom opens the next group when its groups are full."""

    class Step(models.TextChoices):
        """Intent, call, outcome. There is no list of join ways to look one up in (wire.md C.6)."""

        WANTED = "wanted"
        CALLING = "calling"
        MADE = "made"
        REFUSED = "refused"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.TextField()
    room_base_name = models.TextField()
    room_base_id = models.IntegerField(default=2)
    config_id = models.TextField(null=True, blank=True)
    qr_code = models.TextField(default="", blank=True)
    step = models.TextField(choices=Step.choices, default=Step.WANTED)
    called_at = models.DateTimeField(null=True)  # real time, not business time: it decides who may call again
    calls = models.IntegerField(default=0)
    problem = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "state"], name="groups_joinway_state_once"),
            models.UniqueConstraint(fields=["corp", "config_id"], name="groups_joinway_config_once"),
            models.UniqueConstraint(
                fields=["corp", "shop"], condition=Q(community=None), name="groups_joinway_shop_once"
            ),
        ]


class JoinWayChat(models.Model):
    """A group that a join way leads to, as WeCom told it last."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    join_way = models.ForeignKey(JoinWay, on_delete=models.CASCADE, related_name="+")
    chat_id = models.TextField()
    position = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "join_way", "chat_id"], name="groups_joinwaychat_once")]


class GroupChat(models.Model):
    """A customer group; `member_version` is the link of WeCom's chain that our members stand at."""

    class Status(models.IntegerChoices):
        """WeCom's numbers (wire.md C.6)."""

        NORMAL = 0
        OWNER_RESIGNED = 1
        INHERITING = 2
        INHERITED = 3

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    chat_id = models.TextField()
    name = models.TextField(default="", blank=True)
    notice = models.TextField(default="", blank=True)
    owner_userid = models.TextField(default="", blank=True)
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    join_way = models.ForeignKey(JoinWay, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    status = models.IntegerField(choices=Status.choices, default=Status.NORMAL)
    member_version = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True)
    change_no = models.BigIntegerField(default=0)  # a reader applies only what it read after the last change
    touched_at = models.DateTimeField(null=True)  # real time of that change: WeCom's data lags about 2 s behind
    lagging = models.IntegerField(default=0)  # how often in a row the data lagged behind the event
    stale = models.BooleanField(default=False)  # given up for now: the next sync reads it again

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "chat_id"], name="groups_groupchat_once")]
        indexes = [
            models.Index(fields=["corp", "shop"], condition=Q(dismissed_at=None), name="groups_groupchat_by_shop"),
        ]


class Member(models.Model):
    """One stay of a person in a group; who comes back begins another."""

    class Kind(models.IntegerChoices):
        """WeCom's numbers."""

        STAFF = 1
        EXTERNAL = 2

    class Scene(models.IntegerChoices):
        """`join_scene` of groupchat/get; the event's JoinScene (0 invited, 3 QR) is another enumeration."""

        UNKNOWN = 0
        INVITED = 1
        LINK = 2
        QR = 3

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(GroupChat, on_delete=models.CASCADE, related_name="+")
    member_id = models.TextField()
    kind = models.IntegerField(choices=Kind.choices)
    customer_id = models.BigIntegerField(null=True, blank=True)
    name = models.TextField(default="", blank=True)
    joined_at = models.DateTimeField()
    join_scene = models.IntegerField(choices=Scene.choices, default=Scene.UNKNOWN)
    state = models.TextField(default="", blank=True)
    invited_by = models.TextField(default="", blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.TextField(default="", blank=True)  # self, removed, dismissed; '' while in, or when nobody told

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corp", "group", "member_id"], condition=Q(left_at=None), name="groups_member_live_once"
            ),
            models.UniqueConstraint(fields=["corp", "group", "member_id", "joined_at"], name="groups_member_stay_once"),
        ]
        indexes = [
            models.Index(fields=["corp", "customer_id"], condition=Q(left_at=None), name="groups_member_customer"),
            models.Index(fields=["corp", "member_id"], name="groups_member_by_id"),
            models.Index(fields=["corp", "group", "joined_at"], name="groups_member_joined"),
            models.Index(fields=["corp", "state"], name="groups_member_state"),
        ]


class OwnerDay(models.Model):
    """What WeCom counts of one owner's groups on one day in China; it forgets after 180 days.

    `groups` and `members` stand at the day's end; the rest happened on it.
    """

    Told = _Told

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    told = models.IntegerField(choices=Told.choices)
    new_groups = models.IntegerField(default=0)
    groups = models.IntegerField(default=0)
    groups_active = models.IntegerField(default=0)
    new_members = models.IntegerField(default=0)
    members = models.IntegerField(default=0)
    members_active = models.IntegerField(default=0)
    messages = models.IntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "staff", "day"], name="groups_ownerday_once")]
        indexes = [models.Index(fields=["corp", "day"], name="groups_ownerday_by_day")]
