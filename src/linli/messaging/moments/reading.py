"""Compares moments with WeCom: what is listed, who published, who sees it, who reacted. No callback tells of any."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Max, Q

from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, SYNC, Compared
from linli.kit.clock import now
from linli.messaging import facts
from linli.messaging.models import Moment, MomentCopy
from linli.messaging.moments import writing
from linli.messaging.moments.writing import CopyRead
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer, StillDispatching
from linli.wecom.moment_calls import MomentTask

KIND = "moments"
# A list spans 30 days at most, both ends left out (wire.md C.9). The first reading goes back as far as figures do.
_WINDOW = timedelta(days=30)
_FIRST = timedelta(days=180)
# So long a moment is read again for who published, who reacted, and whether it is still there: one list holds it.
OPEN = timedelta(days=29)
# Who can see a copy is read when it is first known to be published, and once more when that is a day ago.
_SETTLED = timedelta(hours=20)
_PAGE = 20
_NO_SUCH_MOMENT = 41060
_NOT_PUBLISHED = 41062
_ADDED = frozenset({facts.MOMENT_MADE})
_ENDED = frozenset({facts.MOMENT_GONE})


@dataclass(frozen=True)
class _Ask:
    """One moment to be read; `settled` are members whose audience is known for good."""

    moment_id: str
    creator: str
    settled: frozenset[str]


@dataclass
class _Read:
    """What WeCom told of one moment, and what it refused."""

    copies: list[CopyRead] = field(default_factory=list)
    refused: list[tuple[str, ApiError | BadAnswer]] = field(default_factory=list)


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """List the moments of the days that may have changed, and read each open one (`only`: of these ids)."""
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        work = _Sync(client, corp_id, SYNC if run.first else ELSEWHERE, run)
        since = datetime.fromisoformat(run.cursor["since"]) if "since" in run.cursor else None
        if since is None and not only:
            work.list_all()
        run.reached({"since": (since or now()).isoformat()})
        work.read_all(only, since)
        writing.name_strangers(corp_id=corp_id)
    return run.compared()


@dataclass
class _Sync:
    """One run over a corp's moments."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run

    def list_all(self) -> None:
        """List what was made since the last complete list, at least the last 29 days; ask for what is not listed."""
        at = now()
        rows = Moment.objects.filter(corp_id=self.corp_id)
        last: datetime | None = rows.aggregate(last=Max("listed_at"))["last"]
        since = min(at - OPEN, last if last is not None and last > at - _FIRST else at - _FIRST)
        shown: set[str] = set()
        for begin, end in _windows(since, at):
            shown |= self._list(begin, end)
        within = rows.filter(gone_at=None, created_at__gt=at - OPEN, created_at__lt=at)
        for row in within.exclude(moment_id__in=shown).order_by("id"):
            self._ask_for(row)

    def _list(self, begin: int, end: int) -> set[str]:
        shown: set[str] = set()
        coming = self.client.moments(begin, end)
        while page := list(islice(coming, _PAGE)):
            said = writing.save_listed(corp_id=self.corp_id, moments=page, cause=self.cause)
            self.run.finds.take(said, added=_ADDED, ended=_ENDED)
            shown |= {one.moment_id for one in page}
            self.run.progress(self.run.done + len(page))
        return shown

    def _ask_for(self, row: Moment) -> None:
        """One that no list shows is gone when WeCom says so of its own id."""
        try:
            _present(self.client, row)
        except ApiError as error:
            if error.code == _NO_SUCH_MOMENT:
                said = writing.mark_gone(corp_id=self.corp_id, moment_id=row.moment_id)
                self.run.finds.take(said, added=_ADDED, ended=_ENDED)
            else:
                self.run.could_not(_name(row.moment_id, row.text), error, key=row.moment_id)
        except BadAnswer as error:
            self.run.could_not(_name(row.moment_id, row.text), error, key=row.moment_id)

    def read_all(self, only: Collection[str], since: datetime | None) -> None:
        """Read every open moment; those already read by the run that this one goes on from are passed over."""
        rows = Moment.objects.filter(corp_id=self.corp_id, gone_at=None).order_by("created_at", "id")
        rows = (
            rows.filter(moment_id__in=only) if only else rows.filter(Q(created_at__gt=now() - OPEN) | Q(read_at=None))
        )
        if since is not None:
            rows = rows.filter(Q(read_at=None) | Q(read_at__lt=since))
        moments = {row.moment_id: row for row in rows}
        settled = _settled(self.corp_id, moments.values())
        asks = [_Ask(row.moment_id, row.creator_userid, settled.get(row.pk, frozenset())) for row in moments.values()]
        for read, (one, answer) in enumerate(connect.side_by_side(lambda x: _read(self.client, x), asks), start=1):
            row = moments[one.moment_id]
            if isinstance(answer, StillDispatching):
                pass  # made a moment ago: the next reading shows it
            elif isinstance(answer, ApiError) and answer.code == _NO_SUCH_MOMENT:
                said = writing.mark_gone(corp_id=self.corp_id, moment_id=one.moment_id)
                self.run.finds.take(said, added=_ADDED, ended=_ENDED)
            elif isinstance(answer, Exception):
                self.run.could_not(_name(one.moment_id, row.text), answer, key=one.moment_id)
            else:
                self._keep(row, answer)
            self.run.part(read, len(asks))
            self.run.progress(self.run.done + 1)

    def _keep(self, row: Moment, answer: _Read) -> None:
        held = set(MomentCopy.objects.filter(moment=row).values_list("staff__userid", flat=True))
        if held and answer.copies and held.isdisjoint(one.userid for one in answer.copies):
            strange = BadAnswer("externalcontact/get_moment_task", "it is about other members")
            self.run.could_not(_name(row.moment_id, row.text), strange, key=row.moment_id)
            return
        for userid, error in answer.refused:
            self.run.could_not(f"{_name(row.moment_id, row.text)} · {userid}", error, key=row.moment_id)
        said = writing.save_copies(
            corp_id=self.corp_id, moment_id=row.moment_id, copies=answer.copies, cause=self.cause,
            whole=not answer.refused,
        )  # fmt: skip
        self.run.finds.take(said, added=_ADDED, ended=_ENDED)


