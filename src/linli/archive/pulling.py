"""Reads the archive on from where it was read to, a page at a time.

A page is fetched and opened outside of any transaction, then written whole together with the new seq. A process that dies
before that has written nothing and asks for the same page again; one that dies after it goes on behind it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from linli.archive import facts, keeping
from linli.archive.keeping import Opened, Shut
from linli.archive.keys import keyring
from linli.archive.line import NONE, back_of, keep_trouble, row_of
from linli.archive.models import ArchiveLine, Gap, Unopened
from linli.archive.vault import Vault
from linli.kit.clock import now
from linli.kit.killpoints import passing
from linli.ledger import api as ledger
from linli.wecom.archive import PAGE, WINDOW, ArchiveBack, EncryptedMessage, Keyring, open_message
from linli.wecom.archive_errors import ContentExpired, KeyMissing, LibraryBroken, NotDecrypted
from linli.wecom.archive_messages import ArchivedMessage
from linli.wecom.errors import BadAnswer, WecomError

_DEATHS = 3  # so many messages of a page may end the library; more, and it is the library


@dataclass
class Pulled:
    """What a reading came to; `whole` is True when it reached the end."""

    pages: int = 0
    messages: int = 0
    held_back: int = 0
    unopened: int = 0
    whole: bool = False


def pull(*, corp_id: int) -> Pulled:
    """Read until there is nothing more. What goes wrong is kept with the line, and the next reading goes on from there."""
    done, row = Pulled(), row_of(corp_id)
    if row.back == NONE:
        return done
    back = back_of(row)
    try:
        keys, vault = keyring(corp_id), Vault(corp_id)
        while not done.whole:
            _page(corp_id, back, keys, vault, done)
    except WecomError as error:
        keep_trouble(corp_id, error)
    finally:
        back.close()
    return done


def open_kept(*, corp_id: int) -> int:
    """Open what could not be opened before and can be now (its key came); returns how many."""
    row, opened, reached = row_of(corp_id), 0, 0
    waiting = Unopened.objects.filter(corp_id=corp_id).order_by("id")
    if row.back == NONE or not waiting.exists():
        return 0
    back = back_of(row)
    try:
        keys, vault = keyring(corp_id), Vault(corp_id)
        while some := list(waiting.filter(id__gt=reached)[:PAGE]):
            reached = some[-1].pk
            found, _shut = open_rows(back, keys, [_encrypted(one) for one in some])
            with transaction.atomic():
                ArchiveLine.objects.select_for_update().get(corp_id=corp_id)
                keeping.keep(corp_id, found, vault)
                seqs = [one.seq for one in found]
                opened += waiting.filter(id__in=[one.pk for one in some], seq__in=seqs).delete()[0]
    except WecomError as error:
        keep_trouble(corp_id, error)
    finally:
        back.close()
    return opened


def open_rows(back: ArchiveBack, keys: Keyring, rows: Iterable[EncryptedMessage]) -> tuple[list[Opened], list[Shut]]:
    """Open each row; one that does not open holds up no other. What the back itself suffers is raised."""
    opened, shut, deaths = [], [], 0
    for row in rows:
        try:
            opened.append(Opened(row.seq, _storable(_open(back, keys, row))))
        except KeyMissing:
            shut.append(Shut(row, Unopened.Why.KEY))
        except (NotDecrypted, BadAnswer):
            shut.append(Shut(row, Unopened.Why.BROKEN))
        except LibraryBroken as error:
            deaths += 1
            if not error.passing or deaths > _DEATHS:
                raise
            shut.append(Shut(row, Unopened.Why.BROKEN))
    return opened, shut


def _open(back: ArchiveBack, keys: Keyring, row: EncryptedMessage) -> ArchivedMessage:
    try:
        return open_message(back, keys, row)
    except LibraryBroken as error:
        if not error.passing:
            raise
    # Once more in a new process: a message that ends it again is broken, and may not hold up all that come after it.
    return open_message(back, keys, row)


def _storable(message: ArchivedMessage) -> ArchivedMessage:
    """PostgreSQL keeps no NUL in a text: such a name would stop the reading for good."""
    if any(
        "\0" in text for text in (message.msgid, message.kind, message.action, message.room_id or "", *message.people)
    ):
        raise BadAnswer("DecryptData", "a name with a NUL")
    return message


def _page(corp_id: int, back: ArchiveBack, keys: Keyring, vault: Vault, done: Pulled) -> None:
    row, asked_at = row_of(corp_id), now()
    try:
        rows = back.chat_data(row.seq, PAGE)
    except ContentExpired:
        if not row.seq:
            raise
        _begin_anew(row, asked_at)
        return
    if rows and max(one.seq for one in rows) <= row.seq:
        raise BadAnswer("GetChatData", "seq does not move on")
    opened, shut = open_rows(back, keys, rows)
    passing("archive.fetched")
    with transaction.atomic():
        line = ArchiveLine.objects.select_for_update().get(corp_id=corp_id)
        if line.seq == row.seq:  # else somebody else read on meanwhile: their page counts
            _write(line, asked_at, opened, shut, vault, done)
    passing("archive.kept")
    done.whole = not rows


def _write(
    line: ArchiveLine, asked_at: datetime, opened: list[Opened], shut: list[Shut], vault: Vault, done: Pulled
) -> None:
    _note_gap(line, asked_at)
    kept = keeping.keep(line.corp_id, opened, vault)
    keeping.keep_shut(line.corp_id, shut)
    seqs = [one.seq for one in opened] + [one.row.seq for one in shut]
    line.seq = max([line.seq, *seqs])
    moments = [one.sent_at for one in opened]
    line.newest_at = max([*moments, *([line.newest_at] if line.newest_at else [])], default=None)
    line.pulled_at = asked_at
    line.caught_up_at = line.caught_up_at if seqs else asked_at
    line.held_back += kept.held_back
    line.trouble_code, line.trouble_zh, line.trouble_en = 0, "", ""
    line.save()
    done.pages += 1
    done.messages += kept.messages
    done.held_back += kept.held_back
    done.unopened += len(shut)


@transaction.atomic
def _begin_anew(row: ArchiveLine, asked_at: datetime) -> None:
    """WeCom refuses a seq whose messages are too old: the first one within five days is behind 0."""
    line = ArchiveLine.objects.select_for_update().get(corp_id=row.corp_id)
    if line.seq == row.seq:
        _note_gap(line, asked_at)
        line.seq = 0
        line.save()


def _note_gap(line: ArchiveLine, asked_at: datetime) -> None:
    """Nobody read for longer than WeCom keeps: what was said before that is gone, if there was anything."""
    since, until = line.caught_up_at or line.pulled_at, asked_at - WINDOW
    if since is None or since >= until:
        return
    last = Gap.objects.filter(corp_id=line.corp_id).order_by("-until").first()
    if last is not None and last.until >= since:
        last.until, last.noted_at = until, asked_at
        last.save(update_fields=["until", "noted_at"])
    else:
        Gap.objects.create(corp_id=line.corp_id, since=since, until=until, after_seq=line.seq, noted_at=asked_at)
    ledger.publish(
        corp_id=line.corp_id, kind=facts.GAP_FOUND, subject="archive",
        data={"since": since.isoformat(), "until": until.isoformat(), "after_seq": line.seq},
    )  # fmt: skip
    line.caught_up_at = until


def _encrypted(row: Unopened) -> EncryptedMessage:
    return EncryptedMessage(
        seq=row.seq, msgid=row.msgid, key_version=row.key_version, random_key=row.random_key, message=row.message
    )
