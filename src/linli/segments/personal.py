"""What segments keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

_MINE = "corp_id = %(corp)s AND customer_id = %(customer)s"

PERSONAL = (
    Part(
        table="segments_segmentmember", title=_("Kept memberships of segments"), where=_MINE, act=Act.DELETE,
        why=_("the counts of the runs stay"),
        show=((_("Run"), "run_id"),),
    ),
    Part(
        table="segments_superuser", title=_("Standing as a super user"), where=_MINE, act=Act.DELETE,
        why=_("a property of this person"),
        show=((_("Standing"), "tier"), (_("Since"), "since"), (_("Amount"), "spend")),
    ),
)  # fmt: skip
