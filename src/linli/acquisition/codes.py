"""Live codes at WeCom: commit the intent, call, commit the outcome; a lost outcome is looked up by the code's state."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

from django.utils.translation import gettext as _

from linli.acquisition import operations
from linli.acquisition.info import CodeInfo, code_infos
from linli.acquisition.models import LiveCode, LiveCodeTag
from linli.connect import api as connect
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.kit.clock import now
from linli.kit.errors import LinliError, Refused
from linli.wecom.client import Client, Lane
from linli.wecom.contact_way_calls import MULTI, SCENE_QR, ContactWayKey, ContactWaySpec
from linli.wecom.errors import ApiError, BadAnswer, OutcomeUnknown, WecomError

log = logging.getLogger(__name__)

KIND = "acquisition.codes"
NO_SUCH_CODE = 41044
_REMARK = 30
_BEFORE = timedelta(hours=1)


def ensure_shop_codes(*, corp_id: int) -> None:
    """A code and a group code for every shop: what is there stays, what was left half-way is finished.

    A run of kind KIND shows how far it is and which shops could not be served, and why; it can be stopped.
    """
    shops = [shop for shop in directory.shops(corp_id=corp_id) if shop.is_open]
    clerks: dict[int, list[int]] = {}
    for one in directory.staff(corp_id=corp_id):
        if one.shop_id is not None and one.active:
            clerks.setdefault(one.shop_id, []).append(one.id)
    with connect.run(corp_id=corp_id, kind=KIND) as run:
        run.progress(0, len(shops))
        for done, shop in enumerate(shops, start=1):
            _serve(corp_id, shop, clerks.get(shop.id, []), run)
            run.progress(done)
        _ensure_tags(corp_id, run)


def open_group_codes(*, corp_id: int) -> None:
    """A group code for each shop that has a code of its own and, since then, its first group; each is tried once.

    One that was asked for before is the operator's to finish: WeCom has no list in which an unanswered making could be
    looked up (groups/join_ways.py).
    """
    for shop_id in waiting_for_a_group(corp_id):
        try:
            groups.open_join_way(corp_id=corp_id, shop_id=shop_id)
        except (LinliError, WecomError) as error:  # kept with the group code where WeCom said it; its page shows it
            log.warning("the group code of shop %s was not made: %s", shop_id, error)


def waiting_for_a_group(corp_id: int) -> list[int]:
    """Open shops that have a code and a group, and for which no group code was asked yet."""
    coded = LiveCode.objects.filter(corp_id=corp_id, kind=LiveCode.Kind.SHOP, closed_at=None, shop__is_open=True)
    found = set(coded.values_list("shop_id", flat=True)) & groups.groups_by_shop(corp_id=corp_id).keys()
    return sorted(found - groups.join_ways_by_shop(corp_id=corp_id).keys()) if found else []


def make_channel_code(
    *, corp_id: int, name: str, channel: str, staff_ids: Sequence[int], reason_to_add: str = "",
    shop_id: int | None = None, cost_fen: int | None = None, by: str = "",
) -> CodeInfo:  # fmt: skip
    """A code for a counter, a poster, a parcel card: made at WeCom; raises what WeCom refuses."""
    row = operations.want_channel_code(
        corp_id=corp_id, name=name, channel=channel, staff_ids=staff_ids, reason_to_add=reason_to_add, shop_id=shop_id,
        cost_fen=cost_fen, by=by,
    )  # fmt: skip
    carry_out(row)
    ensure_tags_of(corp_id=corp_id, code_id=row.pk)
    return _info(row)


def carry_out(row: LiveCode) -> None:
    """Make a wanted code at WeCom, or end a closed one; nothing to do when that is done.

    Raises Refused while somebody else is at it.
    """
    if row.closed_at is not None:
        end(row)
        return
    if row.step == LiveCode.Step.MADE:
        if row.staff_pending:
            tell_staff(row)
        return
    called_before = row.called_at is not None
    if not operations.claim(row):
        raise Refused("being_made", _("This code is being made right now. Look again in a moment."))
    row.refresh_from_db()
    client = connect.client(corp_id=row.corp_id)
    try:
        key = _look_up(client, row) if called_before else None
    except WecomError as error:
        # Nothing was asked of WeCom but to read: what the call before did is as unknown as it was.
        operations.not_made(row, refused=False, problem=str(connect.explain_error(error)), forget_call=False)
        raise
    try:
        key = key or client.add_contact_way(_spec(row))
    except WecomError as error:
        # A refusal speaks of this call alone: one before it may still show after it was looked up.
        unknown = isinstance(error, OutcomeUnknown | BadAnswer) or called_before
        refused = isinstance(error, ApiError)
        operations.not_made(row, refused=refused, problem=str(connect.explain_error(error)), forget_call=not unknown)
        raise
    operations.made(row, config_id=key.config_id, qr_code=key.qr_code)


def repoint(*, corp_id: int, code_id: int, staff_ids: Sequence[int], by: str = "") -> CodeInfo:
    """Point a code, printed or not, at other clerks."""
    row = operations.want_staff(corp_id=corp_id, code_id=code_id, staff_ids=staff_ids, by=by)
    if row.staff_pending:
        tell_staff(row)
    return _info(row)


def tell_staff(row: LiveCode) -> None:
    """Tell WeCom the clerks of a made code; the call sets, so it may be repeated."""
    assert row.config_id is not None
    try:
        connect.client(corp_id=row.corp_id).update_contact_way(row.config_id, _spec(row))
    except WecomError as error:
        operations.staff_told(row, problem=str(connect.explain_error(error)))
        raise
    operations.staff_told(row, problem="")


def close_code(*, corp_id: int, code_id: int, by: str = "") -> None:
    """Close a code and delete its contact way: printed pictures of it stop working."""
    row = operations.close(corp_id=corp_id, code_id=code_id, by=by)
    if not operations.under_way(row):
        end(row)


def end_closed(*, corp_id: int) -> None:
    """End what was closed and is not known to be gone at WeCom; what cannot be ended now waits for the next time."""
    for row in unended(corp_id):
        with suppress(LinliError, WecomError):
            end(row)


def unended(corp_id: int) -> list[LiveCode]:
    """Closed codes that WeCom has, or may have."""
    return list(LiveCode.objects.filter(operations.UNENDED, corp_id=corp_id).order_by("id"))


def end(row: LiveCode) -> None:
    """Delete a closed code's contact way, also one that a call without an answer may have made.

    Deleting is asked for until WeCom says it is gone: it cannot be done twice. Raises Refused while the code is being
    made, and what WeCom refuses.
    """
    if row.config_id is None and row.called_at is None:
        return
    if operations.under_way(row):
        raise Refused("being_made", _("This code is being made right now. Look again in a moment."))
    client = connect.client(corp_id=row.corp_id)
    try:
        if row.config_id is not None:
            _delete(client, row.config_id)
        if row.step != LiveCode.Step.MADE:
            for key in _ways(client, row):
                _delete(client, key.config_id)
    except WecomError as error:
        operations.not_ended(row, problem=str(connect.explain_error(error)))
        raise
    operations.ended(row)


def _delete(client: Client, config_id: str) -> None:
    try:
        client.del_contact_way(config_id)
    except ApiError as error:
        if error.code != NO_SUCH_CODE:
            raise


def ensure_tags_of(*, corp_id: int, code_id: int) -> list[int]:
    """The ids of the tags that come with a code, made at WeCom where absent."""
    rows = list(LiveCodeTag.objects.filter(corp_id=corp_id, code_id=code_id).order_by("id"))
    for group_name in {row.group_name for row in rows if row.tag_id is None}:
        names = [row.name for row in rows if row.group_name == group_name]
        ids = customers.ensure_tags(corp_id=corp_id, group=group_name, names=names)
        operations.tags_known(corp_id=corp_id, group_name=group_name, ids=ids)
    return [tag_id for row in rows if (tag_id := _reread(row)) is not None]


def _serve(corp_id: int, shop: directory.ShopInfo, staff_ids: list[int], run: connect.Run) -> None:
    try:
        carry_out(operations.want_shop_code(corp_id=corp_id, shop=shop, staff_ids=staff_ids))
    except LinliError as error:
        run.could_not(shop.name, error)
    except WecomError as error:
        run.could_not(shop.name, error)
    try:
        groups.open_join_way(corp_id=corp_id, shop_id=shop.id)
    except LinliError as error:
        run.could_not(_("group code of %(shop)s") % {"shop": shop.name}, error)
    except WecomError as error:
        run.could_not(_("group code of %(shop)s") % {"shop": shop.name}, error)


def _ensure_tags(corp_id: int, run: connect.Run) -> None:
    unknown = LiveCodeTag.objects.filter(corp_id=corp_id, tag_id=None).order_by("group_name", "name")
    by_group: dict[str, list[str]] = {}
    for group_name, name in unknown.values_list("group_name", "name").distinct():
        by_group.setdefault(group_name, []).append(name)
    for group_name, names in by_group.items():
        try:
            ids = customers.ensure_tags(corp_id=corp_id, group=group_name, names=names)
        except LinliError as error:
            run.could_not(group_name, error)
        except WecomError as error:
            run.could_not(group_name, error)
        else:
            operations.tags_known(corp_id=corp_id, group_name=group_name, ids=ids)


def _look_up(client: Client, row: LiveCode) -> ContactWayKey | None:
    """The contact way that an earlier call may have made."""
    return next(_ways(client, row), None)


def _ways(client: Client, row: LiveCode) -> Iterator[ContactWayKey]:
    """The contact ways with our state."""
    start = int((row.created_at - _BEFORE).timestamp())
    for config_id in client.list_contact_ways(start=start, end=int(now().timestamp()) + 1, lane=Lane.HUMAN):
        try:
            way = client.get_contact_way(config_id, lane=Lane.HUMAN)
        except ApiError as error:
            # Another's, deleted since it was listed; our own that is listed and denied is not to be made a second time.
            if error.code != NO_SUCH_CODE or config_id == row.config_id:
                raise
            continue
        if way.spec.state == row.state:
            yield ContactWayKey(way.config_id, way.qr_code)


def _spec(row: LiveCode) -> ContactWaySpec:
    staff = directory.staff_by_ids(corp_id=row.corp_id, staff_ids=_info(row).staff_ids)
    users = tuple(sorted(one.userid for one in staff.values()))
    return ContactWaySpec(type=MULTI, scene=SCENE_QR, users=users, state=row.state, remark=row.name[:_REMARK])


def _info(row: LiveCode) -> CodeInfo:
    return code_infos([row])[0]


def _reread(row: LiveCodeTag) -> int | None:
    if row.tag_id is None:
        row.refresh_from_db(fields=["tag_id"])
    return row.tag_id
