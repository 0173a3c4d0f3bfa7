"""The year: who scans, joins, leaves and buys on a day, and what headquarters and clerks do about it."""

import os
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from linli.access import api as access
from linli.acquisition import api as acquisition
from linli.commerce import api as commerce
from linli.directory import api as directory
from linli.groups import api as groups
from linli.ledger import api as ledger
from linli_demo import orders, plot, retail
from linli_demo.people import Person, person, share
from linli_demo.sandbox import Sandbox

ZONE = ZoneInfo("Asia/Shanghai")
API_FROM = date(2011, 12, 1)  # from here the tills push orders by API, before they came as weekly files
BLOCKS = (time(11), time(14), time(17), time(21))
SOURCE = "till"


@dataclass
class Year:
    """Tells one day after the other; what it remembers it can read again from the sandbox."""

    sandbox: Sandbox
    corp_id: int
    newcomers: dict[date, list[tuple[datetime, Person]]] = field(default_factory=lambda: defaultdict(list))
    known: dict[str, tuple[str, str]] = field(default_factory=dict)  # unionid → external_userid, clerk
    departures: dict[date, list[tuple[str, Person]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.shops = sorted(directory.shops(corp_id=self.corp_id), key=lambda shop: shop.code)
        for buyer in retail.buyers():
            somebody, day = person(buyer.mall_id, len(self.shops)), buyer.first_at.date()
            self.newcomers[day].append((buyer.first_at, somebody))
            if somebody.joins_group and somebody.leaves_group_after_days:
                self.departures[day + timedelta(days=somebody.leaves_group_after_days)].append(("group", somebody))
            if somebody.deletes_clerk_after_days:
                self.departures[day + timedelta(days=somebody.deletes_clerk_after_days)].append(("clerk", somebody))
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{os.environ['LINLI_CONSOLE_PORT']}/api/v1",
            headers={"Authorization": "Bearer " + access.open_secret(corp_id=self.corp_id, name="demo-api-key")},
            timeout=60,
        )
        self._recall()

    def tell(self, day: date) -> None:
        """One day from morning to night."""
        self.sandbox.go_to(datetime.combine(day, time(9), ZONE))
        self._departures(day)
        plot.morning(self.sandbox, self.corp_id, day)
        begin = datetime.combine(day, time.min, ZONE)
        for block in BLOCKS:
            end = datetime.combine(day, block, ZONE)
            self._arrivals([one for at, one in self.newcomers[day] if begin <= at < end], end)
            begin = end
        self._visits(day)
        self._orders(day)
        self.sandbox.go_to(datetime.combine(day, time(22), ZONE))
        self._catch_breath()

    def _catch_breath(self) -> None:
        """The night: Linli applies what it heard, so that a day's figures are that day's."""
        self.sandbox.settle()
        for _ in range(3000):
            if not ledger.line_state(corp_id=self.corp_id).waiting:
                return
            sleep(0.02)
        raise RuntimeError("a minute was not enough for Linli to apply a day's callbacks")

    def _arrivals(self, people: list[Person], at: datetime) -> None:
        """They scan the home shop's code after paying; two thirds go on to the shop's group."""
        if not people:
            return
        self.sandbox.go_to(at - timedelta(minutes=30))
        self._post("members", [{"mall_id": one.mall_id, "unionid": one.unionid, "name": one.name} for one in people])
        scans = self.sandbox.acts(
            [
                {"kind": "scan", "state": self.codes[one.shop],
                 "person": {"unionid": one.unionid, "name": one.name, "gender": one.gender}}
                for one in people
            ]
        )  # fmt: skip
        for one, scan in zip(people, scans, strict=True):
            if scan.get("ok"):
                self.known[one.unionid] = (scan["external_userid"], scan["userid"])
        self.sandbox.settle()
        self.sandbox.acts(
            [
                {"kind": "join", "state": self.ways[one.shop], "external_userid": self.known[one.unionid][0]}
                for one in people
                if one.joins_group and one.unionid in self.known and self.ways[one.shop]
            ]
        )
        self.sandbox.settle()

    def _departures(self, day: date) -> None:
        acts: list[dict[str, Any]] = []
        for what, one in self.departures[day]:
            if one.unionid not in self.known:
                continue
            external, clerk = self.known[one.unionid]
            if what == "clerk":
                acts.append({"kind": "customer_deletes", "external_userid": external, "userid": clerk})
            elif external in self.places:
                acts.append({"kind": "leave", "chat_id": self.places[external], "external_userid": external})
        if any(act["kind"] == "leave" for act in acts) or self.departures[day]:
            self._learn_places()
        self.sandbox.acts(acts)
        self.sandbox.settle()

    def _visits(self, day: date) -> None:
        """Visitors who did not scan: simulated, two for each who did, and labelled so."""
        noon = datetime.combine(day, time(12), ZONE)
        if acquisition.visited(corp_id=self.corp_id, at=noon):
            return  # this day was told before
        acquisition.record_visits(
            corp_id=self.corp_id,
            visits=[
                acquisition.NewVisit(
                    landing_id=self.landing, at=noon, shop_id=self.shops[one.shop].id, outcome="looked", simulated=True
                )
                for _, one in self.newcomers[day]
                for _ in range(1 + share(one.mall_id, "visits", 3))
            ],
        )

    def _orders(self, day: date) -> None:
        if day >= API_FROM:
            for batch in orders.batches(retail.lines(day, day)):
                self._post("orders", {"source": SOURCE, "orders": batch})
        elif day.weekday() == 6 or day == API_FROM - timedelta(days=1):
            first = max(day - timedelta(days=day.weekday()), date(2010, 12, 1))
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"till-{first}.csv.gz"
                if retail.write_csv(path, retail.lines(first, day)):
                    commerce.import_file(corp_id=self.corp_id, source=SOURCE, path=path, created_by="story")

    def _post(self, path: str, body: Any) -> None:
        answer = self.api.post(f"/{path}", json=body)
        if answer.status_code != 200:
            raise RuntimeError(f"POST /{path}: {answer.status_code} {answer.text[:300]}")
        refused = [one for one in answer.json()["results"] if one.get("outcome") == "refused"]
        if refused:
            raise RuntimeError(f"POST /{path}: {len(refused)} refused, the first: {refused[0]}")

    def _recall(self) -> None:
        """What a new teller must know: the codes, and who is already there."""
        codes = {code.shop_id: code.state for code in acquisition.codes(corp_id=self.corp_id)}
        ways = groups.join_ways_by_shop(corp_id=self.corp_id)
        self.codes = [codes[shop.id] for shop in self.shops]
        self.ways = [ways[shop.id].state if shop.id in ways else "" for shop in self.shops]
        self.landing = acquisition.ensure_landing(corp_id=self.corp_id).id
        state = self.sandbox.get("state")
        unionids = {row["external_userid"]: row["unionid"] for row in state["customers"]}
        self.known = {
            unionids[row["external_userid"]]: (row["external_userid"], row["userid"]) for row in state["follows"]
        }
        self._learn_places(state)

    def _learn_places(self, state: dict[str, Any] | None = None) -> None:
        rows = (state or self.sandbox.get("state"))["members"]
        self.places = {row["userid"]: row["chat_id"] for row in rows if row["type"] == 2}
