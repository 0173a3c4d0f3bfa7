"""What a seed of this kind makes happen. Pure: the same seed plans the same, whatever Linli does."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from linli.kit.killpoints import POINTS
from linli_chaos.plot import OURS, Act, Fates, Plot, misfortunes
from linli_chaos.turnover.beginning import CLERKS, SHOPS

WAITING = 2  # transfer_result's word for a customer who may still refuse
# Points that only a story of this kind passes; imports, replays and pages have tests of their own.
THEIRS = tuple(one for one in POINTS if one.startswith(("archive.", "customers.", "handover.")))
SHARED = tuple(one for one in OURS if not one.startswith("audit."))  # no page is asked for here
STAFF_ODDS = 0.2
FILE_ODDS = 0.15
# An act of these is about a member: nothing else happens in its second.
_STAFF = {"staff_leaves": 5, "renamed": 3, "newcomer": 4, "moved": 2, "department": 1}


def fates(seed: int, events: int) -> Fates:
    """One point of this kind's own and one of the other's, each in turn over all of them; two moments."""
    rng = Random(f"turnover/fates/{seed}")  # noqa: S311 - repeatable, not secret
    return misfortunes(rng, seed, events, [THEIRS[seed % len(THEIRS)], SHARED[seed % len(SHARED)]])


@dataclass
class TurnoverPlot(Plot):
    """Chooses acts from what the sandbox's people, codes, links and hand-overs are by now (state and census in one)."""

    stream: ClassVar[str] = "turnover/plot"
    weights: ClassVar[Mapping[str, int]] = {
        "scan": 22, "half_scan": 4, "staff_accepts": 4, "join": 8, "staff_remarks": 6, "staff_tags": 4, "leave": 3,
        "customer_deletes": 3, "again": 4, "staff_deletes": 2, "invite": 4, "kick": 1, "create_group": 2,
        "dismiss_group": 1, "owner_edits_group": 3, "admin_creates_tags": 1, "customer_writes": 14, "staff_writes": 8,
        "group_writes": 6, "takes_back": 3, "agree_to_archive": 2, "refuse_archive": 1,
        "customer_refuses_transfer": 8, "post_moment": 3, "like_moment": 3, "comment_moment": 2, "delete_moment": 1,
        "opens_link": 6, "other_scan": 4,
    }  # fmt: skip
    said: list[str] = field(default_factory=list)  # the msgids of what was said, the last ones
    renamed: dict[str, str] = field(default_factory=dict)  # userids that were, and what they became

    def batch(self, state: dict[str, Any]) -> list[Act]:
        """One act about a member, alone in its second, or acts about different objects."""
        if self.rng.random() < STAFF_ODDS:
            kind = self.rng.choices(list(_STAFF), list(_STAFF.values()))[0]
            act = getattr(self, f"_{kind}")(state)
            return [act] if act else []
        return super().batch(state)

    def elsewhere(self, state: dict[str, Any]) -> Act | None:
        """What another program asks WeCom for now: a path and its body, or nothing."""
        staff = [one["userid"] for one in state["staff"]]
        own = [one for one in state["contact_ways"] if one["state"].startswith("other-")]
        draw = self.rng.random()
        self.people += 1
        made = f"other-{self.seed}-{self.people}"
        if draw < 0.4:
            body: dict[str, Any] = {"type": 2, "scene": 2, "state": made, "user": self.rng.sample(staff, 2)}
            return {"path": "add_contact_way", "body": body}
        if draw < 0.55 and own:
            return {"path": "del_contact_way", "body": {"config_id": self.rng.choice(own)["config_id"]}}
        if draw < 0.65:
            chat = self.rng.choice(state["groups"])["chat_id"]
            body = {"scene": 2, "chat_id_list": [chat], "auto_create_room": 0, "state": made}
            return {"path": "groupchat/add_join_way", "body": body}
        if draw < 0.85:
            body = {"link_name": made, "range": {"user_list": self.rng.sample(staff, 2)}, "skip_verify": True}
            return {"path": "customer_acquisition/create_link", "body": body}
        if state["links"]:
            link = self.rng.choice(state["links"])["link_id"]
            return {"path": "customer_acquisition/delete_link", "body": {"link_id": link}}
        return None

    def _clerks(self, state: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in state["staff"] if set(one["department"]) & SHOPS.keys()]

    def _staff_leaves(self, state: dict[str, Any]) -> Act | None:
        """Somebody of a shop in which two who are behind its code stay."""
        first = {self.renamed.get(one, one) for one in CLERKS}
        free = []
        for shop in SHOPS:
            here = [one["userid"] for one in self._clerks(state) if shop in one["department"]]
            if len(first.intersection(here)) > 1:
                free += here
            else:
                free += [one for one in here if one not in first]
        return {"kind": "staff_leaves", "userid": self.rng.choice(free)} if free else None

    def _renamed(self, state: dict[str, Any]) -> Act | None:
        one = self.rng.choice(self._clerks(state))["userid"]
        self.people += 1
        new = f"id{self.people}-{one.rpartition('-')[2]}"
        for was, now in self.renamed.items():
            if now == one:
                self.renamed[was] = new
        self.renamed[one] = new
        return {"kind": "admin_edits_member", "userid": one, "new_userid": new}

    def _newcomer(self, state: dict[str, Any]) -> Act:
        del state
        self.people += 1
        shop = self.rng.choice(list(SHOPS))
        one = f"neu{self.people}-{shop}"
        return {"kind": "admin_adds_member", "userid": one, "name": one, "department": [shop], "position": "导购"}

    def _moved(self, state: dict[str, Any]) -> Act:
        one = self.rng.choice(self._clerks(state))
        return {
            "kind": "admin_edits_member", "userid": one["userid"], "name": f"名{self.rng.randrange(999)}",
            "department": [self.rng.choice(list(SHOPS))],
        }  # fmt: skip

    def _department(self, state: dict[str, Any]) -> Act:
        del state
        self.people += 1
        return {"kind": "admin_adds_department", "name": f"柜{self.people}", "parentid": self.rng.choice(list(SHOPS))}

    def _half_scan(self, kind: str, state: dict[str, Any]) -> Act:
        return {**self._scan(kind, state), "kind": "scan", "half": True}

    def _staff_accepts(self, kind: str, state: dict[str, Any]) -> Act | None:
        return {"kind": kind, **self.rng.choice(state["halves"])} if state["halves"] else None

    def _other_scan(self, kind: str, state: dict[str, Any]) -> Act | None:
        others = [one["state"] for one in state["contact_ways"] if one["state"].startswith("other-")]
        return {**self._scan(kind, state), "kind": "scan", "state": self.rng.choice(others)} if others else None

    def _create_group(self, kind: str, state: dict[str, Any]) -> Act:
        owner = self.rng.choice(self._clerks(state))["userid"]
        return {"kind": kind, "owner": owner, "name": f"群{len(state['groups'])}", "members": []}

    def _owner_edits_group(self, kind: str, state: dict[str, Any]) -> Act:
        chat = self.rng.choice(state["groups"])["chat_id"]
        return {"kind": kind, "chat_id": chat, "notice": f"公告{self.rng.randrange(9999)}"}

    def _customer_writes(self, kind: str, state: dict[str, Any]) -> Act | None:
        if not state["follows"]:
            return None
        one = self.rng.choice(state["follows"])
        pair = {"userid": one["userid"], "external_userid": one["external_userid"]}
        return {"kind": kind, **pair, **self._words()}

    _staff_writes = _customer_writes

    def _group_writes(self, kind: str, state: dict[str, Any]) -> Act | None:
        del kind
        inside = [one for one in state["members"] if one["type"] == 2]
        if not inside:
            return None
        one = self.rng.choice(inside)
        who = {"chat_id": one["chat_id"], "external_userid": one["userid"]}
        return {"kind": "customer_writes", **who, **self._words()}

    def _words(self) -> Act:
        self.people += 1
        if self.rng.random() >= FILE_ODDS:
            return {"text": f"第{self.people}句"}
        data = self.rng.randbytes(self.rng.randint(100, 4000))
        return {"content": {"msgtype": "image", "image": {}}, "file": base64.b64encode(data).decode()}

    def _takes_back(self, kind: str, state: dict[str, Any]) -> Act | None:
        del state
        return {"kind": kind, "msgid": self.rng.choice(self.said)} if self.said else None

    def _agree_to_archive(self, kind: str, state: dict[str, Any]) -> Act | None:
        if not state["follows"]:
            return None
        one = self.rng.choice(state["follows"])
        return {"kind": kind, "userid": one["userid"], "external_userid": one["external_userid"]}

    _refuse_archive = _agree_to_archive

    def _customer_refuses_transfer(self, kind: str, state: dict[str, Any]) -> Act | None:
        under_way = [one["external_userid"] for one in state["transfers"] if one["status"] == WAITING]
        return {"kind": kind, "external_userid": self.rng.choice(under_way)} if under_way else None

    def _post_moment(self, kind: str, state: dict[str, Any]) -> Act:
        self.people += 1
        return {"kind": kind, "userid": self.rng.choice(self._clerks(state))["userid"], "text": f"朋友圈{self.people}"}

    def _like_moment(self, kind: str, state: dict[str, Any]) -> Act | None:
        seen = [
            (one["moment_id"], copy["userid"], who)
            for one in state["moments"]
            for copy in one["copies"]
            for who in copy["seen"]
        ]
        if not seen:
            return None
        moment, userid, who = self.rng.choice(seen)
        act = {"kind": kind, "moment_id": moment, "userid": userid, "external_userid": who}
        return {**act, "says": "好"} if kind == "comment_moment" else act

    _comment_moment = _like_moment

    def _delete_moment(self, kind: str, state: dict[str, Any]) -> Act | None:
        return {"kind": kind, "moment_id": self.rng.choice(state["moments"])["moment_id"]} if state["moments"] else None

    def _opens_link(self, kind: str, state: dict[str, Any]) -> Act | None:
        links = [one["link_id"] for one in state["links"] if not one["unavailable"]]
        if not links:
            return None
        link = self.rng.choice(links)
        return {"kind": kind, "id": link, "url": f"/ca/{link}", "person": self._scan(kind, state)["person"]}
