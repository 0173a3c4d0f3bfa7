"""Who of those that WeCom shows or tells of may come in: the erased stay out, until they begin anew themselves.

A new beginning is a relation that began after the erasure and that the firm did not make by itself: the customer added
a clerk. Then all that held this person back is lifted, and they come in as somebody new: what was erased stays erased.
"""

from collections.abc import Sequence

from linli.customers import suppressions
from linli.customers.readings import CustomerRead, Note

# "202 assigned by the administrator, 201 shared by a colleague" (wire.md C.1): the customer did nothing.
BY_THE_FIRM = frozenset({201, 202})
AGAIN = "added_again"


def admit(
    corp_id: int, reads: Sequence[CustomerRead], notes: Sequence[Note]
) -> tuple[Sequence[CustomerRead], Sequence[Note], int]:
    """The readings and notes of those who may come in, and how many people stay out. The caller holds the transaction."""
    suppressions.hold(corp_id)
    by_unionid = {read.external_userid: read.unionid for read in reads if read.unionid}
    names = {*(read.external_userid for read in reads), *(note.external_userid for note in notes)}
    wanted = [("external_userid", one) for one in names] + [("unionid", one) for one in by_unionid.values()]
    found = suppressions.look(corp_id, wanted)
    if not found:
        return reads, notes, 0
    held: dict[str, suppressions.Held] = {}
    for external in names:
        one = found.get(("external_userid", external)) or found.get(("unionid", by_unionid.get(external, "")))
        if one is not None:
            held[external] = one
    back = {external for external, one in held.items() if _begins_anew(external, one, reads, notes)}
    suppressions.lift(corp_id, {held[external].person for external in back}, AGAIN)
    out = held.keys() - back
    return (
        [read for read in reads if read.external_userid not in out],
        [note for note in notes if note.external_userid not in out],
        len(out),
    )


def _begins_anew(external: str, held: suppressions.Held, reads: Sequence[CustomerRead], notes: Sequence[Note]) -> bool:
    ways = {one.userid: one for read in reads if read.external_userid == external for one in read.follows}
    if any(one.added_at > held.since and one.add_way not in BY_THE_FIRM for one in ways.values()):
        return True
    return any(
        note.external_userid == external
        and note.kind in {"added", "half"}
        and note.at > held.since
        and note.userid not in ways
        for note in notes
    )
