"""What conditions over people, relations and tags mean in SQL: each gives a select of customer ids.

A condition is its JSON with `as_of` (an aware moment) added; the keys are listed in README.md.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from linli.access import api as access
from linli.kit.clock import now

Sql = tuple[str, list[object]]

_TAG_ANY = """SELECT follow.customer_id FROM customers_followtag AS mark
JOIN customers_follow AS follow ON follow.id = mark.follow_id AND follow.live
WHERE mark.corp_id = %s AND mark.tag_id = ANY(%s)
UNION
SELECT customer_id FROM customers_customertag WHERE corp_id = %s AND tag_id = ANY(%s)"""

_TAG_ALL = """SELECT customer_id FROM (
    SELECT follow.customer_id, mark.tag_id FROM customers_followtag AS mark
    JOIN customers_follow AS follow ON follow.id = mark.follow_id AND follow.live
    WHERE mark.corp_id = %s AND mark.tag_id = ANY(%s)
    UNION
    SELECT customer_id, tag_id FROM customers_customertag WHERE corp_id = %s AND tag_id = ANY(%s)
) AS held GROUP BY customer_id HAVING count(*) = %s"""


def tag(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """Has any (match "any") or every (match "all") of `tag_ids`, over live relations and Linli's own tags."""
    tag_ids = sorted(set(condition["tag_ids"]))
    if condition.get("match", "any") == "all":
        return _TAG_ALL, [corp_id, tag_ids, corp_id, tag_ids, len(tag_ids)]
    return _TAG_ANY, [corp_id, tag_ids, corp_id, tag_ids]


def channel(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """First came through a live code with one of these states."""
    sql = "SELECT id FROM customers_customer WHERE corp_id = %s AND channel_state = ANY(%s)"
    return sql, [corp_id, list(condition["states"])]


def shop(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """Home shop is one of these; with relation "live", a clerk of one of these follows them now."""
    shop_ids = list(condition["shop_ids"])
    if condition.get("relation", "home") == "live":
        sql = (
            "SELECT follow.customer_id FROM customers_follow AS follow"
            " JOIN directory_staff AS staff ON staff.id = follow.staff_id"
            " WHERE follow.corp_id = %s AND follow.live AND staff.shop_id = ANY(%s)"
        )
        return sql, [corp_id, shop_ids]
    return "SELECT id FROM customers_customer WHERE corp_id = %s AND home_shop_id = ANY(%s)", [corp_id, shop_ids]


def following(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """Has a live relation with anybody."""
    del condition
    return "SELECT customer_id FROM customers_follow WHERE corp_id = %s AND live", [corp_id]


def consent(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """Has (or has not) asked to be left alone: `consent` true means may be written to."""
    sql = "SELECT id FROM customers_customer WHERE corp_id = %s AND consent = %s"
    return sql, [corp_id, bool(condition.get("consent", True))]


def added(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """First added in the last `days`, or from day `since` to day `until` of the corp's calendar, both included."""
    zone = ZoneInfo(access.corp(corp_id=corp_id).zone)
    as_of: datetime = condition.get("as_of") or now()
    sql = "SELECT id FROM customers_customer WHERE corp_id = %s AND first_added_at <= %s"
    values: list[object] = [corp_id, as_of]
    if condition.get("days") is not None:
        sql, values = sql + " AND first_added_at >= %s", [*values, as_of - timedelta(days=int(condition["days"]))]
    if condition.get("since"):
        sql, values = sql + " AND first_added_at >= %s", [*values, _midnight(condition["since"], zone)]
    if condition.get("until"):
        sql, values = sql + " AND first_added_at < %s", [*values, _midnight(condition["until"], zone, after=1)]
    return sql, values


def _midnight(day: str, zone: ZoneInfo, *, after: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=after), time.min, zone)


def everyone(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """All customers of the corp, whether or not a clerk can reach them; the erased are no customers."""
    del condition
    return "SELECT id FROM customers_customer WHERE corp_id = %s AND erased_at IS NULL", [corp_id]


CONDITIONS: dict[str, Callable[..., Sql]] = {
    "everyone": everyone,
    "tag": tag,
    "channel": channel,
    "shop": shop,
    "following": following,
    "consent": consent,
    "added": added,
    "added_between": added,
}