def _read(client: Client, one: _Ask) -> _Read:
    """All that is told of one moment, in a thread of its own; raises what concerns the moment itself."""
    found = _Read()
    tasks = [MomentTask(one.creator, published=True)] if one.creator else list(client.moment_tasks(one.moment_id))
    for task in tasks:
        try:
            found.copies.append(_copy(client, one, task))
        except (ApiError, BadAnswer) as error:
            if isinstance(error, ApiError) and error.code == _NO_SUCH_MOMENT:
                raise
            if isinstance(error, ApiError) and error.code == _NOT_PUBLISHED:
                found.copies.append(CopyRead(userid=task.userid, published=False))
            else:
                found.refused.append((task.userid, error))
    return found


def _copy(client: Client, one: _Ask, task: MomentTask) -> CopyRead:
    if not task.published:
        return CopyRead(userid=task.userid, published=False)
    reactions = client.moment_reactions(one.moment_id, task.userid)
    if task.userid in one.settled:
        return CopyRead(userid=task.userid, published=True, reactions=reactions)
    audience = list(client.moment_customers(one.moment_id, task.userid))
    if any(row.userid != task.userid for row in audience):
        raise BadAnswer("externalcontact/get_moment_customer_list", "it is about other members")
    chosen = {row.external_userid for row in audience}
    seen = frozenset(client.moment_results(one.moment_id, task.userid))
    if chosen and seen and seen.isdisjoint(chosen):
        raise BadAnswer("externalcontact/get_moment_send_result", "it is about other customers")
    return CopyRead(userid=task.userid, published=True, reactions=reactions, chosen=frozenset(chosen | seen), seen=seen)


def _present(client: Client, row: Moment) -> None:
    """Ask for one moment by its id: a refusal is raised."""
    try:
        if row.creator_userid:
            client.moment_reactions(row.moment_id, row.creator_userid)
        else:
            next(iter(client.moment_tasks(row.moment_id)), None)
    except StillDispatching:
        return


def _settled(corp_id: int, moments: Collection[Moment]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    copies = MomentCopy.objects.filter(corp_id=corp_id, moment__in=moments, audience_at__isnull=False)
    for moment_id, userid, published, read in copies.values_list(
        "moment_id", "staff__userid", "published_by", "audience_at"
    ):
        if published is not None and read is not None and read - published >= _SETTLED:
            found.setdefault(moment_id, set()).add(userid)
    return {moment: frozenset(userids) for moment, userids in found.items()}


def _windows(since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
    """Unix seconds around spans of 30 days at most; the ends are left out of a list, so they overlap by two seconds."""
    begin, last = int(since.timestamp()) - 1, int(until.timestamp()) + 1
    step = int(_WINDOW.total_seconds())
    while begin < last:
        end = min(begin + step, last)
        yield begin, end
        if end == last:
            return
        begin = end - 1


def _name(moment_id: str, text: str) -> str:
    return text[:20] or moment_id
