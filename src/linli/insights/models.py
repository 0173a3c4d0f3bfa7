"""The one thing insights keeps: how far a story (a demo, a long first load) has come."""

from django.db import models


class StoryProgress(models.Model):
    """One chapter of a story that is being played; `corp` is null before the corp is there."""

    corp = models.ForeignKey("access.Corp", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    key = models.TextField()
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    note = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        """A chapter is one row, also while there is no corp."""

        constraints = [
            models.UniqueConstraint(fields=["corp", "key"], name="insights_story_once", nulls_distinct=False),
        ]
