"""Group codes: commit the intent, call WeCom, commit the outcome.

The one making that is repeated without a look: WeCom has no list of join ways, and none tells of one by its state
(wire.md C.6). After an answer that was lost, or a kill before its config_id was kept, the next try makes a second one.
The first stays at WeCom, nobody can change or delete it, and it counts among 500,000. Its picture was never read or
shown; it leads to the same groups with the same state, so whoever came by it would be counted to the same code.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.groups import facts
from linli.groups.models import Community, GroupChat, JoinWay, JoinWayChat
from linli.kit.clock import now, wall
from linli.kit.errors import Refused
from linli.ledger import api as ledger
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, TransportError
from linli.wecom.join_way_calls import JoinWay as WireJoinWay
from linli.wecom.join_way_calls import JoinWaySpec

SCENE_QR = 2
NO_SUCH_WAY = 41044
MOST_GROUPS = 5
# A caller that died is followed by another after this time; longer than a call can take with all its repeats.
_CALL_LIFE = timedelta(seconds=90)
_NAME = 40


@dataclass(frozen=True, kw_only=True)
class JoinWayInfo:
    """A group code; `qr_code` is "" until it is made. `chat_ids` are the groups it leads to now."""

    id: int
    shop_id: int | None
    community_id: int | None
    state: str
    config_id: str | None
    qr_code: str
    step: str
    problem: str
    room_base_name: str
    chat_ids: tuple[str, ...]


def open_join_way(
    *, corp_id: int, shop_id: int | None = None, community_id: int | None = None, chat_ids: Sequence[str] = ()
) -> JoinWayInfo:
    """The group code of a shop or a community, made at WeCom if it is not there yet; the same again changes nothing.

    Without `chat_ids` it leads to the newest groups of the shop (or community). Raises Refused when there is no group
    yet (no API can open one), or when somebody else is making this code right now.
    """
    way = _want(corp_id, shop_id, community_id, chat_ids)
    return info(_carry_out(way) if way.step != JoinWay.Step.MADE else way)


def info(way: JoinWay, chat_ids: Sequence[str] | None = None) -> JoinWayInfo:
    """A join way as other rooms see it."""
    if chat_ids is None:
        rows = JoinWayChat.objects.filter(corp_id=way.corp_id, join_way=way).order_by("position")
        chat_ids = list(rows.values_list("chat_id", flat=True))
    return JoinWayInfo(
        id=way.pk, shop_id=way.shop_id, community_id=way.community_id, state=way.state, config_id=way.config_id,
        qr_code=way.qr_code, step=way.step, problem=way.problem, room_base_name=way.room_base_name,
        chat_ids=tuple(chat_ids),
    )  # fmt: skip


def refresh(*, corp_id: int, client: Client, way_id: int) -> list[ledger.NewFact]:
    """Read a join way again: which groups it leads to now, among them those that WeCom opened by itself.

    One that WeCom says is not there is wanted again; returns what was said.
    """
    way = JoinWay.objects.get(corp_id=corp_id, id=way_id)
    assert way.config_id is not None
    try:
        read = client.get_join_way(way.config_id)
    except ApiError as error:
        if error.code != NO_SUCH_WAY:
            raise
        return _gone(way, str(connect.explain_error(error)))
    return _save_read(way, read)


@transaction.atomic
def _gone(way: JoinWay, problem: str) -> list[ledger.NewFact]:
    _settle(way, JoinWay.Step.WANTED, problem)
    data = {
        "join_way": way.pk, "shop": way.shop_id, "community": way.community_id, "state": way.state,
        "cause": connect.ELSEWHERE,
    }  # fmt: skip
    return _say(way, facts.JOIN_WAY_GONE, data)


def _say(way: JoinWay, kind: str, data: Mapping[str, object]) -> list[ledger.NewFact]:
    said = [ledger.NewFact(kind=kind, subject=f"join_way:{way.pk}", data=dict(data))]
    ledger.publish_many(corp_id=way.corp_id, facts=said)
    return said


@transaction.atomic
def _want(corp_id: int, shop_id: int | None, community_id: int | None, chat_ids: Sequence[str]) -> JoinWay:
    place: dict[str, Any] = {"shop_id": shop_id, "community_id": community_id}
    old = JoinWay.objects.filter(corp_id=corp_id, **place).first()
    if old is not None and old.step == JoinWay.Step.MADE:
        return old
    if community_id is not None:
        opened = Community.objects.filter(corp_id=corp_id, id=community_id, closed_at=None, opened_at__isnull=False)
        if not opened.exists():
            raise Refused("not_open", _("This community is not open yet: complete its sheet and open it first."))
    groups = _groups(corp_id, shop_id, community_id, chat_ids)
    if not groups:
        raise Refused(
            "no_group",
            _("There is no group yet, and only a person can open one: ask a clerk to do so in WeCom, then try again."),
        )
    base, number = _base_name(groups[-1].name)
    state = f"g{shop_id or 0}" + (f"-c{community_id}" if community_id else "")
    way = old or JoinWay(corp_id=corp_id, shop_id=shop_id, community_id=community_id, state=state, created_at=now())
    way.room_base_name, way.room_base_id = base, number
    way.save()
    _write_chats(way, [group.chat_id for group in groups])
    return way


def _groups(corp_id: int, shop_id: int | None, community_id: int | None, chat_ids: Sequence[str]) -> list[GroupChat]:
    rows = GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None)
    if chat_ids:
        rows = rows.filter(chat_id__in=list(chat_ids))
    else:
        # A shop's own code leads to its groups, but not to those of a community that has a code itself.
        special = JoinWay.objects.filter(corp_id=corp_id).exclude(community=None).values("community_id")
        rows = rows.filter(community_id=community_id) if community_id else rows.exclude(community_id__in=special)
        rows = rows.filter(shop_id=shop_id) if shop_id is not None else rows
    newest = list(rows.order_by("-created_at", "-id")[:MOST_GROUPS])
    return newest[::-1]


def _base_name(name: str) -> tuple[str, int]:
    """The next group's name begins like the newest one's and counts on from its number."""
    found = re.fullmatch(r"(.*?)(\d{0,6})", name, re.DOTALL)
    assert found is not None
    return found[1][:_NAME], int(found[2] or 1) + 1


def _carry_out(way: JoinWay) -> JoinWay:
    # A call "of later" was made before the clock went back.
    old = Q(called_at__lt=wall() - _CALL_LIFE) | Q(called_at__gt=wall() + _CALL_LIFE)
    stuck = Q(step=JoinWay.Step.CALLING) & old
    free = Q(step__in=[JoinWay.Step.WANTED, JoinWay.Step.REFUSED]) | stuck
    mine = JoinWay.objects.filter(free, corp_id=way.corp_id, id=way.pk)
    if not mine.update(step=JoinWay.Step.CALLING, called_at=wall(), calls=way.calls + 1):
        raise Refused("being_made", _("This code is being made right now. Look again in a moment."))
    client = connect.client(corp_id=way.corp_id)
    way.refresh_from_db()
    try:
        if way.config_id is None or not _is_there(client, way.config_id):
            _keep_config(way, client.add_join_way(_spec(way)))
        assert way.config_id is not None
        _save_read(way, client.get_join_way(way.config_id))
    except TransportError as error:
        # An unknown outcome cannot be looked up (see the top): another try makes a second one.
        _settle(way, JoinWay.Step.WANTED, str(connect.explain_error(error)))
        raise
    except ApiError as error:
        _settle(way, JoinWay.Step.REFUSED, str(connect.explain_error(error)))
        raise
    return way


def _is_there(client: Client, config_id: str) -> bool:
    try:
        client.get_join_way(config_id)
    except ApiError as error:
        if error.code != NO_SUCH_WAY:
            raise
        return False
    return True


def _spec(way: JoinWay) -> JoinWaySpec:
    return JoinWaySpec(
        scene=SCENE_QR, chat_ids=info(way).chat_ids, state=way.state, remark=way.room_base_name[:30],
        auto_create_room=True, room_base_name=way.room_base_name, room_base_id=way.room_base_id,
    )  # fmt: skip


def _keep_config(way: JoinWay, config_id: str) -> None:
    way.config_id = config_id
    way.save(update_fields=["config_id"])


def _settle(way: JoinWay, step: JoinWay.Step, problem: str) -> None:
    way.step, way.problem = step, problem
    way.save(update_fields=["step", "problem"])


@transaction.atomic
def _save_read(way: JoinWay, read: WireJoinWay) -> list[ledger.NewFact]:
    first = way.step != JoinWay.Step.MADE
    way.qr_code, way.step, way.problem = read.qr_code, JoinWay.Step.MADE, ""
    way.room_base_id = read.spec.room_base_id or way.room_base_id
    way.made_at, way.read_at = way.made_at or now(), now()
    way.save()
    moved = _write_chats(way, read.spec.chat_ids)
    mine = GroupChat.objects.filter(corp_id=way.corp_id, chat_id__in=read.spec.chat_ids)
    mine.filter(join_way=None).update(join_way=way)
    if way.community_id is not None:
        mine.filter(community=None).update(community_id=way.community_id)
    if way.shop_id is not None:
        mine.exclude(shop_id=way.shop_id).update(shop_id=way.shop_id)
    if first:
        data = {"join_way": way.pk, "shop": way.shop_id, "community": way.community_id, "state": way.state}
        return _say(way, facts.JOIN_WAY_MADE, data)
    changed = {"join_way": way.pk, "chat_ids": list(read.spec.chat_ids), "cause": connect.ELSEWHERE}
    return _say(way, facts.JOIN_WAY_CHANGED, changed) if moved else []


def _write_chats(way: JoinWay, chat_ids: Sequence[str]) -> bool:
    old = JoinWayChat.objects.filter(corp_id=way.corp_id, join_way=way)
    if list(old.order_by("position").values_list("chat_id", flat=True)) == list(chat_ids):
        return False
    old.delete()
    JoinWayChat.objects.bulk_create(
        [
            JoinWayChat(corp_id=way.corp_id, join_way=way, chat_id=chat_id, position=position)
            for position, chat_id in enumerate(chat_ids)
        ]
    )
    return True
