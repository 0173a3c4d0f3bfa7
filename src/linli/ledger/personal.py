"""What the ledger keeps about a person (kit/personal.py says how to read this)."""

from django.utils.translation import gettext_noop as _

from linli.kit.personal import Act, Part

# What a fact's data may hold that names a person or a row that goes with them; kind, time, staff, shop, sums stay.
_KEYS = "ARRAY['external_userid', 'value', 'mall_id', 'buyer_ref', 'member', 'follow', 'holder', 'claimant', 'names']"
_ABOUT = "substr(object_key, 10) = ANY(%(wecom)s::text[])"  # "customer:…"
# What was set aside of a fact names the customer by number; of a callback, by WeCom's id.
_CALLBACK_ABOUT = (
    "(inbox_id IS NOT NULL AND substr(subject, 10) = ANY(%(wecom)s::text[]) AND NOT EXISTS (SELECT 1 FROM ledger_inbox AS row "
    "WHERE row.corp_id = ledger_parked.corp_id AND row.id = ledger_parked.inbox_id AND row.event_at > %(until)s))"
)
# Identifiers are ASCII, so bytes that are no text do not matter.
_TEXT = "encode(payload, 'escape')"

PERSONAL = (
    Part(
        table="ledger_inbox", title=_("Callbacks from WeCom"), act=Act.SCRUB, scan=True,
        # Only what the callback is about or names; what happens after the erasure is a matter of its own.
        where=(
            "corp_id = %(corp)s AND event_at <= %(until)s AND "
            f"({_ABOUT} OR {_TEXT} ~ %(named)s OR error ~ %(free)s)"
        ),
        set=(
            f"payload = decode(regexp_replace({_TEXT}, %(named)s, %(pseudonym)s, 'g'), 'escape'), error = '', "
            "welcome_code = CASE WHEN welcome_state IN (1, 2) THEN welcome_code END, "
            # Their own waiting callbacks would bring them back; those of a group go on under the pseudonym.
            f"state = CASE WHEN {_ABOUT} AND state <> 3 THEN 1 ELSE state END, "
            f"object_key = CASE WHEN {_ABOUT} THEN 'customer:' || %(pseudonym)s ELSE object_key END"
        ),
        why=_("kind and time stay; who it was about is taken out of the text"),
        show=((_("What"), "kind"), (_("At"), "event_at")),
    ),
    Part(
        table="ledger_parked", title=_("Callbacks that were set aside"), act=Act.DELETE,
        where=f"corp_id = %(corp)s AND {_CALLBACK_ABOUT} AND state <> 3",
        why=_("set going again, they would bring the person back"), show=((_("What"), "kind"), (_("At"), "noted_at")),
    ),
    Part(
        table="ledger_parked", title=_("Errors of what was set aside"), act=Act.SCRUB,
        where=(
            f"corp_id = %(corp)s AND NOT ({_CALLBACK_ABOUT} AND state <> 3) "
            f"AND ({_CALLBACK_ABOUT} OR error ~ %(free)s OR trace ~ %(free)s OR reason ~ %(free)s)"
        ),
        set=(
            f"subject = CASE WHEN {_CALLBACK_ABOUT} THEN 'customer:' || %(pseudonym)s ELSE subject END, "
            "error = regexp_replace(error, %(free)s, %(pseudonym)s, 'g'), "
            "trace = regexp_replace(trace, %(free)s, %(pseudonym)s, 'g'), "
            "reason = regexp_replace(reason, %(free)s, %(pseudonym)s, 'g')"
        ),
        why=_("a pseudonym stands in the identifier’s place"),
    ),
    Part(
        table="ledger_fact", title=_("What happened"), act=Act.SCRUB,
        where="corp_id = %(corp)s AND customer_id = %(customer)s",
        set=f"data = data - {_KEYS}", why=_("kind, time and sums stay; what names the person is taken out"),
        show=((_("What"), "kind"), (_("At"), "occurred_at"), (_("Details"), "data")),
    ),
    Part(
        table="ledger_fact", title=_("What happened to others and names this person"), act=Act.SCRUB, scan=True,
        where="corp_id = %(corp)s AND customer_id IS DISTINCT FROM %(customer)s AND data::text ~ %(quoted)s",
        set="data = regexp_replace(data::text, %(quoted)s, '\"' || %(pseudonym)s || '\"', 'g')::jsonb",
        why=_("a pseudonym stands in the identifier’s place"),
    ),
    Part(
        table="ledger_cursor", title=_("Errors of subscribers"), where="error ~ %(free)s", act=Act.SCRUB,
        set="error = regexp_replace(error, %(free)s, %(pseudonym)s, 'g')", why=_("a pseudonym stands in the identifier’s place"),
    ),
    Part(
        table="ledger_replay", title=_("Errors of replays"), where="error ~ %(free)s OR failing::text ~ %(free)s", act=Act.SCRUB,
        set=(
            "error = regexp_replace(error, %(free)s, %(pseudonym)s, 'g'), "
            "failing = regexp_replace(failing::text, %(free)s, %(pseudonym)s, 'g')::jsonb"
        ),
        why=_("a pseudonym stands in the identifier’s place"),
    ),
)  # fmt: skip
