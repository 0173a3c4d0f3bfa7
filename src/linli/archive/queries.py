"""What the administrator's page shows."""

from dataclasses import dataclass

from django.db.models import Count, Q

from linli.archive.models import Gap, Media, Tally, Unopened


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Messages that wait to be opened: `count` of a key version, of which `broken` had a key and did not open with it."""

    version: int
    count: int
    broken: int


def tallies(corp_id: int) -> list[Tally]:
    """How many messages of each kind came, the most first."""
    return list(Tally.objects.filter(corp_id=corp_id).order_by("-count", "kind"))


def closed(corp_id: int) -> list[Closed]:
    """What waits to be opened, by key version."""
    rows = Unopened.objects.filter(corp_id=corp_id).values("key_version").order_by("key_version")
    counted = rows.annotate(count=Count("id"), broken=Count("id", filter=Q(why=Unopened.Why.BROKEN)))
    return [Closed(version=one["key_version"], count=one["count"], broken=one["broken"]) for one in counted]


def files(corp_id: int) -> dict[str, int]:
    """How many files are in which state."""
    rows = Media.objects.filter(corp_id=corp_id).values("state").annotate(count=Count("id"))
    return {one["state"]: one["count"] for one in rows}


def gaps(corp_id: int, *, limit: int = 20) -> list[Gap]:
    """The times that cannot be fetched any more, the latest first."""
    return list(Gap.objects.filter(corp_id=corp_id).order_by("-until")[:limit])
