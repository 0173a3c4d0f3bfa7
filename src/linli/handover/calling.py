"""The calls that begin a hand-over at WeCom: intent, call, outcome; what is found half-way is looked up, never repeated."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from linli.access import api as access
from linli.connect import api as connect
from linli.groups import api as groups
from linli.handover import limits, outcomes
from linli.handover.models import Call, CustomerMove, Handover, MoveState
from linli.kit.clock import from_unix, now
from linli.kit.errors import LinliError
from linli.kit.killpoints import passing
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer, MessageError, NotSent, OutcomeUnknown, TransportError
from linli.wecom.handover_calls import Transfer, TransferStatus

LOOKS = 2
BETWEEN_LOOKS = timedelta(seconds=60)
SLACK = timedelta(minutes=10)
PATIENCE = timedelta(hours=72)
DAY_LIMIT = 45009
INHERITING = 2  # groupchat/list's word for a group on its way
_SPACE = 0x484F << 44  # "HO": keeps these keys apart from other advisory locks
WITHOUT_OUTCOME = (Call.State.INTENT, Call.State.UNKNOWN)


@contextmanager
def working_on(handover_id: int) -> Iterator[bool]:
    """True when nobody else works on this hand-over. Held by the session: a dead process cannot keep it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SPACE | handover_id])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_SPACE | handover_id])


def call_all(client: Client, row: Handover) -> bool:
    """Make every call that is due and has no outcome; False when the line is busy or down and the rest waits."""
    due = Q(not_before=None) | Q(not_before__lte=now())
    calls = Call.objects.filter(due, corp_id=row.corp_id, handover=row, state__in=WITHOUT_OUTCOME).order_by("id")
    for call in calls.select_related("handover__giver", "taker"):
        try:
            _customers(client, call) if call.what == Call.What.CUSTOMERS else _groups(client, call)
        except (ApiError, TransportError, connect.BudgetSpent):
            return False
    return True


def _customers(client: Client, call: Call) -> None:
    row = call.handover
    if call.called_at is not None and not _may_call_again(call, lambda: _find_customers(client, call)):
        return
    wanted = [move.external_userid for move in outcomes.not_started(call)]
    if not wanted:
        outcomes.customers_begun(call, {})
        return
    begin = client.transfer_resigned_customers if row.resigned else client.transfer_customers
    more = {} if row.resigned else {"success_message": row.message}

    def make() -> None:
        answers = begin(row.giver.userid, call.taker.userid, wanted, **more)  # type: ignore[arg-type]  # on the job only
        passing("handover.called")
        outcomes.customers_begun(call, {one.external_userid: one.errcode for one in answers})

    _make(call, make)


def _groups(client: Client, call: Call) -> None:
    row = call.handover
    if call.called_at is not None and not _may_call_again(call, lambda: _find_groups(client, call)):
        return
    wanted = [move.chat_id for move in outcomes.groups_not_started(call)]
    if not wanted:
        outcomes.groups_begun(call, {})
        return
    give = client.transfer_groups if row.resigned else client.transfer_groups_on_the_job

    def make() -> None:
        codes = dict.fromkeys(wanted, 0) | {one.chat_id: one.errcode for one in give(wanted, call.taker.userid)}
        passing("handover.called")
        today = [chat_id for chat_id, code in codes.items() if code == DAY_LIMIT]
        if today:
            outcomes.put_off(call, today, limits.next_day(now(), access.corp(corp_id=call.corp_id).zone))
        outcomes.groups_begun(call, codes)

    _make(call, make)


def _make(call: Call, make: Callable[[], None]) -> None:
    outcomes.calling(call)
    passing("handover.intent")
    try:
        make()
    except (NotSent, connect.BudgetSpent):
        outcomes.not_called(call)
        raise
    except (OutcomeUnknown, BadAnswer):
        outcomes.unknown(call)
    except ApiError as error:
        if error.meaning.retry is not Retry.NEVER:  # busy, too many calls, a token that ended twice: nothing was done
            outcomes.not_called(call)
            raise
        outcomes.failed(call, error.code, error.errmsg)
    except MessageError as error:
        outcomes.failed(call, error.code, str(error))


def _may_call_again(call: Call, find: Callable[[], bool]) -> bool:
    """Look up a call whose answer nobody has. Not found once may mean "not yet visible": two looks, a minute apart."""
    if call.looked_at is not None and timedelta(0) <= now() - call.looked_at < BETWEEN_LOOKS:
        return False
    try:
        everything = find()
    except (TransportError, ApiError, LinliError) as error:
        if call.state != Call.State.UNKNOWN:
            outcomes.unknown(call)
        if not isinstance(error, ApiError) or error.meaning.retry is not Retry.NEVER:
            raise
        _not_told(call, error)  # WeCom will not say: the other calls do not wait for it
        return False
    if everything:
        return False
    call.lookups, call.looked_at = call.lookups + 1, now()
    call.save(update_fields=["lookups", "looked_at"])
    if call.lookups >= LOOKS:
        outcomes.not_called(call)
        return True
    if call.state != Call.State.UNKNOWN:
        outcomes.unknown(call)
    return False


def _not_told(call: Call, error: ApiError) -> None:
    """Whether it began cannot be found out: it is asked again for three days, and never called again."""
    call.looked_at = now()
    call.save(update_fields=["looked_at"])
    if call.called_at is not None and now() - call.called_at > PATIENCE:
        outcomes.never_told(call, error.code, error.errmsg)


def _find_customers(client: Client, call: Call) -> bool:
    """Keep those whom WeCom shows as taken up by this call; True when that is everybody."""
    row = call.handover
    ask = client.resigned_transfers if row.resigned else client.transfers
    shown = {one.external_userid: one for one in ask(row.giver.userid, call.taker.userid)}
    moves = outcomes.not_started(call)
    found = [move for move in moves if _is_ours(call, move, shown.get(move.external_userid))]
    dues = {
        one.external_userid: from_unix(one.takeover_at)
        for one in shown.values()
        if one.status == TransferStatus.WAITING and one.takeover_at
    }
    outcomes.customers_begun(call, {move.external_userid: 0 for move in found}, takeover_at=dues)
    return len(found) == len(moves)


def _is_ours(call: Call, move: CustomerMove, shown: Transfer | None) -> bool:
    """WeCom shows the last hand-over of a pair; one from before the call is not this one."""
    if shown is None or call.called_at is None:
        return False
    if shown.status == TransferStatus.WAITING:
        return True
    if shown.takeover_at:
        return from_unix(shown.takeover_at) >= call.called_at - SLACK
    # A failed one has no time: it is ours unless an earlier one of the same pair had failed.
    earlier = CustomerMove.objects.filter(
        corp_id=move.corp_id, giver_id=move.giver_id, taker_id=move.taker_id, external_userid=move.external_userid,
        state__in=(MoveState.REFUSED, MoveState.FULL),
    )  # fmt: skip
    return not earlier.exists()


def _find_groups(client: Client, call: Call) -> bool:
    """A group whose owner is the taker, or that WeCom lists as being inherited, was taken up."""
    row, moves = call.handover, outcomes.groups_not_started(call)
    coming: set[str] = set()
    if row.resigned:
        coming = {one.chat_id for one in client.group_chats([row.giver.userid], status=INHERITING)}
    found = [
        move.chat_id
        for move in moves
        if move.chat_id in coming or groups.reread(corp_id=row.corp_id, chat_id=move.chat_id) == call.taker.userid
    ]
    outcomes.groups_begun(call, dict.fromkeys(found, 0))
    return len(found) == len(moves)
