"""What this room says."""

BECAME_SUPER = "segments.became_super"  # customer; data: {spend, since, as_of, before: "near"|null}
LEFT_SUPER = "segments.left_super"  # customer; data: {as_of, now: "near"|null}
BECAME_NEAR = "segments.became_near"  # customer; data: {spend, since, as_of, before: "super"|null}
LEFT_NEAR = "segments.left_near"  # customer; data: {as_of, now: "super"|null}
SEGMENT_SAVED = "segments.saved"  # segment; data: {name, version, author}
SEGMENT_DELETED = "segments.deleted"  # segment; data: {name, author}
SEGMENT_RESTORED = "segments.restored"  # segment; data: {name, author}
