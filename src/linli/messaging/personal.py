"""What messaging keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

# Who sees or liked a moment may never have been a customer here: WeCom's id counts as well.
_NAMED = "corp_id = %(corp)s AND (customer_id = %(customer)s OR external_userid = ANY(%(wecom)s::text[]))"
_MOMENT = "(SELECT left(text, 40) FROM messaging_moment m JOIN messaging_momentcopy c ON c.moment_id = m.id WHERE c.id = copy_id)"
_MINE = "corp_id = %(corp)s AND customer_id = %(customer)s"
# A task whose call is under way is looked up by its receivers, so they must still be known: the erasure waits for it.
_UNDER_WAY = """SELECT 1 FROM messaging_recipient r JOIN messaging_stafftask t ON t.id = r.task_id
    WHERE r.corp_id = %(corp)s AND r.customer_id = %(customer)s
      AND t.state IN ('intent', 'unknown') AND t.called_at IS NOT NULL"""

PERSONAL = (
    Part(
        table="messaging_recipient", title=_("Messages"), where=_MINE, act=Act.SCRUB, wait=_UNDER_WAY,
        set=(
            "external_userid = %(pseudonym)s, reason = CASE WHEN state IN ('planned', 'tasked', 'confirmed', 'unknown') "
            "THEN 'erased' ELSE reason END, task_id = CASE WHEN state = 'planned' THEN NULL ELSE task_id END, "
            "state = CASE state WHEN 'planned' THEN 'cancelled' WHEN 'tasked' THEN 'unknown' WHEN 'confirmed' THEN 'unknown' "
            "ELSE state END"
        ),
        why=_("a pseudonym stays, so that every send’s lines still add up"),
        show=(
            (_("Send"), "(SELECT name FROM messaging_send WHERE messaging_send.id = send_id)"), (_("State"), "state"),
            (_("Reason"), "reason"), (_("At"), "state_at"),
        ),
    ),
    Part(
        table="messaging_stafftask", title=_("Who a task could not reach"), act=Act.SCRUB, scan=True,
        where="corp_id = %(corp)s AND (fail_list::text ~ %(quoted)s OR error_text ~ %(free)s)",
        set=(
            "fail_list = regexp_replace(fail_list::text, %(quoted)s, '\"' || %(pseudonym)s || '\"', 'g')::jsonb, "
            "error_text = regexp_replace(error_text, %(free)s, %(pseudonym)s, 'g')"
        ),
        why=_("a pseudonym stays in the list"),
    ),
    Part(
        table="messaging_momentviewer", title=_("Moments they could see"), act=Act.SCRUB, where=_NAMED,
        set="external_userid = %(pseudonym)s",
        why=_("a pseudonym stays, so that every moment’s audience still adds up"),
        show=((_("Moment"), _MOMENT), (_("Sees it"), "sees")),
    ),
    Part(
        table="messaging_momentreaction", title=_("Likes and comments on moments"), act=Act.SCRUB, where=_NAMED,
        set="external_userid = %(pseudonym)s",
        why=_("a pseudonym stays, so that likes and comments still add up"),
        show=((_("Moment"), _MOMENT), (_("What"), "kind"), (_("At"), "at")),
    ),
)  # fmt: skip
