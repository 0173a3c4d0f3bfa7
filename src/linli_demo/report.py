"""demo-report.json: what the story came to, and every check of it; the exit code says whether all of them hold."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linli.access import api as access
from linli.commerce import api as commerce
from linli.customers import api as customers
from linli.groups import api as groups
from linli.insights import api as insights
from linli.ledger import api as ledger
from linli.messaging import api as messaging
from linli_demo.cast import CORP_ID, TODAY
from linli_demo.compare import compare
from linli_demo.quiet import subscribers, wait_until_quiet
from linli_demo.sandbox import Sandbox

PUBLISHED = {
    "hibernating": 1074, "loyal_customers": 817, "champions": 606, "at_risk": 569, "potential_loyalists": 492,
    "about_to_sleep": 322, "need_attention": 205, "promising": 112, "cant_lose": 84, "new_customers": 57,
}  # fmt: skip
ORDERS = {"lines": 541_909, "invoices": 25_900, "customers": 4_372, "lines_without_customer": 135_080}


def write_report(path: Path, *, story_code: int) -> int:
    """Writes the report and says its checks; 0 when all hold."""
    corp_id = next(one.id for one in access.corps() if one.wecom_id == CORP_ID)
    sandbox = Sandbox(os.environ["LINLI_SANDBOX"])
    wait_until_quiet(corp_id)
    report = collect(sandbox, corp_id)
    report["last_reading"] = asdict(customers.reconcile(corp_id=corp_id))  # after the mirror was compared
    report["checks"] = checks(report, story_code)
    return write(path, report)


def write(path: Path, report: dict[str, Any]) -> int:
    """Writes the file and says its checks; 0 when all hold."""
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    failed = [check for check in report["checks"] if not check["ok"]]
    for check in report["checks"]:
        print(
            f"  {'ok  ' if check['ok'] else 'FAIL'} {check['name']}" + (f"  {check['seen']}" if not check["ok"] else "")
        )
    print(f"linli: {path} is written; {len(report['checks']) - len(failed)} of {len(report['checks'])} checks hold")
    return int(bool(failed))


def collect(sandbox: Sandbox, corp_id: int) -> dict[str, Any]:
    """The report without its checks."""
    figures = commerce.figures(corp_id=corp_id)
    health, welcomes = ledger.health(corp_id=corp_id), ledger.welcome_figures(corp_id=corp_id)
    counters = sandbox.get("counters")
    return {
        "today": str(TODAY),
        "orders": {
            "lines": figures.lines, "invoices": figures.invoices, "customers": figures.customers,
            "lines_without_customer": figures.lines_without_customer, "only_cancelled": figures.refund_only,
        },
        "rfm": _rfm(corp_id, "published"),
        "rfm_default": _rfm(corp_id, "default"),
        "wecom": {
            "callbacks_sent": counters["callbacks_sent"], "callbacks_applied": health.applied,
            "duplicates_sent": counters["deliveries"] - counters["callbacks_sent"],
            "duplicates_ignored": ledger.copies(corp_id=corp_id), "reordered": counters["reordered"],
            "events": counters["events"], "turned_away": counters["refused_http"] + counters["failed"],
            "lost": counters["events"] - health.received, "waiting": health.waiting, "parked": health.parked,
            "welcomes_due": welcomes.due, "welcomes_in_time": welcomes.in_time, "welcomes_not_said": ledger.welcome_notes(corp_id=corp_id),
            "welcome_p50_ms": welcomes.p50_ms, "welcome_p99_ms": welcomes.p99_ms, "refused": health.counted,
        },
        "sends": [_send(corp_id, one.id, one.name) for one in messaging.sends(corp_id=corp_id)],
        "insights": insights.report(corp_id=corp_id),
        "mirror": compare(
            sandbox.get("state"), {**customers.digest(corp_id=corp_id), **groups.state_rows(corp_id=corp_id)}
        ),
        "subscribers_behind": ledger.lag(names=subscribers()),
    }  # fmt: skip


def checks(report: dict[str, Any], story_code: int) -> list[dict[str, Any]]:
    """Every promise of the report as a line."""
    wecom, found = report["wecom"], []

    def check(name: str, seen: object, *, holds: bool) -> None:
        found.append({"name": name, "ok": holds, "seen": seen})

    check("the story was told to its end", story_code, holds=story_code == 0)
    orders = report["orders"]
    for key, wanted in ORDERS.items():
        check(f"orders.{key} = {wanted}", orders[key], holds=orders[key] == wanted)
    check("33 customers only ever cancelled", orders["only_cancelled"], holds=orders["only_cancelled"] == 33)
    check("RFM by the published method equals the published counts", report["rfm"], holds=report["rfm"] == PUBLISHED)
    check("no callback was lost", wecom["lost"], holds=wecom["lost"] == 0)
    check("no callback was turned away", wecom["turned_away"], holds=wecom["turned_away"] == 0)
    check("every callback was applied", wecom, holds=wecom["callbacks_applied"] == wecom["callbacks_sent"])
    check("nothing waits or is parked", wecom, holds=wecom["waiting"] == wecom["parked"] == 0)
    check("every double was ignored", wecom, holds=wecom["duplicates_ignored"] == wecom["duplicates_sent"])
    check("faults were really played", wecom, holds=wecom["duplicates_sent"] > 0 and wecom["reordered"] > 0)
    check("every welcome came in time", wecom, holds=wecom["welcomes_in_time"] == wecom["welcomes_due"] > 4_000)
    for send in report["sends"]:
        check(f"send “{send['name']}” adds up", send, holds=_adds_up(send))
    check("two sends were made", len(report["sends"]), holds=len(report["sends"]) == 2)
    for what, same in report["mirror"].items():
        check(f"Linli's {what} equal the sandbox's", same, holds=same["linli"] == same["wecom"])
    read = report["last_reading"]
    check(
        "a reading of every relation finds nothing that no callback told",
        read,
        holds=read["read"] > 4_000 and not read["added"] and not read["ended"],
    )
    behind = report["subscribers_behind"]
    check("every subscriber has read everything", behind, holds=not any(behind.values()))
    return found


def _rfm(corp_id: int, method: str) -> dict[str, int]:
    return {cell.segment: cell.people for cell in commerce.rfm_summary(corp_id=corp_id, method=method)}


def _send(corp_id: int, send_id: int, name: str) -> dict[str, Any]:
    funnel = messaging.funnel(corp_id=corp_id, send_id=send_id)
    return {"name": name, **asdict(funnel)}


def _adds_up(send: dict[str, Any]) -> bool:
    excluded = sum(send["excluded"].values())
    return bool(
        send["planned"] == excluded + send["holdout"] + send["tasked"] + sum(send["failed"].values())
        and send["tasked"] == send["confirmed"] + send["unconfirmed"] + sum(send["cancelled"].values())
        and send["confirmed"] == send["sent"] + send["over_limit"] + send["not_friend"]
        and send["unknown"] == send["waiting"] == send["pending"] == send["no_result"] == 0
        and send["sent"] > 0
        and send["holdout"] > 0
    )
