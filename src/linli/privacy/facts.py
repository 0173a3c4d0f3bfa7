"""What privacy says. `data` is plain JSON and names nobody."""

PERSON_ERASED = "privacy.person_erased"  # customer; {erasure, reason, complete}
