"""Questions of the pages; corp first, always."""

from django.db.models import QuerySet

from linli.privacy.models import Erasure, ErasureStep, PersonExport, RetentionRule, Reveal, SweepRun


def exports(corp_id: int) -> QuerySet[PersonExport]:
    """Exports without their files, newest first."""
    return PersonExport.objects.filter(corp_id=corp_id).defer("sealed").order_by("-asked_at", "-id")


def erasures(corp_id: int) -> QuerySet[Erasure]:
    """Erasures, newest first."""
    return Erasure.objects.filter(corp_id=corp_id).defer("subject_sealed").order_by("-asked_at", "-id")


def steps(corp_id: int, erasure_id: int) -> QuerySet[ErasureStep]:
    """What was done, in order."""
    return ErasureStep.objects.filter(corp_id=corp_id, erasure_id=erasure_id).order_by("position")


def reveals(corp_id: int) -> QuerySet[Reveal]:
    """Who looked, newest first."""
    return Reveal.objects.filter(corp_id=corp_id).order_by("-at", "-id")


def rules(corp_id: int) -> QuerySet[RetentionRule]:
    """Changes of the settings, newest first."""
    return RetentionRule.objects.filter(corp_id=corp_id).order_by("-at", "-id")


def last_sweep(corp_id: int) -> SweepRun | None:
    """The latest night."""
    return SweepRun.objects.filter(corp_id=corp_id).order_by("-on").first()
