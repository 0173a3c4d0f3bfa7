"""What customers keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

_MINE = "corp_id = %(corp)s AND customer_id = %(customer)s"
_FOLLOWS = f"corp_id = %(corp)s AND follow_id IN (SELECT id FROM customers_follow WHERE {_MINE})"  # noqa: S608 - constants
_CLAIMS = (
    "corp_id = %(corp)s AND (holder_id = %(customer)s OR claimant_id = %(customer)s OR value = ANY(%(values)s::text[]))"
)
_TAG = "(SELECT name FROM customers_tag WHERE customers_tag.id = tag_id)"

PERSONAL = (
    Part(
        table="customers_markintent", title=_("Tags to be marked at WeCom"), where=_FOLLOWS, act=Act.DELETE,
        why=_("belongs to the relation"), show=((_("Tag"), _TAG), (_("Asked at"), "asked_at"), (_("State"), "state")),
    ),
    Part(
        table="customers_followtag", title=_("Tags"), where=_FOLLOWS, act=Act.DELETE, why=_("belongs to the relation"),
        show=((_("Tag"), _TAG),),
    ),
    Part(
        table="customers_followchange", title=_("What happened to the relations"), where=_FOLLOWS, act=Act.DELETE,
        why=_("belongs to the relation"),
        show=((_("What"), "kind"), (_("At"), "at"), (_("By"), "by"), (_("Channel"), "state_text")),
    ),
    Part(
        table="customers_follow", title=_("Relations with clerks"), where=_MINE, act=Act.DELETE,
        why=_("who spoke with this person"),
        show=(
            (_("Clerk"), "(SELECT coalesce(nullif(name, ''), userid) FROM directory_staff WHERE directory_staff.id = staff_id)"),
            (_("Added"), "added_at"), (_("Lost on"), "lost_at"), (_("Channel"), "state_text"), (_("Remark"), "remark"),
        ),
    ),
    Part(
        table="customers_customertag", title=_("Linli’s own tags"), where=_MINE, act=Act.DELETE,
        why=_("a property of this person"), show=((_("Tag"), _TAG), (_("At"), "at"), (_("Source"), "source")),
    ),
    Part(
        table="customers_consentchange", title=_("Consent"), where=_MINE, act=Act.SCRUB,
        set="reason = ''", why=_("that and when consent was given or taken back stays as evidence; the words go"),
        show=((_("May be written to"), "consent"), (_("At"), "at"), (_("Reason"), "reason"), (_("By"), "author")),
    ),
    Part(
        table="customers_identityconflict", title=_("Claims to an identity"), where=_CLAIMS, act=Act.DELETE,
        why=_("names this person"), show=((_("Kind"), "kind"), (_("Value"), "value"), (_("At"), "seen_at")),
    ),
    Part(
        table="customers_identity", title=_("Known as"), where=_MINE, act=Act.DELETE, why=_("names this person"),
        show=((_("Kind"), "kind"), (_("Value"), "value"), (_("Since"), "since")),
    ),
    Part(
        table="customers_customer", title=_("The person"), where="corp_id = %(corp)s AND id = %(customer)s", act=Act.SCRUB,
        set=(
            "name = '', avatar = '', kind = 0, gender = 0, external_userid = NULL, unionid = NULL, consent = false, "
            "read_no = 0, erased_at = %(until)s"
        ),
        why=_("a number without a person stays, so that counts of months, shops and channels remain right"),
        show=(
            (_("Number"), "no"), (_("Name"), "name"), (_("Picture"), "avatar"), (_("Gender at WeChat"), "gender"),
            ("external_userid", "external_userid"), ("unionid", "unionid"), (_("First added"), "first_added_at"),
            (_("Channel"), "channel_state"),
            (_("Home shop"), "(SELECT name FROM directory_shop WHERE directory_shop.id = home_shop_id)"),
            (_("May be written to"), "consent"),
        ),
    ),
)  # fmt: skip
