"""The report of `make demo-report FAULTS=1`: what was dropped, what reconciliation found, what the platform never reveals."""

import os
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connections

from linli.access import api as access
from linli.connect import api as connect
from linli.customers import api as customers
from linli.groups import api as groups
from linli.ledger import api as ledger
from linli.messaging import api as messaging
from linli_demo import report as plain
from linli_demo.cast import CORP_ID
from linli_demo.compare import compare
from linli_demo.kills import KILLS
from linli_demo.night import reconciled
from linli_demo.quiet import wait_until_quiet
from linli_demo.sandbox import Sandbox

Rows = list[dict[str, Any]]
DELETED = "change_external_contact.del_follow_user"
PLAYED = ("drop", "double", "reorder", "45009", "-1", "answer_lost")


def write_faulty_report(path: Path, *, story_code: int, kills: dict[str, int]) -> int:
    """Reconciles, compares, writes the report and says its checks; 0 when all hold."""
    connections.close_all()  # this process's own died with the killed server
    corp_id = next(one.id for one in access.corps() if one.wecom_id == CORP_ID)
    sandbox = Sandbox(os.environ["LINLI_SANDBOX"])
    wait_until_quiet(corp_id)
    before = _mirror(sandbox, corp_id)
    nights = reconciled(corp_id)
    found = connect.reconciliations(corp_id=corp_id)
    wait_until_quiet(corp_id)
    _wait_for_tags(sandbox)
    report = plain.collect(sandbox, corp_id)
    report["mirror"] = _mirror(sandbox, corp_id)
    report["faults"] = {"played": sandbox.get("faults")["played"], "kills": kills}
    report["reconciliation"] = {
        "nights": [asdict(one) for one in nights], "all": asdict(found), "differed_before": _differences(before),
    }  # fmt: skip
    report["last_reading"] = asdict(reconciled(corp_id)[-1].compared)
    _tell_of_the_dropped(report, sandbox, corp_id)
    report["checks"] = _checks(report, story_code)
    return plain.write(path, report)


def _wait_for_tags(sandbox: Sandbox) -> None:
    """What reconciliation found gets its tags too; where a call failed, the sweep comes within a minute."""
    for _ in range(300):
        if not _untagged(sandbox.get("state")):
            return
        time.sleep(0.5)


def _untagged(state: dict[str, Any]) -> int:
    """Relations that came by a code and do not carry its tag at WeCom."""
    one_way = {_pair(one) for one in state["one_way"]}
    return sum(bool(one["state"]) and not one["tags"] and _pair(one) not in one_way for one in state["follows"])


def revealed(state: dict[str, Any], undelivered: Rows) -> dict[str, Any]:
    """What Linli can know: relations but those that a callback told to be one-way, and customers who have any relation."""
    told = {_pair(one) for one in state["one_way"]} - {
        _pair_told(one) for one in _unheard_deletions(state, undelivered)
    }
    shown = {one["external_userid"] for one in state["follows"]}
    return {
        **state,
        "customers": [one for one in state["customers"] if one["external_userid"] in shown],
        "follows": [one for one in state["follows"] if _pair(one) not in told],
    }


def _unheard_deletions(state: dict[str, Any], undelivered: Rows) -> Rows:
    """The callbacks that never came of deletions that the API does not show: each ended the relation as it stands today.

    Who was deleted, added again and deleted again has two such events; only the later is about today's relation.
    """
    one_way = {_pair(one) for one in state["one_way"]}
    since = {_pair(one): one["createtime"] for one in state["follows"] if _pair(one) in one_way}
    return [
        one for one in undelivered if one["kind"] == DELETED and since.get(_pair_told(one), one["at"] + 1) <= one["at"]
    ]


