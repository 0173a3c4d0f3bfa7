"""What this room says."""

GAP_FOUND = (
    "archive.gap_found"  # archive; data: {since, until, after_seq}: what was said then cannot be fetched any more
)
