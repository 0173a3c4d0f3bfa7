"""One act of the control plane: what is wished, in which corp, with checked reading of the wishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from wecom_sandbox.callbacks.events import Event
from wecom_sandbox.corp import Corp, external_id_of
from wecom_sandbox.errors import ControlError
from wecom_sandbox.records import Customer, Follow, Group, Json
from wecom_sandbox.world import World

Way = TypeVar("Way")


@dataclass(frozen=True)
class Script:
    """An act and its stage."""

    world: World
    corp: Corp
    wishes: Json

    def emit(self, event: Event) -> None:
        """Let the apps hear of it."""
        self.world.emit(self.corp, event)

    def text(self, name: str, *, default: str | None = None) -> str:
        """Read a text."""
        value = self.wishes.get(name, default)
        if not isinstance(value, str):
            raise ControlError(400, f"{name} is needed, as a text")
        return value

    def whole(self, name: str, default: int) -> int:
        """Read a whole number."""
        value = self.wishes.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ControlError(400, f"{name} is a whole number")
        return value

    def names(self, name: str) -> list[str]:
        """Read a list of texts; empty when left out."""
        value = self.wishes.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ControlError(400, f"{name} is a list of texts")
        return value

    def person(self) -> Customer:
        """Find the customer, or let a new person become one (`person`: unionid and name)."""
        if "external_userid" in self.wishes:
            return self.customer()
        person = self.wishes.get("person")
        if not isinstance(person, dict) or not person.get("unionid") or not isinstance(person["unionid"], str):
            raise ControlError(400, "person {unionid, name} or external_userid is needed")
        known = self.corp.by_unionid.get(person["unionid"])
        if known is not None:
            return self.corp.customers[known]
        customer = Customer(
            external_userid=external_id_of(self.corp, person["unionid"]),
            name=str(person.get("name", "")),
            unionid=person["unionid"],
            type=_whole(person, "type", 1),
            gender=_whole(person, "gender", 0),
            avatar=str(person.get("avatar", "")),
            corp_name=str(person.get("corp_name", "")),
            position=str(person.get("position", "")),
        )
        self.corp.add_customer(customer)
        return customer

    def customer(self, name: str = "external_userid") -> Customer:
        """Find a customer."""
        customer = self.corp.customers.get(self.text(name))
        if customer is None:
            raise ControlError(404, f"no customer {self.wishes[name]!r}")
        return customer

    def staff(self, name: str = "userid") -> str:
        """Find a member; gives the userid."""
        userid = self.text(name)
        if userid not in self.corp.users:
            raise ControlError(404, f"no member {userid!r}")
        return userid

    def follow(self) -> Follow:
        """Find the relation of userid and external_userid."""
        follow = self.corp.follows.get((self.staff(), self.customer().external_userid))
        if follow is None or follow.one_way:
            raise ControlError(409, "they are not friends")
        return follow

    def group(self) -> Group:
        """Find the group that chat_id names."""
        group = self.corp.groups.get(self.text("chat_id"))
        if group is None:
            raise ControlError(404, f"no group {self.wishes['chat_id']!r}")
        return group

    def code(self, ways: Mapping[str, Way], what: str) -> Way:
        """Find a code by config_id, or the newest one that carries `state`."""
        if "config_id" in self.wishes:
            way = ways.get(self.text("config_id"))
        else:
            carriers = self.corp.by_state.get(self.text("state"), {})
            way = next((ways[one] for one in reversed(carriers) if one in ways), None)
        if way is None:
            raise ControlError(404, f"no such {what}")
        return way


def _whole(person: Json, name: str, default: int) -> int:
    value = person.get(name, default)
    if not isinstance(value, int):
        raise ControlError(400, f"person.{name} is a whole number")
    return value
