"""The only writer of insights."""

from django.db import transaction

from linli.insights.models import StoryProgress
from linli.kit.clock import wall


def note_story(*, corp_id: int | None, key: str, done: int, total: int, note: str) -> None:
    """Write how far a chapter is."""
    with transaction.atomic():
        StoryProgress.objects.bulk_create(
            [StoryProgress(corp_id=corp_id, key=key, done=done, total=total, note=note, updated_at=wall())],
            update_conflicts=True,
            unique_fields=["corp", "key"],
            update_fields=["done", "total", "note", "updated_at"],
        )
