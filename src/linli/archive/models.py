"""The line to a corp's message archive, its keys, and what was read: messages, who was there, files, and what is missing."""

from django.db import models

from linli.kit.clock import now


class ArchiveLine(models.Model):
    """Which back a corp's archive has, how far it was read (`seq`), and what is wrong with it.

    `caught_up_at` is the business moment at which there was nothing more to read; `asked_at` is real time. The archive's
    secret and the proxy's password are secrets of access.
    """

    class Back(models.TextChoices):
        NONE = "none"
        NATIVE = "native"
        SANDBOX = "sandbox"

    corp = models.OneToOneField("access.Corp", on_delete=models.PROTECT, related_name="+")
    back = models.TextField(choices=Back.choices, default=Back.NONE)
    proxy = models.TextField(default="", blank=True)
    timeout_s = models.IntegerField(default=10)
    changed_at = models.DateTimeField()
    changed_by = models.TextField(default="", blank=True)
    seq = models.BigIntegerField(default=0)
    newest_at = models.DateTimeField(null=True)
    pulled_at = models.DateTimeField(null=True)
    caught_up_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    held_back = models.BigIntegerField(default=0)
    trouble_code = models.IntegerField(default=0)
    trouble_zh = models.TextField(default="", blank=True)
    trouble_en = models.TextField(default="", blank=True)


class ArchiveKey(models.Model):
    """The private key of one version of the public key, sealed; messages name the version they need."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    private_sealed = models.BinaryField()
    public_pem = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "version"], name="archive_key_once")]


class Audience(models.Model):
    """Everybody in a chat at one time, sender and receivers; messages of the same people share it."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "digest"], name="archive_audience_once")]


class AudienceMember(models.Model):
    """One of them, by WeCom's id: a staff member's, a customer's, or a robot's."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="+")
    member_id = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["corp", "member_id"], name="archive_audience_member")]


class Message(models.Model):
    """One archived message, kept by the month of `sent_at` (partitions.py).

    `content_sealed` is what WeCom sent without sender and receivers (those are `sender` and the audience), so that a person
    can be taken out of who was there. `known` is False where the kind was not understood; it is there whole all the same.
    """

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    msgid = models.TextField()
    seq = models.BigIntegerField()
    sent_at = models.DateTimeField()
    kept_at = models.DateTimeField(default=now)
    kind = models.TextField()
    known = models.BooleanField()
    action = models.TextField(default="", blank=True)
    sender = models.TextField(default="", blank=True)
    room_id = models.TextField(default="", blank=True)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", null=True)
    content_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "msgid", "sent_at"], name="archive_message_once")]
        indexes = [
            models.Index(fields=["corp", "sender", "sent_at"], name="archive_message_sender"),
            models.Index(fields=["corp", "room_id", "sent_at"], name="archive_message_room"),
        ]


class Media(models.Model):
    """A file of a message: how far it was fetched. `index_buffer` is where the next piece begins, in WeCom's own words.

    Kept by the month of its message.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        EXPIRED = "expired"
        TOO_LARGE = "too_large"
        FAILED = "failed"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    msgid = models.TextField()
    number = models.IntegerField()
    sent_at = models.DateTimeField()
    kind = models.TextField()
    sdkfileid = models.TextField()
    md5sum = models.TextField(default="", blank=True)
    size = models.BigIntegerField(default=0)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    index_buffer = models.TextField(default="", blank=True)
    pieces = models.IntegerField(default=0)
    fetched = models.BigIntegerField(default=0)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error_code = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corp", "msgid", "number", "sent_at"], name="archive_media_once")
        ]
        indexes = [
            models.Index(fields=["corp", "sent_at"], condition=models.Q(state="waiting"), name="archive_media_waiting")
        ]


class MediaPiece(models.Model):
    """A piece of a file, sealed; kept by the month of its message."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    media_id = models.BigIntegerField()
    number = models.IntegerField()
    sent_at = models.DateTimeField()
    content_sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["media_id", "number", "sent_at"], name="archive_piece_once")]


class Unopened(models.Model):
    """A message that could not be opened yet, as WeCom encrypted it: its private key is missing, or its bytes are broken."""

    class Why(models.TextChoices):
        KEY = "key"
        BROKEN = "broken"

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    msgid = models.TextField()
    seq = models.BigIntegerField()
    key_version = models.IntegerField()
    random_key = models.TextField()
    message = models.TextField()
    why = models.TextField(choices=Why.choices)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "msgid"], name="archive_unopened_once")]


class Tally(models.Model):
    """How many messages of a kind came; what was erased or grew old since stays counted."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    known = models.BooleanField()
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corp", "kind", "known"], name="archive_tally_once")]


class Gap(models.Model):
    """A time of which messages cannot be fetched any more, if there were any: nobody read for longer than five days."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    after_seq = models.BigIntegerField()
    noted_at = models.DateTimeField()
