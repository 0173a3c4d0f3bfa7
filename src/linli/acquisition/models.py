"""Live codes, welcomes, landing pages and the visits to them."""

from django.db import models
from django.db.models import Q


class AcquisitionRule(models.Model):
    """A corp's own settings for winning customers; `staff_cap` is how many customers a clerk may have."""

    class Places(models.TextChoices):
        """In which coordinates the shops' places are kept; Chinese maps never give plain WGS-84."""

        WGS84 = "wgs84"
        GCJ02 = "gcj02"
        BD09 = "bd09"

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    staff_cap = models.IntegerField(default=5000)  # WeCom's first limit, expandable to 20,000 (wire.md I.1)
    shop_places = models.TextField(choices=Places.choices, default=Places.BD09)


class Welcome(models.Model):
    """What a new friend is told within 20 seconds; {customer}, {shop} and {staff} are filled in."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    text = models.TextField()
    attachments = models.JSONField(default=list, blank=True)
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    from_time = models.TimeField(null=True, blank=True)  # in the corp's zone; with until_time, a part of each day
    until_time = models.TimeField(null=True, blank=True)
    with_group = models.BooleanField(default=True)  # adds the link to the shop's group page
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corp", "name"], condition=Q(retired_at=None), name="acquisition_welcome_name_once"
            )
        ]


class LiveCode(models.Model):
    """A contact way with a state of its own: every customer keeps the channel of the code they came by."""

    class Kind(models.TextChoices):
        SHOP = "shop"
        CHANNEL = "channel"

    class Step(models.TextChoices):
        """Intent, call, outcome."""

        WANTED = "wanted"
        CALLING = "calling"
        MADE = "made"
        REFUSED = "refused"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=Kind.choices)
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.TextField()
    channel = models.TextField()
    state = models.TextField()
    key = models.TextField(unique=True)  # in the addresses that customers open, so it holds no corp
    reason_to_add = models.TextField(default="", blank=True)
    welcome = models.ForeignKey(Welcome, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cost_fen = models.BigIntegerField(null=True, blank=True)
    config_id = models.TextField(null=True, blank=True)
    qr_code = models.TextField(default="", blank=True)
    step = models.TextField(choices=Step.choices, default=Step.WANTED)
    called_at = models.DateTimeField(null=True)  # real time, not business time: it decides who may call again
    problem = models.TextField(default="", blank=True)
    staff_pending = models.BooleanField(default=False)  # clerks changed here, WeCom not told yet
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "state"], name="acquisition_livecode_state_once"),
            models.UniqueConstraint(fields=["corp", "config_id"], name="acquisition_livecode_config_once"),
            models.UniqueConstraint(
                fields=["corp", "shop"], condition=Q(kind="shop"), name="acquisition_livecode_shop_once"
            ),
        ]


class LiveCodeStaff(models.Model):
    """A clerk whom a code leads to."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, related_name="+")
    staff = models.ForeignKey("directory.Staff", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "code", "staff"], name="acquisition_livecodestaff_once")]


class LiveCodeTag(models.Model):
    """A tag that comes with a code, by its names at WeCom."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, related_name="+")
    group_name = models.TextField()
    name = models.TextField()
    tag_id = models.BigIntegerField(null=True)  # of customers; null until the tag is known to be at WeCom

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "code", "group_name", "name"], name="acquisition_livecodetag_once")
        ]


class LiveCodeChange(models.Model):
    """What happened to a code, when and by whom: re-pointed, paused, resumed, closed."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.TextField(default="", blank=True)
    what = models.TextField()
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["corp", "code", "-at"], name="acquisition_change_latest")]


class Landing(models.Model):
    """A page on the open web that asks for the place and leads to the nearest shop's code."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    key = models.TextField(unique=True)  # in the address, so it holds no corp
    name = models.TextField()
    headline = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "name"], name="acquisition_landing_name_once")]


class Visit(models.Model):
    """One look at a landing page: no name, no cookie, no exact place. `simulated` visits are the demo's."""

    class Outcome(models.TextChoices):
        LOOKED = "looked"  # opened the page, was asked for the place
        NEAREST = "nearest"  # gave the place, was shown a shop
        CHOSEN = "chosen"  # chose city and shop by hand
        NONE_OPEN = "none_open"  # no shop could take them

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    landing = models.ForeignKey(Landing, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    code = models.ForeignKey(LiveCode, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    shop = models.ForeignKey("directory.Shop", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()
    place_known = models.BooleanField(default=False)
    city = models.TextField(default="", blank=True)
    distance_m = models.IntegerField(null=True, blank=True)
    passed_over = models.IntegerField(default=0)  # nearer shops that were closed or full
    outcome = models.TextField(choices=Outcome.choices)
    simulated = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["corp", "shop", "at"], name="acquisition_visit_by_shop"),
            models.Index(fields=["corp", "at"], name="acquisition_visit_by_time"),
        ]


class OtherCode(models.Model):
    """A contact way that another program made: Linli shows it and changes nothing of it."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    config_id = models.TextField()
    state = models.TextField(default="", blank=True)
    remark = models.TextField(default="", blank=True)
    userids = models.JSONField(default=list, blank=True)
    departments = models.JSONField(default=list, blank=True)
    seen_at = models.DateTimeField()  # listed last
    read_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)  # WeCom said of this very id that there is no such code

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "config_id"], name="acquisition_othercode_once")]


class OtherLink(models.Model):
    """An acquisition link (获客链接) of the app, with how many came by it and wrote."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    link_id = models.TextField()
    name = models.TextField(default="", blank=True)
    url = models.TextField(default="", blank=True)
    userids = models.JSONField(default=list, blank=True)
    departments = models.JSONField(default=list, blank=True)
    skip_verify = models.BooleanField(default=True)
    customers = models.IntegerField(default=0)
    wrote = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)  # WeCom does not list it among those that work
    gone_at = models.DateTimeField(null=True, blank=True)  # and refused it when asked for it by its id

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "link_id"], name="acquisition_otherlink_once")]
