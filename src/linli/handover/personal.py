"""What handover keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

_MINE = "corp_id = %(corp)s AND (customer_id = %(customer)s OR external_userid = ANY(%(wecom)s::text[]))"
# A call under way is looked up by the customers in it, so they must still be known: the erasure waits for it.
_UNDER_WAY = """SELECT 1 FROM handover_customermove m JOIN handover_call c ON c.id = m.call_id
    WHERE m.corp_id = %(corp)s AND m.customer_id = %(customer)s AND m.state IN ('planned', 'unknown')
      AND c.called_at IS NOT NULL AND c.settled_at IS NULL"""
_STAFF = "(SELECT coalesce(nullif(name, ''), userid) FROM directory_staff WHERE directory_staff.id = {}_id)"

PERSONAL = (
    Part(
        table="handover_unassigned", title=_("Left without a clerk"), where=_MINE, act=Act.DELETE,
        why=_("belongs to the relation"),
        show=((_("Clerk who left"), _STAFF.format("staff")), (_("Left on"), "left_at"), (_("Seen"), "listed_at")),
    ),
    Part(
        table="handover_customermove", title=_("Hand-overs"), where=_MINE, act=Act.SCRUB, wait=_UNDER_WAY,
        set=(
            "external_userid = %(pseudonym)s, remark_due = false, "
            "reason = CASE WHEN state IN ('planned', 'unknown', 'waiting') THEN 'erased' ELSE reason END, "
            "state = CASE WHEN state = 'planned' THEN 'cancelled' WHEN state IN ('unknown', 'waiting') THEN 'no_result' "
            "ELSE state END"
        ),
        why=_("a pseudonym stays, so that every hand-over’s sums still add up"),
        show=(
            (_("Given by"), _STAFF.format("giver")), (_("Taken by"), _STAFF.format("taker")), (_("State"), "state"),
            (_("At"), "state_at"),
        ),
    ),
)  # fmt: skip
