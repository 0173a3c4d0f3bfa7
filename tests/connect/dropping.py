"""Callbacks that the sandbox really sent and Linli never got; they can be handed over late."""

from dataclasses import dataclass, field

from linli.ledger import api as ledger
from linli.ledger.models import FactRow
from linli.project.routes import ROUTES
from linli.project.subscriptions import SUBSCRIPTIONS
from linli.wecom.events import Event, parse_event
from tests.sandbox.stage import Receiver, Stage


@dataclass
class Dropped:
    """Takes every callback off the line while it listens."""

    stage: Stage
    corp_id: int
    receiver: Receiver = field(default_factory=Receiver)

    def __post_init__(self) -> None:
        self.stage.listen(self.receiver)

    def events(self) -> list[Event]:
        self.stage.settle()
        return [parse_event(one.xml.encode()) for one in self.receiver.heard]

    def arrive_late(self) -> None:
        """Each dropped callback comes after all, twice, in the order in which it was sent."""
        for event in self.events():
            for route in ROUTES:
                if f"{event.event}.{event.change_type}".startswith(route.kinds):
                    route.handler(event, corp_id=self.corp_id)
                    route.handler(event, corp_id=self.corp_id)

    def forget(self) -> None:
        self.stage.settle()
        self.receiver.heard.clear()


def facts(corp_id: int, since: int = 0) -> list[tuple[str, str, tuple[str, ...]]]:
    """(kind, cause, missed) of what was said after a fact, in order."""
    rows = FactRow.objects.filter(corp_id=corp_id, id__gt=since).order_by("id")
    return [(row.kind, row.data.get("cause", ""), tuple(row.data.get("missed", ()))) for row in rows]


def last_fact() -> int:
    return FactRow.objects.order_by("-id").values_list("id", flat=True).first() or 0


def hand_on() -> None:
    """Facts to their subscribers, as the deliver process does it."""
    while ledger.sequence_once() + ledger.deliver_once(SUBSCRIPTIONS):
        pass


def calls(stage: Stage) -> int:
    """How many calls of its interface the sandbox has answered, tokens left out."""
    counted = stage.control("counters")["api_calls"]
    return sum(count for api, count in counted.items() if api != "gettoken")
