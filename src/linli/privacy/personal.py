"""What privacy itself keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

_MINE = "corp_id = %(corp)s AND customer_id = %(customer)s"

PERSONAL = (
    Part(
        table="privacy_personexport", title=_("Exports"), where=_MINE, act=Act.SCRUB,
        why=_("that an export was made stays; its file goes"),
        set="sealed = NULL, size = 0, error = '', state = CASE WHEN state IN ('waiting', 'running') THEN 'cancelled' ELSE state END",
        show=((_("Asked at"), "asked_at"), (_("Reason"), "reason"), (_("By"), "author")),
    ),
)  # fmt: skip
