"""What groups keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

PERSONAL = (
    Part(
        table="groups_member", title=_("Stays in groups"), act=Act.SCRUB,
        where="corp_id = %(corp)s AND (customer_id = %(customer)s OR member_id = ANY(%(wecom)s::text[]))",
        set="member_id = %(pseudonym)s, name = ''",
        why=_("a pseudonym without a name stays in the group, so that its counts and flow remain right"),
        show=(
            (_("Group"), "(SELECT name FROM groups_groupchat WHERE groups_groupchat.id = group_id)"),
            (_("Name in the group"), "name"), (_("Joined"), "joined_at"), (_("Left"), "left_at"), (_("Channel"), "state"),
        ),
    ),
)  # fmt: skip
