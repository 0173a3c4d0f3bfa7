"""Compares live codes with WeCom: is each still there, and does it lead where we think? No callback tells of either."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from linli.acquisition import codes as making
from linli.acquisition import elsewhere, facts, operations
from linli.acquisition.models import LiveCode, LiveCodeStaff
from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, Compared
from linli.directory import api as directory
from linli.kit.clock import now
from linli.kit.errors import LinliError
from linli.ledger.api import NewFact
from linli.wecom.contact_way_calls import ContactWaySpec
from linli.wecom.errors import WecomError

KIND = "acquisition"
_A_CURSOR = 20
_ENDED = frozenset({facts.CODE_GONE})


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Ask for every made code by its own id: one call each, the fewest that can show both. `only`: these ("code:7").

    A run that follows one that died goes on behind the last code compared.
    """
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        run.cursor = {"since": now().isoformat(), **run.cursor}
        made = LiveCode.objects.filter(
            corp_id=corp_id, step=LiveCode.Step.MADE, closed_at=None, config_id__isnull=False
        )
        made = made.filter(id__gt=run.cursor.get("after", 0))
        codes = [row for row in made.order_by("id") if not only or f"code:{row.pk}" in only]
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        answers = connect.side_by_side(lambda row: elsewhere.asked(client, str(row.config_id)), codes)
        for done, (row, answer) in enumerate(answers, start=1):
            if isinstance(answer, Exception) and getattr(answer, "code", 0) != making.NO_SUCH_CODE:
                run.could_not(row.name, answer, key=f"code:{row.pk}")
            else:
                run.finds.take(_compare(row, answer), ended=_ENDED)
            run.progress(done, len(codes))
            if done % _A_CURSOR == 0 or done == len(codes):
                run.reached({**run.cursor, "after": row.pk})
        _end_closed(run, only)
        if not only:
            elsewhere.read(client, run)
    return run.compared()


def _end_closed(run: connect.Run, only: Collection[str]) -> None:
    for row in making.unended(run.corp_id):
        if only and f"code:{row.pk}" not in only:
            continue
        try:
            making.end(row)
        except (LinliError, WecomError) as error:
            run.could_not(row.name, error, key=f"code:{row.pk}")
        run.progress(run.done + 1)


def _compare(row: LiveCode, shown: ContactWaySpec | Exception) -> list[NewFact]:
    if isinstance(shown, Exception):
        problem = _("It was deleted at WeCom: printed pictures of it are dead. Make it again and print it anew.")
        return operations.gone(row, problem=problem, cause=ELSEWHERE)
    said = [] if row.staff_pending else _compare_staff(row, shown)
    if shown.state != row.state:
        problem = _("Its channel was changed at WeCom: who comes by it is counted elsewhere. Make a new code.")
        said += operations.state_lost(row, state=shown.state, problem=problem, cause=ELSEWHERE)
    return said


def _compare_staff(row: LiveCode, shown: ContactWaySpec) -> list[NewFact]:
    """Whom the code leads to; a code that leads to departments names nobody, and is left as it is."""
    if shown.departments or not shown.users:
        return []
    known = directory.ensure_staff(corp_id=row.corp_id, userids=shown.users)
    there = {one.id for one in known.values()}
    here = set(LiveCodeStaff.objects.filter(code=row).values_list("staff_id", flat=True))
    return [] if there == here else operations.staff_changed(row, staff_ids=sorted(there), cause=ELSEWHERE)
