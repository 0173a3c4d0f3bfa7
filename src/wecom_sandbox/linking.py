"""The life of acquisition links: using up the quota, buying, expiring, and what apps hear of it (wire.md F.4)."""

import secrets

from wecom_sandbox.callbacks.events import acquisition_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.linkbook import Arrival, ChatKey, Link, Lot
from wecom_sandbox.records import Follow
from wecom_sandbox.world import World

BY_LINK = 16
DAY = 86_400
DAYS_BEFORE_THE_END = (1, 2, 3, 7, 14)
TOLD_MESSAGES = (3, 5, 10)


def arrive(world: World, corp: Corp, link: Link, follow: Follow) -> None:
    """Somebody has added a member by a link."""
    now, state = world.now(), follow.state
    corp.links.arrive(Arrival(corp.next_seq(), link.link_id, follow.userid, follow.external_userid, state, now))
    if world.tunables.quota_charges == "add":
        _charge(world, corp)


def customer_wrote(world: World, corp: Corp, follow: Follow) -> None:
    """A customer has sent a member a message: the first, third, fifth and tenth of one who came by a link are told."""
    arrival = corp.links.arrivals.get((follow.userid, follow.external_userid))
    if arrival is None or follow.add_way != BY_LINK:
        return
    arrival.written += 1
    if arrival.written == 1:
        if world.tunables.quota_charges == "chat":
            _charge(world, corp)
        who = {"UserID": follow.userid, "ExternalUserID": follow.external_userid}
        told = {**who, "LinkId": arrival.link_id}
        world.emit(corp, acquisition_event("customer_start_chat", told, follow.external_userid))
    if arrival.written in TOLD_MESSAGES:
        key = ChatKey(
            key=secrets.token_urlsafe(24),
            link_id=arrival.link_id,
            userid=arrival.userid,
            external_userid=arrival.external_userid,
            state=arrival.state,
            count=arrival.written,
            at=world.now(),
        )
        corp.links.remember(key, world.tunables.chat_key_life_s)
        told = {"LinkId": key.link_id, "ChatKey": key.key}
        world.emit(corp, acquisition_event("message_from_customer", told, follow.external_userid))


def fail(world: World, corp: Corp, link: Link) -> None:
    """A link stops working."""
    link.unavailable = True
    world.emit(corp, acquisition_event("link_unavailable", {"LinkId": link.link_id}))


def buy(world: World, corp: Corp, count: int, expires_at: int) -> None:
    """The corp buys uses."""
    before = corp.links.balance()
    corp.links.lots.append(Lot(expires_at, count, told=_days_passed(expires_at, world.now())))
    corp.links.lots.sort(key=lambda lot: lot.expires_at)
    if before == 0:
        world.emit(corp, acquisition_event("balance_increased", {}))


def settle(world: World) -> None:
    """Let lots come near their end, and end."""
    for corp in world.corps.values():
        if corp.links.lots:
            _settle(world, corp)


def _settle(world: World, corp: Corp) -> None:
    now, before = world.now(), corp.links.balance()
    corp.links.lots = [lot for lot in corp.links.lots if lot.expires_at > now]
    _tell_fall(world, corp, before)
    for lot in corp.links.lots:
        due = _days_passed(lot.expires_at, now)
        if lot.left and due and due[0] not in lot.told:
            # A jump over several of the days tells the last of them.
            extra: dict[str, str | int] = {"ExpireTime": lot.expires_at, "ExpireQuotaNum": lot.left}
            world.emit(corp, acquisition_event("quota_expire_soon", extra))
        lot.told = due


def _days_passed(expires_at: int, now: int) -> list[int]:
    return [days for days in DAYS_BEFORE_THE_END if expires_at - days * DAY <= now]


def _charge(world: World, corp: Corp) -> None:
    book = corp.links
    before = book.balance()
    book.used += 1
    lot = next((lot for lot in book.lots if lot.left), None)
    if lot is not None:
        lot.left -= 1
    _tell_fall(world, corp, before)


def _tell_fall(world: World, corp: Corp, before: int) -> None:
    after = corp.links.balance()
    if before >= world.tunables.quota_low > after:
        world.emit(corp, acquisition_event("balance_low", {}))
    if before > 0 == after:
        world.emit(corp, acquisition_event("balance_exhausted", {}))
