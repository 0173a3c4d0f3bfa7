"""What customers says. `data` is plain JSON; staff, shop, follow and tag values are Linli's ids.

`cause` is "event" or "read" (a callback, and the reading it led to), "sync" (the first reading), "missed_callback" (a
reading found what no callback told; `missed` then names the callbacks: ["change_external_contact.add_external_contact"]),
"changed_elsewhere" (a change that fires no callback), "linli" (Linli did it itself).
"""

FOLLOW_ADDED = "customers.follow_added"  # {follow, staff, userid, shop, state, external_userid, cause}
FOLLOW_LOST = "customers.follow_lost"  # {follow, staff, userid, shop, by, external_userid, cause}
FOLLOW_RESTORED = "customers.follow_restored"  # as follow_lost: a loss turned out to be none
FOLLOW_MERGED = "customers.follow_merged"  # as follow_added, and {was}: two rows of one relation are one, `was` is gone
FOLLOW_HALF = "customers.follow_half"  # {follow, staff, userid, shop, state, external_userid, cause}
JOINED = "customers.joined"  # {staff, shop, state}: the first follow ever
FOLLOW_EDITED = "customers.follow_edited"  # {follow, staff, fields: ["remark"], cause}
TAGGED = "customers.tagged"  # {follow, staff, tags: [id], names: [text], cause}
UNTAGGED = "customers.untagged"  # {follow, staff, tags: [id], names: [text], cause}
IDENTIFIED = "customers.identified"  # {kind, value}
MEMBER_KNOWN = "customers.member_known"  # {mall_id}: a person known from the mall only
IDENTITY_CONFLICT = "customers.identity_conflict"  # {kind, value, holder, claimant}
EDITED = "customers.edited"  # {fields: [name], cause}: name, avatar … read anew and found different
CONSENT_CHANGED = "customers.consent_changed"  # {consent}
TAG_MADE = "customers.tag_made"  # {tag, name, group, cause}
TAG_CHANGED = "customers.tag_changed"  # {tag, name, group, fields: [group|name|order|deleted_at], cause}
TAG_GROUP_CHANGED = "customers.tag_group_changed"  # {group, was, cause}: a group of tags has another name
TAG_DELETED = "customers.tag_deleted"  # {tag, name, group, cause}
