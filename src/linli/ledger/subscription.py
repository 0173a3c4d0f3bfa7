"""Who hears which facts, and what a replay does to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.utils.module_loading import import_string

from linli.kit.errors import NotFound
from linli.ledger.types import Fact

Handler = Callable[[Sequence[Fact]], None]


class Replay(Enum):
    """What happens when a subscriber hears a fact again.

    ROWS: it writes the same rows again. ONCE: its effects leave the house (a call, a message), so the ledger remembers each
    fact it has handled and hands it over once. NEVER: it may not be replayed.
    """

    ROWS = "rows"
    ONCE = "once"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who hears what. The handler gets facts in order, some at a time, makes no HTTP, and runs in the cursor's transaction."""

    name: str
    kinds: tuple[str, ...]
    handler: Handler
    replay: Replay = Replay.NEVER


def each(handler: Callable[[Fact], None]) -> Handler:
    """A handler of many out of a handler of one."""

    def handle(facts: Sequence[Fact]) -> None:
        for fact in facts:
            handler(fact)

    return handle


def subscriptions() -> tuple[Subscription, ...]:
    """All subscribers of the house, from the wiring."""
    found: tuple[Subscription, ...] = import_string(settings.LINLI_SUBSCRIPTIONS)
    return found


def subscription(name: str) -> Subscription:
    """One by its name; raises NotFound with the names there are."""
    for one in subscriptions():
        if one.name == name:
            return one
    raise NotFound("no_subscriber", f"{name}: {', '.join(one.name for one in subscriptions())}")
