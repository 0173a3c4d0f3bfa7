"""Callbacks that WeCom sends about erased people after their erasure: had no effect, and lose the person at night."""

from django.db import transaction

from linli.customers import api as customers
from linli.kit.clock import now
from linli.kit.personal import Part, Subject
from linli.ledger import api as ledger
from linli.privacy.parts import carry_out, parts

DAYS = 3  # a night that was missed is made good by the next


def scrub(*, corp_id: int) -> int:
    """Returns how many callbacks were scrubbed."""
    seen = ledger.recent_customers(corp_id=corp_id, days=DAYS)
    held = customers.suppressed(corp_id=corp_id, kind="external_userid", values=seen)
    callbacks, *aside = (one for one in parts() if one.table in {"ledger_inbox", "ledger_parked"})
    for part in aside:
        for external, person in held.items():
            _scrub_one(corp_id, part, external, person)
    return sum(_scrub_one(corp_id, callbacks, external, person) for external, person in held.items())


def _scrub_one(corp_id: int, part: Part, external: str, person: int) -> int:
    subject = Subject(corp_id=corp_id, customer_id=person, values=(("external_userid", external),))
    reached, rows = ledger.first_recent(corp_id=corp_id, days=DAYS) - 1, 0
    while True:
        with transaction.atomic():
            touched, last = carry_out(part, subject.parameters(now()), reached)
        rows += touched
        if last is None:
            return rows
        reached = last
