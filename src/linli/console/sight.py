"""What this account may see of people on this page: masked, unless it may see more and has asked for it (which is noted)."""

from dataclasses import dataclass
from typing import Any

from linli.access import api as access
from linli.kit.masking import mask
from linli.privacy import api as privacy

PERMISSION = "customers.reveal"


@dataclass(frozen=True)
class Sight:
    """`may`: could see in the clear after asking; `clear`: sees everybody so now; `people`: sees these customers so."""

    may: bool = False
    clear: bool = False
    people: frozenset[int] = frozenset()

    def sees(self, customer_id: int | None = None) -> bool:
        """Is this person (None: nobody in particular) shown in the clear?"""
        return self.clear or (customer_id is not None and customer_id in self.people)

    def show(self, kind: str, text: str | None, customer_id: int | None = None) -> str:
        """The text, or its mask."""
        return (text or "") if self.sees(customer_id) else mask(kind, text or "")


def sight_of(request: Any) -> Sight:
    """The sight of this request's account, looked up once; nobody signed in, nothing seen."""
    found = getattr(request, "linli_sight", None)
    if not isinstance(found, Sight):
        found = _look(request)
        if request is not None:
            request.linli_sight = found
    return found


def _look(request: Any) -> Sight:
    account = getattr(request, "user", None)
    corp_id = getattr(account, "corp_id", None)
    if account is None or corp_id is None or not access.may(account, PERMISSION):
        return Sight()
    clear, people = privacy.seen_by(corp_id=corp_id, account_id=account.pk)
    return Sight(may=True, clear=clear, people=people)
