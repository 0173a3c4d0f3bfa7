"""After a restore: an older backup brings back people who were erased since. This erases them once more."""

from datetime import datetime

from linli.access import api as access
from linli.customers import api as customers
from linli.privacy import erasures, journal


def reapply_erasures() -> int:
    """Read the journal of erasures and begin again what the database does not know of; returns how many people.

    To be called after every restore, before the house opens; the jobs run when a worker is up. Twice is once.
    """
    corps = {one.wecom_id: one.id for one in access.corps()}
    lines = list(journal.read())
    lifted: dict[tuple[str, str, str], str] = {}
    for line in lines:
        lifted |= {(line["corp"], kind, one): line["at"] for kind, one in line.get("lifted", ())}
    begun = 0
    for line in lines:
        corp_id = corps.get(line["corp"])
        if corp_id is None or "tokens" not in line:
            continue
        if any(lifted.get((line["corp"], kind, one), "") > line["at"] for kind, one in line["tokens"]):
            continue
        people = customers.came_back(
            corp_id=corp_id, key=bytes.fromhex(line["key"]), customer_id=line["customer"],
            tokens=[(kind, bytes.fromhex(one)) for kind, one in line["tokens"]], at=datetime.fromisoformat(line["at"]),
        )  # fmt: skip
        for customer_id in people:
            erasures.begin(corp_id=corp_id, customer_id=customer_id, author="", reason="restored")
            begun += 1
    return begun
