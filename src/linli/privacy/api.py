"""The door of privacy: one person's data as a file, a person taken out, who sees in the clear, how long things are kept."""

from linli.kit.clock import now
from linli.privacy import erasures, exports, journal, parts, reapply, retention
from linli.privacy.erasures import PlanLine
from linli.privacy.exports import download as download_export
from linli.privacy.reveals import hide, reveal, seen_by

__all__ = [
    "PlanLine", "ask_erasure", "ask_export", "cancel_erasure", "cancel_export", "download_export", "erase_again",
    "erasure_plan", "erasure_proof", "hide", "let_in_again", "part_titles", "reapply_erasures", "reveal", "seen_by", "set_retention",
    "steps_of_an_erasure",
]  # fmt: skip

ask_export = exports.ask
ask_erasure = erasures.ask
cancel_export = exports.cancel
cancel_erasure = erasures.cancel
erase_again = erasures.again
erasure_plan = erasures.plan
erasure_proof = erasures.proof
set_retention = retention.set_days
reapply_erasures = reapply.reapply_erasures


def let_in_again(*, corp_id: int, kind: str, value: str, author: str) -> int:
    """Free the person with this identifier from the suppression list; returns how many identifiers were freed."""
    from linli.customers import api as customers

    freed = customers.lift_suppression(corp_id=corp_id, kind=kind, value=value, why=f"by {author}")
    if freed:
        journal.write_lifted(corp_id=corp_id, tokens=freed, at=now())
    return len(freed)


def steps_of_an_erasure() -> int:
    """How many steps an erasure has; some tables take two."""
    return len(parts.parts())


def part_titles() -> dict[str, str]:
    """What each table with personal data is called: table → message id."""
    return {part.table: part.title for part in reversed(parts.parts())}
