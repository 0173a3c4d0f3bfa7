"""Fetches the files of messages, piece by piece.

Each piece is kept together with the index buffer of the next one, so that a killed fetch goes on there.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from linli.archive.line import NONE, back_of, keep_trouble, row_of
from linli.archive.models import Media, MediaPiece
from linli.archive.vault import Vault
from linli.kit.clock import now
from linli.kit.killpoints import passing
from linli.wecom.archive import WINDOW, ArchiveBack, MediaChunk, media_chunks
from linli.wecom.archive_errors import ContentExpired, SdkError
from linli.wecom.errors import WecomError

_MOST_TRIES = 5
_GONE_AT_WECOM = 301048
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
States = Media.State


def fetch(*, corp_id: int) -> int:
    """Fetch every file that is due; returns how many are whole now. A file in trouble holds up no other."""
    row, whole = row_of(corp_id), 0
    expire(corp_id=corp_id)
    if row.back == NONE or not due(corp_id=corp_id).exists():
        return 0
    back = back_of(row)
    try:
        vault = Vault(corp_id)
        for media_id in list(due(corp_id=corp_id).order_by("sent_at", "id").values_list("id", flat=True)):
            whole += _one(corp_id, media_id, back, vault)
    except WecomError as error:
        keep_trouble(corp_id, error)
    finally:
        back.close()
    return whole


def due(*, corp_id: int) -> QuerySet[Media]:
    """Files that wait and whose next try has come."""
    rows = Media.objects.filter(corp_id=corp_id, state=States.WAITING)
    return rows.filter(Q(next_try_at=None) | Q(next_try_at__lte=now()))


def expire(*, corp_id: int) -> int:
    """Give up what is older than five days and was not fetched; its pieces go."""
    rows = Media.objects.filter(corp_id=corp_id, state=States.WAITING, sent_at__lt=now() - WINDOW)
    ids = list(rows.values_list("id", "sent_at"))
    for media_id, sent_at in ids:
        _end(media_id, sent_at, States.EXPIRED, 10010)
    return len(ids)


def content(*, corp_id: int, media_id: int, sent_at: datetime, vault: Vault | None = None) -> Iterable[bytes]:
    """The pieces of a file in the clear, in order."""
    vault = vault or Vault(corp_id)
    rows = MediaPiece.objects.filter(corp_id=corp_id, media_id=media_id, sent_at=sent_at).order_by("number")
    for number, sealed in rows.values_list("number", "content_sealed").iterator(chunk_size=4):
        yield vault.open_piece(media_id, number, bytes(sealed))


def _one(corp_id: int, media_id: int, back: ArchiveBack, vault: Vault) -> bool:
    media = Media.objects.filter(corp_id=corp_id, id=media_id).first()
    if media is None:  # erased meanwhile
        return False
    try:
        for chunk in media_chunks(back, media.sdkfileid, media.index_buffer):
            ended = _keep(media, chunk, vault)
            passing("archive.piece_kept")
            if ended:
                break
    except WecomError as error:
        _trouble(media, error)
    return Media.objects.filter(id=media_id, sent_at=media.sent_at, state=States.DONE).exists()


@transaction.atomic
def _keep(media: Media, chunk: MediaChunk, vault: Vault) -> bool:
    """A piece and the place of the next, or the end, together; True when there is nothing more to fetch."""
    if not Media.objects.select_for_update().filter(id=media.pk, sent_at=media.sent_at).exists():
        return True  # erased meanwhile: nothing of it may stay
    media.fetched += len(chunk.data)
    if media.fetched > settings.LINLI.archive_file_limit:
        _end(media.pk, media.sent_at, States.TOO_LARGE, 0)
        return True
    MediaPiece.objects.create(
        corp_id=media.corp_id, media_id=media.pk, number=media.pieces, sent_at=media.sent_at,
        content_sealed=vault.seal_piece(media.pk, media.pieces, chunk.data),
    )  # fmt: skip
    media.pieces += 1
    media.index_buffer = chunk.index
    media.save(update_fields=["fetched", "pieces", "index_buffer"])
    if chunk.finished:
        _finish(media, vault)
    return chunk.finished


def _finish(media: Media, vault: Vault) -> None:
    """Is it what the message said? If not, it is fetched once more from the beginning."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in content(corp_id=media.corp_id, media_id=media.pk, sent_at=media.sent_at, vault=vault):
        digest.update(piece)
    if not media.md5sum or media.md5sum == digest.hexdigest():
        Media.objects.filter(id=media.pk, sent_at=media.sent_at).update(
            state=States.DONE, error_code=0, next_try_at=None
        )
        return
    MediaPiece.objects.filter(media_id=media.pk, sent_at=media.sent_at).delete()
    media.index_buffer, media.pieces, media.fetched = "", 0, 0
    _again(media, 301019)


def _trouble(media: Media, error: WecomError) -> None:
    """A trouble of this file stays with it; one of the whole line ends the reading, and this file is the last to be tried next."""
    if isinstance(error, ContentExpired) or error.code == _GONE_AT_WECOM:
        _end(media.pk, media.sent_at, States.EXPIRED, error.code)
    elif isinstance(error, SdkError) and not error.passing:
        _end(media.pk, media.sent_at, States.FAILED, error.code)
    else:
        _again(media, error.code, give_up=False)
        raise error


def _again(media: Media, code: int, *, give_up: bool = True) -> None:
    """A later try; a way that is disturbed is no reason to give a file up before its five days are over."""
    media.tries += 1
    wait = min(_FIRST_WAIT * 2 ** min(media.tries - 1, 10), _LONGEST_WAIT)
    media.error_code, media.next_try_at = code, now() + wait
    media.save(update_fields=["index_buffer", "pieces", "fetched", "tries", "error_code", "next_try_at"])
    if give_up and media.tries >= _MOST_TRIES:
        _end(media.pk, media.sent_at, States.FAILED, code)


@transaction.atomic
def _end(media_id: int, sent_at: datetime, state: Media.State, code: int) -> None:
    MediaPiece.objects.filter(media_id=media_id, sent_at=sent_at).delete()
    Media.objects.filter(id=media_id, sent_at=sent_at).update(
        state=state, error_code=code, pieces=0, index_buffer="", next_try_at=None
    )