def same(state: dict[str, Any], undelivered: Rows, linli: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Compare Linli with all that the API reveals; whom it shows no more (84061) is left out on both sides."""
    theirs = revealed(state, undelivered)
    shown = {one["external_userid"] for one in theirs["customers"]}
    hidden = {one["external_userid"] for one in state["customers"]} - shown
    ours = {**linli, "customers": [one for one in linli["customers"] if one["external_userid"] not in hidden]}
    return compare(theirs, ours)


def account(undelivered: Rows, wecom: dict[str, Any], linli: dict[str, Any]) -> dict[str, Any]:
    """What became of each event that never came.

    dropped: how many; undetectable: of what the API shows nothing; reconciled: Linli shows today what the event's object
    is at WeCom; differing: the rest, which is lost and must be 0.
    """
    unheard = _unheard_deletions(wecom, undelivered)
    ours, theirs = _by_object(linli), _by_object(revealed(wecom, undelivered))
    counts = {"reconciled": 0, "differing": 0}
    hidden = {"welcomes": 0, "one_way_deletions": 0}
    for event in undelivered:
        hidden["welcomes"] += event["welcome"]
        if event in unheard:
            hidden["one_way_deletions"] += 1
            continue
        equal = ours.get(event["about"]) == theirs.get(event["about"])
        counts["reconciled" if equal else "differing"] += 1
    return {"dropped": len(undelivered), **counts, "undetectable": hidden}


def _tell_of_the_dropped(report: dict[str, Any], sandbox: Sandbox, corp_id: int) -> None:
    wecom, counters = report["wecom"], sandbox.get("counters")
    undelivered: Rows = sandbox.get("undelivered")["events"]
    told = account(undelivered, sandbox.get("state"), _ours(corp_id))
    theirs = {one["msgid"] for one in sandbox.get("tasks", status="all")["tasks"]}
    ours = {
        msgid for one in messaging.sends(corp_id=corp_id) for msgid in messaging.msgids(corp_id=corp_id, send_id=one.id)
    }
    missing = counters["events"] - len(undelivered) - ledger.health(corp_id=corp_id).received
    wecom |= told | {
        "lost": max(0, missing) + told["differing"],  # kept and given up counts on both sides
        "given_up": sum(one["why"] == "given up" for one in undelivered),
        "turned_away": counters["refused_http"],
        "welcomes_due": counters["welcomes_heard"],
        "welcomes_said": counters["welcomes_sent"],
        "welcomes_issued": counters["welcomes_issued"],
        "tasks_at_wecom": len(theirs),
        "tasks_of_nobody": len(theirs - ours),
        "untagged": _untagged(sandbox.get("state")),
        "kinds": counters["kinds"],
        "never_came": dict(Counter(one["kind"] for one in undelivered)),
    }


def _checks(report: dict[str, Any], story_code: int) -> Rows:
    wecom, faults = report["wecom"], report["faults"]
    found = [one for one in plain.checks(report, story_code) if one["name"] not in _OF_THE_PLAIN_STORY]

    def check(name: str, seen: object, *, holds: bool) -> None:
        found.append({"name": name, "ok": holds, "seen": seen})

    check("every callback that arrived was applied", wecom, holds=wecom["callbacks_applied"] >= wecom["callbacks_sent"])
    # A callback that was kept and not answered, because the ingress died between, comes again.
    check("every double was ignored", wecom, holds=wecom["duplicates_ignored"] >= wecom["duplicates_sent"] > 0)
    check(
        "every welcome whose code arrived within its 20 s was said, once",
        wecom,
        holds=wecom["welcomes_in_time"] == wecom["welcomes_said"] == wecom["welcomes_due"] > 4_000,
    )
    night = report["reconciliation"]["nights"][-1]
    rooms = tuple(run["kind"] for run in night["runs"])
    check("the night compared every room, one after the other", night, holds=_whole(night) and rooms == connect.KINDS)
    missed, undelivered = report["reconciliation"]["all"]["missed_callbacks"], wecom["never_came"]
    # Not their number: one callback may tell of several members, and a later one may have told what an earlier one did.
    check(
        "reconciliation names callbacks as missed that never came, no others",
        missed,
        holds=sum(missed.values()) > 0 and not arrived(missed, undelivered),
    )
    again = report["last_reading"]["missed"]
    check("another night finds no missed callback", again, holds=not any(again.values()))
    hidden = wecom["undetectable"]["one_way_deletions"]
    check(
        "each dropped callback was reconciled, or the platform does not reveal it",
        wecom,
        holds=wecom["dropped"] == wecom["reconciled"] + hidden > 0,
    )
    check("each task was made once", wecom, holds=wecom["tasks_of_nobody"] == 0 < wecom["tasks_at_wecom"])
    check("every relation carries the tag of its code", wecom["untagged"], holds=wecom["untagged"] == 0)
    for fault in PLAYED:
        check(f"{fault} was really played", faults["played"].get(fault), holds=bool(faults["played"].get(fault)))
    check("each process was killed", faults["kills"], holds=set(faults["kills"]) == set(KILLS))
    return found


def _whole(night: dict[str, Any]) -> bool:
    return night["state"] == "done" and not night["compared"]["unread"]


def arrived(missed: Mapping[str, int], undelivered: Collection[str]) -> set[str]:
    """Callbacks that Linli says it missed, and of whose kind none stayed away.

    "….del" stands for both deletions; a group's update also names its detail, which the sandbox's kind does not.
    """
    named = {name for name, count in missed.items() if count}
    return {name for name in named if not any(one.startswith(name) or name.startswith(one) for one in undelivered)}


_OF_THE_PLAIN_STORY = frozenset(
    {
        "every callback was applied",
        "every double was ignored",
        "faults were really played",
        "every welcome came in time",
    }
)


def _mirror(sandbox: Sandbox, corp_id: int) -> dict[str, dict[str, Any]]:
    undelivered: Rows = sandbox.get("undelivered")["events"]
    return same(sandbox.get("state"), undelivered, _ours(corp_id))


def _ours(corp_id: int) -> dict[str, Any]:
    return {**customers.digest(corp_id=corp_id), **groups.state_rows(corp_id=corp_id)}


def _differences(mirror: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {what: one["differing"] for what, one in mirror.items()}


def _pair(row: dict[str, Any]) -> tuple[str, str]:
    return row["userid"], row["external_userid"]


def _pair_told(event: dict[str, Any]) -> tuple[str, str]:
    return event["userid"], event["about"]


def _by_object(state: dict[str, Any]) -> dict[str, list[str]]:
    """Every row by the object that an event would name: a customer, a group, a tag."""
    found: dict[str, list[str]] = {}
    for what, key in (("follows", "external_userid"), ("groups", "chat_id"), ("members", "chat_id"), ("tags", "id")):
        for row in state[what]:
            kept = sorted((name, str(value)) for name, value in row.items() if name not in {"order", "group_id"})
            found.setdefault(row[key], []).append(f"{what} {kept}")
    return {key: sorted(rows) for key, rows in found.items()}
