"""Compares live codes with WeCom: is each still there, and does it lead where we think? No callback tells of either."""

from django.utils.translation import gettext as _

from linli.acquisition import facts, operations
from linli.acquisition.models import LiveCode, LiveCodeStaff
from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, Compared
from linli.directory import api as directory
from linli.ledger.api import NewFact
from linli.wecom.client import Client
from linli.wecom.contact_way_calls import ContactWaySpec
from linli.wecom.errors import ApiError, BadAnswer

KIND = "acquisition"
_NO_SUCH_CODE = 41044
_ENDED = frozenset({facts.CODE_GONE})


def reconcile(*, corp_id: int, reconciliation_id: int | None = None) -> Compared:
    """Ask for every made code by its own id: one call each, the fewest that can show both."""
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        made = LiveCode.objects.filter(
            corp_id=corp_id, step=LiveCode.Step.MADE, closed_at=None, config_id__isnull=False
        )
        codes = list(made.order_by("id"))
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK) if codes else None
        for done, row in enumerate(codes, start=1):
            assert client is not None
            try:
                run.finds.take(_compare(client, row), ended=_ENDED)
            except (ApiError, BadAnswer) as error:
                run.could_not(row.name, connect.explain_error(error))
            run.progress(done, len(codes))
    return run.compared()


def _compare(client: Client, row: LiveCode) -> list[NewFact]:
    assert row.config_id is not None
    try:
        shown = client.get_contact_way(row.config_id).spec
    except ApiError as error:
        if error.code != _NO_SUCH_CODE:
            raise
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
