"""What WeCom has beside Linli's own codes: contact ways that other programs made, and the app's acquisition links."""

from datetime import UTC, datetime

from linli.acquisition.models import LiveCode, OtherCode, OtherLink
from linli.connect import api as connect
from linli.kit.clock import from_unix, now
from linli.wecom.acquisition_link_calls import Link, LinkCustomer
from linli.wecom.client import Client
from linli.wecom.contact_way_calls import ContactWaySpec
from linli.wecom.errors import ApiError, BadAnswer

# The list knows contact ways made since then (wire.md C.2).
_FIRST_LISTED = datetime(2021, 7, 10, tzinfo=UTC)
_NO_SUCH_CODE = 41044
_CURSOR_OVER = 50100
_LINKS = "customer_acquisition/list_link"
# WeCom names no code of its own for an unknown link; this is what it says about arguments it cannot use.
_NO_SUCH_LINK = 40058
# The app may not use acquisition links at all: no trouble of a night's.
_NOT_OURS = frozenset({48001, 48002, 60011})
_WROTE = 1


def read(client: Client, run: connect.Run) -> None:
    """Compare both; what another program made is read once, and asked for by its id when no list shows it any more.

    A run that follows one that died goes on behind the page of the list that was kept last, and passes over links that
    were read since it began.
    """
    since = datetime.fromisoformat(run.cursor["since"])
    _list_codes(client, run, since)
    _ask_for_absent(client, run, since)
    _read_links(client, run, since)


def asked(client: Client, config_id: str) -> ContactWaySpec:
    """The contact way as WeCom has it; an answer about another proves nothing of either: BadAnswer."""
    way = client.get_contact_way(config_id)
    if way.config_id != config_id:
        raise BadAnswer("externalcontact/get_contact_way", "it is about another contact way")
    return way.spec


def _list_codes(client: Client, run: connect.Run, since: datetime) -> None:
    cursor = run.cursor.get("ways", "")
    if cursor is None:  # the whole list was kept already
        return
    try:
        _keep_pages(client, run, since, cursor)
    except ApiError as error:
        if error.code != _CURSOR_OVER or not cursor:
            raise
        _keep_pages(client, run, since, "")
    run.reached({**run.cursor, "ways": None})


def _keep_pages(client: Client, run: connect.Run, since: datetime, cursor: str) -> None:
    start, end = int(_FIRST_LISTED.timestamp()), int(since.timestamp()) + 1
    for page in client.contact_way_pages(start=start, end=end, cursor=cursor):
        listed = set(page.config_ids)
        known = OtherCode.objects.filter(corp_id=run.corp_id, config_id__in=listed)
        known.update(seen_at=now())
        ours = LiveCode.objects.filter(corp_id=run.corp_id, config_id__in=listed)
        fresh = listed - {*known.values_list("config_id", flat=True)} - {*ours.values_list("config_id", flat=True)}
        for config_id, answer in connect.side_by_side(lambda one: asked(client, one), sorted(fresh)):
            if isinstance(answer, Exception):
                if getattr(answer, "code", 0) != _NO_SUCH_CODE:  # else deleted since it was listed
                    run.could_not(config_id, answer)
            elif not LiveCode.objects.filter(corp_id=run.corp_id, state=answer.state).exists():
                _keep_code(run.corp_id, config_id, answer)  # else it is our own, whose answer was lost
                run.finds.effects["added"] += 1
            run.done += 1
        run.reached({**run.cursor, "ways": page.next_cursor or None})


def _ask_for_absent(client: Client, run: connect.Run, since: datetime) -> None:
    rows = OtherCode.objects.filter(corp_id=run.corp_id, gone_at=None, seen_at__lt=since).order_by("config_id")
    absent = list(rows.values_list("config_id", flat=True))
    for config_id, answer in connect.side_by_side(lambda one: asked(client, one), absent):
        if isinstance(answer, ApiError) and answer.code == _NO_SUCH_CODE:
            OtherCode.objects.filter(corp_id=run.corp_id, config_id=config_id).update(gone_at=now())
            run.finds.effects["ended"] += 1
        elif isinstance(answer, Exception):
            run.could_not(config_id, answer)
        run.progress(run.done + 1)


def _keep_code(corp_id: int, config_id: str, shown: ContactWaySpec) -> None:
    at = now()
    OtherCode.objects.create(
        corp_id=corp_id, config_id=config_id, state=shown.state, remark=shown.remark, userids=sorted(shown.users),
        departments=sorted(shown.departments), seen_at=at, read_at=at,
    )  # fmt: skip


def _read_links(client: Client, run: connect.Run, since: datetime) -> None:
    try:
        listed = set(client.acquisition_links())
    except ApiError as error:
        if error.code not in _NOT_OURS:
            run.could_not(_LINKS, error)
        return
    rows = {row.link_id: row for row in OtherLink.objects.filter(corp_id=run.corp_id, gone_at=None)}
    if listed and rows and listed.isdisjoint(rows):
        # Whether ours work is not known from this; each is asked for all the same.
        run.could_not(_LINKS, BadAnswer(_LINKS, "none of the links known here is in it"))
        listed = set(rows)
    read_before = {link_id for link_id, row in rows.items() if row.read_at >= since}

    def ask(link_id: str) -> tuple[Link, list[LinkCustomer]]:
        return client.acquisition_link(link_id), list(client.link_customers(link_id))

    for link_id, answer in connect.side_by_side(ask, sorted((listed | rows.keys()) - read_before)):
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
