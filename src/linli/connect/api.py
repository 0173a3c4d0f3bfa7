"""The door of connect: a client for WeCom, connecting a corp, callback keys, sync runs, reconciliations.

The ingress, which knows no Django, reads a callback's keys by the path key with

    SELECT corp_id, wecom_id, agent_id, token_sealed, aes_key_sealed FROM connect_callbackline WHERE key = %s

and opens them with kit.sealing under the places "connect.callback:{key}:token" and
"connect.callback:{key}:aes_key".
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from linli.connect.budget import BudgetSpent
from linli.connect.compared import ELSEWHERE, MISSED, SYNC, Compared
from linli.connect.days import Day, Diary, Told
from linli.connect.joining import hand_on
from linli.connect.kinds import KINDS
from linli.connect.line import APP, CONTACTS, build_client, shared_http
from linli.connect.messages import TwoTongues, explain_error
from linli.connect.models import CallbackLine, CorpLine
from linli.connect.operations import (
    OFFICIAL,
    NotAccepted,
    NotReached,
    check_line,
    connect_corp,
    make_callback,
    stop_run,
)
from linli.connect.parallel import OF_ONE, side_by_side
from linli.connect.reconciling import (
    cancel_reconciliation,
    close_abandoned,
    reconcile_if_due,
    reconcile_room,
    start_reconciliation,
    try_again,
)
from linli.connect.reports import (
    Reconciled,
    ReconciliationInfo,
    RunInfo,
    latest_reconciliations,
    latest_runs,
    reconciliations,
)
from linli.connect.runs import Run, RunCancelled, fail_dead_runs, run
from linli.connect.seals import open_text
from linli.connect.signing_in import sign_in_address, who_signed_in
from linli.wecom.client import Client
from linli.wecom.transport import Lane

__all__ = [
    "ELSEWHERE", "KINDS", "MISSED", "OFFICIAL", "OF_ONE", "SYNC", "BudgetSpent", "CallbackSettings", "Compared", "Day",
    "Diary", "Lane",
    "LineInfo", "NotAccepted", "NotReached", "Reconciled", "ReconciliationInfo", "Run", "RunCancelled", "RunInfo", "Told",
    "TwoTongues", "callback_settings", "cancel_reconciliation", "check_line", "client", "close_abandoned",
    "connect_corp", "connected_corps", "contacts_client", "explain_error", "fail_dead_runs",
    "hand_on", "latest_reconciliations", "latest_runs", "line", "reconcile_if_due", "reconcile_room", "reconciliations", "run",
    "shared_http", "side_by_side", "sign_in_address", "start_reconciliation", "stop_run", "try_again", "who_signed_in",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LineInfo:
    """A corp's line; `check_text` is empty when the last test went well."""

    corp_id: int
    base_url: str
    agent_id: int
    has_contact_secret: bool
    connected_at: datetime
    checked_at: datetime | None
    check_code: int
    check_text: str


@dataclass(frozen=True, kw_only=True)
class CallbackSettings:
    """What the administrator copies into WeCom's console."""

    url: str
    token: str
    encoding_aes_key: str


def client(*, corp_id: int, lane: Lane | None = None) -> Client:
    """A client that speaks as the corp's own app, all calls in `lane` or each in its own.

    A call raises RuntimeError inside an open transaction, BudgetSpent when the corp's calls are used up.
    """
    return build_client(corp_id=corp_id, lane=lane, app=APP)


def contacts_client(*, corp_id: int, lane: Lane = Lane.BULK) -> Client:
    """A client for reading the address book: with the contact-sync secret where one was given, else the app's."""
    info = line(corp_id=corp_id)
    own = info is not None and info.has_contact_secret
    return build_client(corp_id=corp_id, lane=lane, app=CONTACTS if own else APP)


def line(*, corp_id: int) -> LineInfo | None:
    """The corp's line, None before it was connected."""
    row = CorpLine.objects.filter(corp_id=corp_id).first()
    if row is None:
        return None
    return LineInfo(
        corp_id=corp_id, base_url=row.base_url, agent_id=row.agent_id, has_contact_secret=row.has_contact_secret,
        connected_at=row.connected_at, checked_at=row.checked_at, check_code=row.check_code,
        check_text=row.check_text,
    )  # fmt: skip


def connected_corps() -> list[int]:
    """The corps that have a line."""
    return list(CorpLine.objects.order_by("corp_id").values_list("corp_id", flat=True))


def callback_settings(*, corp_id: int, anew: bool = False) -> CallbackSettings:
    """URL, Token and EncodingAESKey of the corp's app, made at the first call."""
    row: CallbackLine = make_callback(corp_id=corp_id, anew=anew)
    return CallbackSettings(
        url=f"{settings.LINLI.callback_url}/callback/{row.key}",
        token=open_text(bytes(row.token_sealed), place=f"connect.callback:{row.key}:token"),
        encoding_aes_key=open_text(bytes(row.aes_key_sealed), place=f"connect.callback:{row.key}:aes_key"),
    )
