"""Callbacks as the drain would hand them over, and comparing with the sandbox's own memory."""

from typing import Any

from linli.customers import api as customers
from linli.ledger.models import FactRow
from linli.wecom.events import Event, parse_event
from tests.sandbox.stage import CORP, Stage


def event(change: str, userid: str, external_userid: str, at: int, **more: str) -> Event:
    """A change_external_contact event as a room gets it."""
    return parse_event(payload(change, userid, external_userid, at, **more))


def payload(change: str, userid: str, external_userid: str, at: int, **more: str) -> bytes:
    """The event as the ingress keeps it."""
    extra = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in more.items())
    text = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[change_external_contact]]></Event>"
        f"<ChangeType><![CDATA[{change}]]></ChangeType><UserID><![CDATA[{userid}]]></UserID>"
        f"<ExternalUserID><![CDATA[{external_userid}]]></ExternalUserID>{extra}</xml>"
    )
    return text.encode()


def created(stage: Stage, userid: str, external_userid: str) -> int:
    """When the sandbox says the relation began."""
    found = [
        row["createtime"]
        for row in stage.control("state")["follows"]
        if (row["userid"], row["external_userid"]) == (userid, external_userid)
    ]
    return found[0]


def theirs(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """The sandbox's customers, relations and tags in the digest's form."""
    state = stage.control("state")
    return {
        "customers": [
            {name: row[name] for name in ("external_userid", "name", "unionid", "type", "gender")}
            for row in state["customers"]
        ],
        "follows": state["follows"],
        "tags": [{name: row[name] for name in ("id", "name", "group_name")} for row in state["tags"]],
    }


def ours(corp_id: int) -> dict[str, list[dict[str, Any]]]:
    return customers.digest(corp_id=corp_id)


def said(corp_id: int, *kinds: str) -> list[str]:
    """Kinds of the facts said so far, in order."""
    rows = FactRow.objects.filter(corp_id=corp_id, kind__startswith="customers.").order_by("id")
    found = list(rows.values_list("kind", flat=True))
    return [kind for kind in found if not kinds or kind in kinds]
