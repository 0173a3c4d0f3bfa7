"""People in the sandbox's groups, and the callbacks that their acts cause, handed to Linli in any order we like."""

from dataclasses import dataclass, field
from typing import Any

from linli.directory import api as directory
from linli.groups import api as groups
from linli.groups.handlers import on_external_chat
from linli.wecom.events import Event, parse_event
from tests.connect.staged import SHOPS, befriend
from tests.sandbox.stage import Receiver, Stage


@dataclass
class Playing:
    """The sandbox, Linli's corp, and the events caused so far (kept from the sandbox's own callbacks)."""

    stage: Stage
    corp_id: int
    receiver: Receiver | None = None
    events: list[Event] = field(default_factory=list)

    def hear(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.stage.listen(receiver)

    def room(self, name: str = "一店福利群1", owner: str = "clerk0-0", members: tuple[str, ...] = ()) -> str:
        return str(self.stage.act("create_group", owner=owner, name=name, members=list(members))["chat_id"])

    def people(self, count: int, start: int = 1) -> list[str]:
        return [befriend(self.stage, number, "clerk0-0") for number in range(start, start + count)]

    def heard(self) -> list[Event]:
        """The group events that the sandbox sent so far, in its order."""
        assert self.receiver is not None
        self.stage.settle()
        events = [parse_event(one.xml.encode()) for one in self.receiver.heard]
        return [event for event in events if event.event == "change_external_chat"]

    def tell(self, *events: Event) -> None:
        for event in events:
            on_external_chat(event, corp_id=self.corp_id)

    def theirs(self) -> dict[str, Any]:
        return self.stage.control("state")

    def equal(self) -> bool:
        """Is our copy theirs, by checksum?"""
        return groups.digest(corp_id=self.corp_id) == groups.digest_of(self.theirs())

    def shop(self) -> int:
        """The first of the sandbox's shops, with its clerks."""
        directory.sync(corp_id=self.corp_id)
        directory.choose_shop_parent(corp_id=self.corp_id, parent_wecom_id=SHOPS)
        directory.sync(corp_id=self.corp_id)
        return directory.shops(corp_id=self.corp_id)[0].id
