"""Sessions in PostgreSQL that know whose they are, so that all of an account's can be listed and ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.dateparse import parse_datetime

from linli.access.models import Session
from linli.kit.clock import wall

PLACE = "place"


class SessionStore(DatabaseStore):
    """Django's store with the account beside the data (settings.SESSION_ENGINE)."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """Where an account is signed in; `current` is the one that asks."""

    began_at: datetime | None
    address: str
    agent: str
    current: bool


def place(*, address: str, agent: str) -> dict[str, str]:
    """What a session remembers of where it began."""
    return {"at": wall().isoformat(), "address": address[:64], "agent": agent[:200]}


def sessions(*, account_id: int, current: str | None) -> list[SessionInfo]:
    """The live sessions of an account, newest first."""
    found = []
    for row in Session.objects.filter(account_id=account_id, expire_date__gt=wall()):
        kept = row.get_decoded().get(PLACE, {})
        found.append(
            SessionInfo(
                began_at=parse_datetime(kept.get("at", "")),
                address=kept.get("address", ""),
                agent=kept.get("agent", ""),
                current=row.session_key == current,
            )
        )
    return sorted(found, key=lambda one: (one.began_at is None, one.began_at), reverse=True)


def end_sessions(*, account_id: int, keep: str | None = None) -> int:
    """End an account's sessions at once, all but `keep`; returns how many. Also sweeps what has expired."""
    Session.objects.filter(expire_date__lt=wall()).delete()
    ended, _each = Session.objects.filter(account_id=account_id).exclude(session_key=keep or "").delete()
    return ended
