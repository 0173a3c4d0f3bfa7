"""A call by an app: who calls, with what, and typed reading of its arguments."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import App, Customer, Follow, Json, User
from wecom_sandbox.sight import parties_seen
from wecom_sandbox.wire.multipart import FormFile
from wecom_sandbox.world import World


@dataclass(frozen=True)
class Served:
    """An answer that is a file instead of JSON."""

    data: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Call:
    """One accepted call; `args` are the query of a GET or of an upload, or the body of a POST; `range` as the header has it."""

    world: World
    corp: Corp
    app: App
    args: Json
    base_url: str
    file: FormFile | None = None
    range: str = ""

    def text(self, name: str, *, missing: int | None = None, longest: int | None = None) -> str:
        """Read a text; empty is "" unless `missing` names the error."""
        value = self.args.get(name, "")
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise WireError(40058, f"{name} must be a string. Warning: wrong json format.")
        if not value and missing is not None:
            raise WireError(missing)
        if longest is not None and len(value) > longest:
            raise WireError(40058, f"{name} exceeds {longest} characters")
        return value

    def integer(self, name: str, default: int | None = None, *, missing: int = 40058) -> int:
        """Read a whole number; a GET carries it as digits."""
        value = self.args.get(name, default)
        if isinstance(value, str) and value.lstrip("-").isdigit():
            value = int(value)
        if value is None or value == "":
            raise WireError(missing)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WireError(40058, f"{name} must be a number. Warning: wrong json format.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Read a boolean; WeCom also takes 0 and 1."""
        value = self.args.get(name, default)
        if value in (0, 1):
            return bool(value)
        raise WireError(40058, f"{name} must be a boolean. Warning: wrong json format.")

    def texts(self, name: str, *, most: int | None = None) -> list[str]:
        """Read a list of texts."""
        return texts_in(self.args, name, most=most)

    def integers(self, name: str) -> list[int]:
        """Read a list of whole numbers."""
        value = self.args.get(name) or []
        if not isinstance(value, list) or not all(type(item) is int for item in value):
            raise WireError(40058, f"{name} must be an array of numbers. Warning: wrong json format.")
        return value

    def nested(self, name: str) -> Json:
        """Read an object."""
        value = self.args.get(name) or {}
        if not isinstance(value, dict):
            raise WireError(40058, f"{name} must be an object. Warning: wrong json format.")
        return value

    def limit(self, default: int, most: int, *, clamp: bool = False) -> int:
        """Read a page size; over the maximum it falls back to the default, or to the maximum (wire.md 0.2)."""
        value = self.integer("limit", default)
        if value > most:
            return most if clamp else default
        return value if value > 0 else default

    def cursor(self, kind: str) -> tuple[int, int]:
        """Read where the last page of this kind ended; (0, 0) at the start."""
        value = self.text("cursor")
        if not value:
            return (0, 0)
        try:
            found, major, minor = base64.urlsafe_b64decode(value.encode()).decode().split(":")
            place = (int(major), int(minor))
        except (ValueError, binascii.Error) as error:
            raise WireError(50100) from error
        if found != kind:
            raise WireError(50100)
        return place

    @cached_property
    def parties(self) -> set[int] | None:
        """The departments in the app's range; None is all."""
        return parties_seen(self.corp, self.app)

    def sees(self, userid: str) -> bool:
        """Tell whether a member, or one who left, is in the app's range; nobody is."""
        user = self.corp.users.get(userid) or self.corp.departed.get(userid)
        return user is None or self.parties is None or not self.parties.isdisjoint(user.department)

    def staff_seen(self) -> list[str]:
        """List the members in the app's range."""
        users = self.corp.users
        return list(users) if self.parties is None else [userid for userid in users if self.sees(userid)]

    def need_sight(self, userids: Iterable[str], parties: Iterable[int] = ()) -> None:
        """Refuse members and departments that are there, and out of the app's range."""
        known = [one for one in parties if one in self.corp.departments]
        if not all(map(self.sees, userids)) or not (self.parties is None or self.parties.issuperset(known)):
            raise WireError(60011)

    def user(self, name: str = "userid") -> User:
        """Find the member an argument names."""
        user = self.corp.users.get(self.text(name, missing=40058))
        if user is None:
            raise WireError(60111)
        self.need_sight([user.userid])
        return user

    def customer(self) -> Customer:
        """Find the customer whom external_userid names."""
        customer = self.corp.customers.get(self.text("external_userid", missing=41035))
        if customer is None:
            raise WireError(40096)
        return customer

    def follow(self) -> Follow:
        """Find the relation of userid and external_userid."""
        follow = self.corp.follows.get((self.user().userid, self.customer().external_userid))
        if follow is None:
            raise WireError(84061)
        return follow


def texts_in(args: Json, name: str, *, most: int | None = None) -> list[str]:
    """Read a list of texts from the body, or from an object inside it."""
    value = args.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WireError(40058, f"{name} must be an array of strings. Warning: wrong json format.")
    if most is not None and len(value) > most:
        raise WireError(40058, f"{name} has more than {most} items")
    return value


def cursor_at(kind: str, major: int, minor: int = 0) -> str:
    """Write a cursor that only the same kind of list accepts."""
    return base64.urlsafe_b64encode(f"{kind}:{major}:{minor}".encode()).decode()
