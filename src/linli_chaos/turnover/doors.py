"""What a seed of this kind asks of Linli; each function runs in a child process of its own."""

from concurrent.futures import Executor
from random import Random
from typing import Any

from django.apps import apps
from django.db import connection

from linli.acquisition.reconciling import reconcile as compare_codes
from linli.archive import api as archive
from linli.archive.models import Media, Message
from linli.customers import api as customers
from linli.directory import api as directory
from linli.directory.models import Staff
from linli.groups import api as groups
from linli.handover import api as handover
from linli.kit.errors import LinliError
from linli.ledger import api as ledger
from linli.project.subscriptions import SUBSCRIPTIONS
from linli.wecom.archive_messages import build_message
from linli_chaos import doors
from linli_chaos.doors import corp

Rows = list[tuple[Any, ...]]
# Without who left, and who is only named somewhere (0: a moment of somebody who had left before anybody read of them).
_STAFF = """
SELECT userid, name FROM directory_staff
WHERE corp_id = %s AND status NOT IN (0, 5) AND out_of_sight_at IS NULL AND now_id IS NULL ORDER BY userid
"""
_UNSEEN = "SELECT userid FROM directory_staff WHERE corp_id = %s AND out_of_sight_at IS NOT NULL AND now_id IS NULL"
_IDS = "SELECT userid FROM directory_staff WHERE corp_id = %s AND now_id IS NULL"
_LEFT = "SELECT userid FROM directory_staff WHERE corp_id = %s AND status = 5 AND now_id IS NULL"
_DEPARTMENTS = "SELECT wecom_id, name FROM directory_department WHERE corp_id = %s AND gone_at IS NULL ORDER BY 1"
_UNASSIGNED = """
SELECT s.userid, u.external_userid FROM handover_unassigned u JOIN directory_staff s ON s.id = u.staff_id
WHERE u.corp_id = %s AND u.gone_at IS NULL ORDER BY 1, 2
"""
_MOVES = """
SELECT m.external_userid, m.state, m.code, m.began_at IS NOT NULL, h.resigned, giver.userid, taker.userid
FROM handover_customermove m JOIN handover_handover h ON h.id = m.handover_id
     JOIN directory_staff giver ON giver.id = m.giver_id LEFT JOIN directory_staff taker ON taker.id = m.taker_id
WHERE m.corp_id = %s AND m.state <> 'left_out' ORDER BY m.id
"""
_ROOMS = """
SELECT m.chat_id, m.state, m.code, m.began_at IS NOT NULL, giver.userid, taker.userid
FROM handover_groupmove m JOIN directory_staff giver ON giver.id = m.giver_id
     LEFT JOIN directory_staff taker ON taker.id = m.taker_id
WHERE m.corp_id = %s AND m.state <> 'left_out'
"""
# Said once for each customer and group of a hand-over, whatever repeated it.
_DOUBLED = """
SELECT kind, subject, data->>'handover', count(*) FROM ledger_fact
WHERE corp_id = %s AND kind LIKE 'handover.%%handed_over' GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
_OTHER_CODES = "SELECT config_id, state FROM acquisition_othercode WHERE corp_id = %s AND gone_at IS NULL ORDER BY 1"
_OWN_CODES = "SELECT config_id, state FROM acquisition_livecode WHERE corp_id = %s AND closed_at IS NULL ORDER BY 1"
# A link that does not work any more is in no list, and nobody knows of one that never was.
_LINKS = """
SELECT link_id, name, customers FROM acquisition_otherlink
WHERE corp_id = %s AND gone_at IS NULL AND off_at IS NULL ORDER BY 1
"""
_MOMENTS = """
SELECT m.moment_id, m.text, count(DISTINCT c.id) FILTER (WHERE c.published_by IS NOT NULL),
       count(r.id) FILTER (WHERE r.kind = 'comment')
FROM messaging_moment m LEFT JOIN messaging_momentcopy c ON c.moment_id = m.id
     LEFT JOIN messaging_momentreaction r ON r.copy_id = c.id
WHERE m.corp_id = %s AND m.gone_at IS NULL GROUP BY 1, 2 ORDER BY 1
"""
# A relation's history is told by its callbacks alone, but where its clerk left or has another id by now. What no callback told
# of ended when a reading found out (`lost_by` is empty), which is another moment in each order.
_HISTORY = """
SELECT c.external_userid, s.userid, f.live, f.added_at::text, CASE f.lost_by WHEN '' THEN '' ELSE f.lost_at::text END,
       f.lost_by, f.state_text
