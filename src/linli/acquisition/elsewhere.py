"""What WeCom has beside Linli's own codes: contact ways that other programs made, and the app's acquisition links."""

from datetime import UTC, datetime

from linli.acquisition.models import LiveCode, OtherCode, OtherLink
from linli.connect import api as connect
from linli.kit.clock import from_unix, now
from linli.wecom.acquisition_link_calls import Link, LinkCustomer
from linli.wecom.client import Client
from linli.wecom.contact_way_calls import ContactWaySpec
from linli.wecom.errors import ApiError

# The list knows contact ways made since then (wire.md C.2).
_FIRST_LISTED = datetime(2021, 7, 10, tzinfo=UTC)
_NO_SUCH_CODE = 41044
# WeCom names no code of its own for an unknown link; this is what it says about arguments it cannot use.
_NO_SUCH_LINK = 40058
# The app may not use acquisition links at all: no trouble of a night's.
_NOT_OURS = frozenset({48001, 48002, 60011})
_WROTE = 1


def read(client: Client, run: connect.Run) -> None:
    """Compare both; what another program made is read once, and asked for by its id when no list shows it any more."""
    _read_codes(client, run)
    _read_links(client, run)


def _read_codes(client: Client, run: connect.Run) -> None:
    listed = set(client.list_contact_ways(start=int(_FIRST_LISTED.timestamp()), end=int(now().timestamp()) + 1))
    codes = LiveCode.objects.filter(corp_id=run.corp_id).values_list("config_id", "state")
    ours, states = {config_id for config_id, _ in codes}, {state for _, state in codes}
    known = dict(OtherCode.objects.filter(corp_id=run.corp_id).values_list("config_id", "gone_at"))
    fresh = listed - ours - known.keys()
    absent = {config_id for config_id, gone in known.items() if gone is None} - listed
    asks = sorted(fresh | absent)
    for config_id, answer in connect.side_by_side(lambda one: client.get_contact_way(one).spec, asks):
        if isinstance(answer, ApiError) and answer.code == _NO_SUCH_CODE:
            OtherCode.objects.filter(corp_id=run.corp_id, config_id=config_id).update(gone_at=now())
            run.finds.effects["ended"] += 1
        elif isinstance(answer, Exception):
            run.could_not(config_id, answer)
        elif config_id in fresh and answer.state not in states:  # else it is our own, whose answer was lost
            _keep_code(run.corp_id, config_id, answer)
            run.finds.effects["added"] += 1
        run.progress(run.done + 1)


def _keep_code(corp_id: int, config_id: str, shown: ContactWaySpec) -> None:
    at = now()
    OtherCode.objects.create(
        corp_id=corp_id, config_id=config_id, state=shown.state, remark=shown.remark, userids=sorted(shown.users),
        departments=sorted(shown.departments), seen_at=at, read_at=at,
    )  # fmt: skip


def _read_links(client: Client, run: connect.Run) -> None:
    try:
        listed = set(client.acquisition_links())
    except ApiError as error:
        if error.code not in _NOT_OURS:
            run.could_not("customer_acquisition/list_link", error)
        return
    rows = {row.link_id: row for row in OtherLink.objects.filter(corp_id=run.corp_id, gone_at=None)}

    def ask(link_id: str) -> tuple[Link, list[LinkCustomer]]:
        return client.acquisition_link(link_id), list(client.link_customers(link_id))

    for link_id, answer in connect.side_by_side(ask, sorted(listed | rows.keys())):
        if isinstance(answer, Exception):
            unknown = isinstance(answer, ApiError) and answer.code == _NO_SUCH_LINK and link_id not in listed
            if unknown:
                OtherLink.objects.filter(corp_id=run.corp_id, link_id=link_id).update(gone_at=now(), off_at=now())
                run.finds.effects["ended"] += 1
            else:
                run.could_not(link_id, answer)
        else:
            _keep_link(run.corp_id, link_id, answer, works=link_id in listed)
            run.finds.effects["added"] += link_id not in rows
        run.progress(run.done + 1)


def _keep_link(corp_id: int, link_id: str, answer: tuple[Link, list[LinkCustomer]], *, works: bool) -> None:
    link, came = answer
    at = now()
    kept = OtherLink.objects.filter(corp_id=corp_id, link_id=link_id).values_list("off_at", flat=True).first()
    OtherLink.objects.update_or_create(
        corp_id=corp_id,
        link_id=link_id,
        defaults={
            "name": link.name, "url": link.url, "userids": sorted(link.range.users),
            "departments": sorted(link.range.departments), "skip_verify": link.skip_verify, "customers": len(came),
            "wrote": sum(one.chat_status == _WROTE for one in came), "created_at": from_unix(link.created_at),
            "read_at": at, "off_at": None if works else kept or at,
        },
    )  # fmt: skip
