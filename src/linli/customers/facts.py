"""What customers says. `data` is plain JSON; staff, shop, follow and tag values are Linli's ids.

`cause` is "event" (a callback), "sync" (the first reading), "reconciled" (a reading found what no callback told),
"linli" (Linli did it itself).
"""

FOLLOW_ADDED = "customers.follow_added"  # {follow, staff, userid, shop, state, external_userid, cause}
FOLLOW_LOST = "customers.follow_lost"  # {follow, staff, userid, shop, by, external_userid, cause}
FOLLOW_RESTORED = "customers.follow_restored"  # as follow_lost: a loss turned out to be none
FOLLOW_HALF = "customers.follow_half"  # {follow, staff, userid, shop, state, external_userid, cause}
JOINED = "customers.joined"  # {staff, shop, state}: the first follow ever
TAGGED = "customers.tagged"  # {follow, staff, tags: [id], names: [text], cause}
UNTAGGED = "customers.untagged"  # {follow, staff, tags: [id], names: [text], cause}
IDENTIFIED = "customers.identified"  # {kind, value}
MEMBER_KNOWN = "customers.member_known"  # {mall_id}: a person known from the mall only
IDENTITY_CONFLICT = "customers.identity_conflict"  # {kind, value, holder, claimant}
EDITED = "customers.edited"  # {fields: [name]}: name, avatar … read anew and found different
CONSENT_CHANGED = "customers.consent_changed"  # {consent}
TAG_MADE = "customers.tag_made"  # {tag, name, group}
TAG_DELETED = "customers.tag_deleted"  # {tag, name, group}
