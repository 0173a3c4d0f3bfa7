"""Hand-overs for the tests: short words for what is done often, on a real sandbox over HTTP."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from linli.customers import api as customers
from linli.directory import api as directory
from linli.directory.models import Staff
from linli.groups import api as groups
from linli.handover import api
from linli.handover.models import Call, CustomerMove, GroupMove, Handover
from linli.kit.clock import frozen, now
from linli.ledger.delivery import deliver_once
from linli.ledger.models import FactRow
from linli.ledger.sequencer import sequence_once
from linli.project.routes import ROUTES
from linli.project.subscriptions import SUBSCRIPTIONS
from linli.wecom.events import parse_event
from tests.connect.staged import SHOPS, befriend, seed
from tests.exchange.asking import pass_days
from tests.sandbox.stage import CORP, Receiver, Stage


@dataclass
class Firm:
    """A corp of Linli and its sandbox; `people` are external_userids by number."""

    corp_id: int
    stage: Stage
    people: dict[int, str] = field(default_factory=dict)
    receiver: Receiver | None = None
    told: int = 0
    frozen: Any = None
    clock: Any = None

    def open(self) -> None:
        self.frozen = frozen(now())
        self.clock = self.frozen.__enter__()
        world = seed(shops=2, clerks=3)
        for user in world["users"]:
            if user["userid"].endswith("-0"):
                user["position"] = "店长"
        self.stage.control("seed", {**world, "reset": True})
        self.receiver = Receiver()
        self.stage.listen(self.receiver)
        directory.sync(corp_id=self.corp_id)
        directory.choose_shop_parent(corp_id=self.corp_id, parent_wecom_id=SHOPS)
        directory.sync(corp_id=self.corp_id)

    def close(self) -> None:
        assert self.receiver is not None
        self.receiver.hosted.stop()
        self.frozen.__exit__(None, None, None)

    def befriended(self, count: int, clerk: str = "clerk0-1", start: int = 0) -> list[str]:
        """So many customers of a clerk, known to Linli."""
        for n in range(start, start + count):
            self.people[n] = befriend(self.stage, n, clerk)
        customers.sync(corp_id=self.corp_id)
        return [self.people[n] for n in range(start, start + count)]

    def room(self, owner: str = "clerk0-1", name: str = "一店福利群1", **more: Any) -> str:
        chat = str(self.stage.act("create_group", owner=owner, name=name, members=[], **more)["chat_id"])
        groups.sync(corp_id=self.corp_id)
        return chat

    def staff(self, userid: str) -> int:
        return Staff.objects.get(corp_id=self.corp_id, userid=userid).pk

    def leaves(self, userid: str = "clerk0-1") -> None:
        self.stage.act("staff_leaves", userid=userid)
        self.told_deleted(userid)

    def told_deleted(self, userid: str) -> None:
        """The callback of 通讯录同步: a member was deleted."""
        told = (
            f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName><CreateTime>1</CreateTime>"
            "<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType>"
            f"<UserID>{userid}</UserID></xml>"
        )
        event = parse_event(told.encode())
        route = next(one for one in ROUTES if event.kind.startswith(one.kinds))
        route.handler(event, corp_id=self.corp_id)

    def wish(self, giver: str = "clerk0-1", takers: tuple[str, ...] = (), **more: Any) -> api.Wish:
        values = {"groups_to": "stay", "split": "even", **more}
        return api.Wish(giver_id=self.staff(giver), taker_ids=tuple(self.staff(one) for one in takers), **values)

    def plan(self, *args: Any, **more: Any) -> api.Plan:
        return api.plan(corp_id=self.corp_id, wish=self.wish(*args, **more))

    def begin(self, *args: Any, work: bool = True, **more: Any) -> int:
        key = api.start(corp_id=self.corp_id, wish=self.wish(*args, **more), author="周岚")
        if work:
            self.work(key)
        return key

    def work(self, key: int) -> None:
        api.carry_out(corp_id=self.corp_id, handover_id=key)

    def a_day(self, days: int = 1) -> None:
        """The sandbox's clock and ours go on."""
        pass_days(self.stage, days)
        self.clock.forward(days=days)

    def states(self, key: int) -> dict[str, str]:
        rows = CustomerMove.objects.filter(handover_id=key)
        return dict(rows.values_list("external_userid", "state"))

    def counts(self, key: int) -> Counter[str]:
        return Counter(self.states(key).values())

    def rooms(self, key: int) -> dict[str, str]:
        return dict(GroupMove.objects.filter(handover_id=key).values_list("chat_id", "state"))

    def state(self, key: int) -> str:
        return Handover.objects.get(id=key).state

    def calls(self, path: str = "transfer_customer") -> int:
        made = self.stage.control("counters")["api_calls"]
        return sum(n for name, n in made.items() if name.endswith(path))

    def holder(self, external: str) -> list[str]:
        """Who has a customer at the sandbox."""
        rows = self.stage.control("state")["follows"]
        return sorted(row["userid"] for row in rows if row["external_userid"] == external)

    def ours(self, external: str) -> list[str]:
        """Who has a customer at Linli."""
        (key,) = customers.customer_by_external(corp_id=self.corp_id, external_userids=[external]).values()
        rows = customers.follows_of(corp_id=self.corp_id, customer_ids=[key])[key]
        return sorted(one.userid for one in rows if one.live)

    def hear(self) -> list[str]:
        """Hand Linli every callback that came since, as the drain does, and the facts to their subscribers."""
        assert self.receiver is not None
        self.stage.settle()
        heard = self.receiver.heard[self.told :]
        self.told = len(self.receiver.heard)
        kinds = []
        for one in heard:
            event = parse_event(one.xml.encode())
            route = next((route for route in ROUTES if event.kind.startswith(route.kinds)), None)
            if route is not None:
                route.handler(event, corp_id=self.corp_id)
            kinds.append(event.kind)
        self.deliver()
        return kinds

    def deliver(self) -> None:
        """Facts to those who hear them, until nothing more is said."""
        while sequence_once() or deliver_once(SUBSCRIPTIONS):
            pass

    def said(self, kind: str) -> list[dict[str, Any]]:
        rows = FactRow.objects.filter(corp_id=self.corp_id, kind=kind).order_by("id")
        return list(rows.values_list("data", flat=True))

    def lose_answer(self, path: str) -> None:
        """The next call of this path is done, and its answer lost."""
        rule = {"fault": "answer_lost", "counts": [1, 1], "paths": [path]}
        self.stage.control("faults", {"seed": 1, "rules": [rule]})

    def open_calls(self) -> list[Call]:
        return list(Call.objects.filter(corp_id=self.corp_id, settled_at=None).order_by("id"))
