"""Writes a page of messages: rows, who was there, files to be fetched, counts, how far it was read; all or nothing."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from linli.archive.models import Audience, AudienceMember, Media, Message, Unopened
from linli.archive.vault import Vault
from linli.customers import api as customers
from linli.kit.clock import now
from linli.kit.personal import pseudonym
from linli.wecom.archive import EncryptedMessage
from linli.wecom.archive_messages import ArchivedMessage, build_message, media_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNT = """
INSERT INTO archive_tally (corp_id, kind, known, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (corp_id, kind, known) DO UPDATE SET count = archive_tally.count + excluded.count
"""


@dataclass(frozen=True)
class Opened:
    """A message with the place it has among all."""

    seq: int
    message: ArchivedMessage

    @property
    def sent_at(self) -> datetime:
        """When it was said; one that does not tell, or tells nonsense, was said in 1970."""
        try:
            return _EPOCH + timedelta(milliseconds=self.message.sent_at_ms or 0)
        except OverflowError:
            return _EPOCH


@dataclass(frozen=True)
class Shut:
    """A row that did not open, and why."""

    row: EncryptedMessage
    why: Unopened.Why


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became of a page: new messages, and those of people who are held back and are not kept."""

    messages: int
    held_back: int


def keep_shut(corp_id: int, shut: Iterable[Shut]) -> None:
    """Keep rows as they came; the same again changes nothing."""
    Unopened.objects.bulk_create(
        [
            Unopened(
                corp_id=corp_id, msgid=_text(one.row.msgid), seq=one.row.seq, key_version=one.row.key_version,
                random_key=_text(one.row.random_key), message=_text(one.row.message), why=one.why, kept_at=now(),
            )
            for one in shut
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _text(text: str) -> str:
    return text.replace("\0", "")


def keep(corp_id: int, opened: Sequence[Opened], vault: Vault) -> Kept:
    """Write what is not there yet, in the caller's transaction, which holds the line's row."""
    people = {one for row in opened for one in row.message.people}
    held = customers.suppressed(corp_id=corp_id, kind="external_userid", values=people, hold=True)
    new = _new(corp_id, opened)
    wanted = [one for one in new if not _concerns(one.message, held)]
    audiences = _audiences(corp_id, wanted, {one: pseudonym(person) for one, person in held.items()})
    Message.objects.bulk_create([_row(corp_id, one, audiences, vault) for one in wanted])
    Media.objects.bulk_create([row for one in wanted for row in _files(corp_id, one)])
    counts = Counter((one.message.kind, one.message.known) for one in wanted)
    with connection.cursor() as cursor:
        # In one order, so that two writers never wait for each other crosswise.
        cursor.executemany(_COUNT, [(corp_id, kind, known, n) for (kind, known), n in sorted(counts.items())])
    return Kept(messages=len(wanted), held_back=len(new) - len(wanted))


@transaction.atomic
def forget(*, before: datetime) -> int:
    """After months have gone: what waited for its key since before this moment, and who was there where nothing is left."""
    gone = Unopened.objects.filter(kept_at__lt=before).delete()[0]
    left = Message.objects.filter(audience_id=OuterRef("id"))
    return gone + Audience.objects.filter(~Exists(left)).delete()[0]


def _new(corp_id: int, opened: Sequence[Opened]) -> list[Opened]:
    """Each msgid once, and none that is there."""
    first = {one.message.msgid: one for one in reversed(opened)}
    moments = {one.sent_at for one in first.values()}
    there = Message.objects.filter(corp_id=corp_id, msgid__in=list(first), sent_at__in=moments)
    known = set(there.values_list("msgid", flat=True))
    return sorted((one for msgid, one in first.items() if msgid not in known), key=lambda one: one.seq)


def _concerns(message: ArchivedMessage, held: Collection[str]) -> bool:
    """Is it of somebody who is held back, or said to them alone?"""
    return message.sender in held or (not message.room_id and any(one in held for one in message.people))


def _audiences(corp_id: int, opened: Iterable[Opened], pseudonyms: dict[str, str]) -> dict[bytes, int]:
    """The people of each message by digest → the id of their audience; those not there are made."""
    people = {_digest(one.message): one.message.people for one in opened if one.message.to is not None}
    rows = Audience.objects.filter(corp_id=corp_id, digest__in=list(people))
    found = {bytes(digest): pk for digest, pk in rows.values_list("digest", "id")}
    made = Audience.objects.bulk_create(
        [Audience(corp_id=corp_id, digest=digest) for digest in people if digest not in found]
    )
    AudienceMember.objects.bulk_create(
        [
            AudienceMember(corp_id=corp_id, audience_id=one.pk, member_id=pseudonyms.get(member, member))
            for one in made
            for member in people[bytes(one.digest)]
        ]
    )
    return found | {bytes(one.digest): one.pk for one in made}


def _digest(message: ArchivedMessage) -> bytes:
    return hashlib.sha256("\0".join(sorted(message.people)).encode()).digest()


def _row(corp_id: int, one: Opened, audiences: dict[bytes, int], vault: Vault) -> Message:
    message = one.message
    nobody = replace(message, sender="", to=None)
    return Message(
        corp_id=corp_id, msgid=message.msgid, seq=one.seq, sent_at=one.sent_at, kind=message.kind, known=message.known,
        action=message.action, sender=message.sender, room_id=message.room_id or "",
        audience_id=None if message.to is None else audiences[_digest(message)],
        content_sealed=vault.seal_message(message.msgid, build_message(nobody)),
    )  # fmt: skip


def _files(corp_id: int, one: Opened) -> Iterable[Media]:
    most = settings.LINLI.archive_file_limit
    for number, media in enumerate(media_of(one.message)):
        yield Media(
            corp_id=corp_id, msgid=one.message.msgid, number=number, sent_at=one.sent_at, kind=one.message.kind,
            sdkfileid=_text(media.sdkfileid), md5sum=_text(media.md5sum), size=media.size,
            state=Media.State.TOO_LARGE if media.size > most else Media.State.WAITING,
        )  # fmt: skip