FROM customers_follow f JOIN customers_customer c ON c.id = f.customer_id JOIN directory_staff s ON s.id = f.staff_id
WHERE f.corp_id = %s AND s.userid = ANY(%s) ORDER BY 1, 2
"""

# Who makes one of two rows of a clerk; nothing else is done again.
_OF_ONE_CLERK = tuple(
    one for one in SUBSCRIPTIONS if {"directory.staff_merged", "directory.staff_renamed"} & set(one.kinds)
)


def set_rule(mode: str) -> None:
    """What the operator wants done when a clerk leaves."""
    handover.set_rule(corp_id=corp(), mode=mode, split="known", groups_to="shared", customer_cap=5000, author="周岚")


def hand_over(chance: str) -> None:
    """The operator gives somebody's customers to others: of a clerk who left, or of one who stays; or lets it be."""
    rng, corp_id = Random(chance), corp()  # noqa: S311 - repeatable, not secret
    staff = [one for one in directory.staff(corp_id=corp_id) if one.shop_id is not None]
    waiting = {one.staff_id: one.handover_id for one in handover.unassigned(corp_id=corp_id)}
    givers = sorted(waiting) if waiting and rng.random() < 0.7 else [one.id for one in staff]
    if rng.random() < 0.3:
        givers = [one.id for one in directory.leavers(corp_id=corp_id)] or givers
    giver = rng.choice(givers)
    takers = [one.id for one in staff if one.id != giver]
    wish = handover.Wish(
        giver_id=giver, taker_ids=tuple(rng.sample(takers, min(len(takers), rng.randint(1, 3)))),
        split=rng.choice(handover.SPLITS), customers=rng.random() < 0.9, groups_to=rng.choice(("shared", "keeper")),
        message="以后由我的同事照顾您～" if rng.random() < 0.3 else "",
    )  # fmt: skip
    try:
        handover.start(corp_id=corp_id, wish=wish, author="周岚")
    except LinliError:  # nobody would go, or the clerk is back: the page says why
        return


def read_lists() -> None:
    """The operator asks for the address book and for who is unassigned, in the middle of the day."""
    handover.sync_soon(corp_id=corp())


def figures() -> dict[str, Any]:
    """How Linli stands in what this kind is about."""
    found = {
        "staff": _STAFF, "ids": _IDS, "left": _LEFT, "unseen": _UNSEEN, "departments": _DEPARTMENTS, "unassigned": _UNASSIGNED,
        "moves": _MOVES, "rooms": _ROOMS, "doubled": _DOUBLED, "other_codes": _OTHER_CODES, "own_codes": _OWN_CODES,
        "links": _LINKS, "moments": _MOMENTS,
    }  # fmt: skip
    return {
        **{name: _ask(sql) for name, sql in found.items()},
        "messages": _messages(),
        "files": _files(),
        "strays": _strays(),
    }


def _messages() -> Rows:
    """Every archived message, opened: its id, who said it, its kind, a digest of what it says; doubled ones come twice."""
    corp_id, rows = corp(), []
    for msgid in Message.objects.filter(corp_id=corp_id).order_by("msgid").values_list("msgid", flat=True):
        kept = archive.message(corp_id=corp_id, msgid=msgid)
        assert kept is not None
        whole = build_message(kept)
        kind = whole.get("msgtype", "")
        words = whole.get(kind, {})
        rows.append((msgid, whole.get("from", ""), kind, words.get("content") or words.get("md5sum") or ""))
    return rows


def _files() -> Rows:
    """Files by state, and how many pieces of them are kept: what is whole was compared with its MD5 by Linli itself."""
    rows = Media.objects.filter(corp_id=corp()).order_by("msgid").values_list("msgid", "state", "md5sum")
    return [tuple(row) for row in rows]


def compared(executor: Executor, clerks: list[str], untold: frozenset[str]) -> dict[str, Any]:
    """After events in another order: the night's comparisons, then all that WeCom shows, as Linli holds it.

    Of hand-overs no callback tells everything: it takes the lists to know who follows now. Somebody whose change of id was
    never told is two people (`untold`): the rows of their ids are left out.
    """
    corp_id = corp()
    _tell()
    directory.sync(corp_id=corp_id)
    _tell()
    customers.sync(corp_id=corp_id)
    groups.sync(corp_id=corp_id)
    handover.reconcile(corp_id=corp_id)
    compare_codes(corp_id=corp_id)
    doors.drain(executor)
    _tell()
    held = figures()
    history = _ask(_HISTORY, clerks)
    parts = ("staff", "departments", "unassigned", "other_codes", "own_codes", "links")
    mirror = doors.mirror()
    mirror["follows"] = [one for one in mirror["follows"] if one["userid"] not in untold]
    found = {name: held[name] for name in parts}
    found |= {name: [row for row in held[name] if row[0] not in untold] for name in ("staff", "unassigned")}
    return {**mirror, **found, "history": history}


def _strays() -> Rows:
    """Tables and columns that still name a row which was found to be somebody else's."""
    metas = (model._meta for model in apps.get_models() if model is not Staff)  # noqa: SLF001 - Django documents it
    columns = [
        (meta.db_table, one.column) for meta in metas for one in meta.concrete_fields if one.related_model is Staff
    ]
    sql = (
        "SELECT count(*) FROM {} t JOIN directory_staff s ON s.id = t.{} WHERE s.corp_id = %s AND s.now_id IS NOT NULL"
    )
    found = ((table, column, _ask(sql.format(table, column))[0][0]) for table, column in columns)
    return [row for row in found if row[2]]


def _tell() -> None:
    """What makes one clerk of two rows is done, as it is at work long before a night."""
    while ledger.sequence_once() + ledger.deliver_once(_OF_ONE_CLERK):
        pass


def _ask(sql: str, *more: Any) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, [corp(), *more])
        return [tuple(row) for row in cursor.fetchall()]
