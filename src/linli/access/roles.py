"""The role table: who may do what. What stands nowhere here is denied.

A permission is "<area>.<verb>"; verbs: read, write, reveal (personal data in the clear), manage (accounts, keys, the line).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR = "administrator"

_EVERYONE = ("self.read", "self.write")
_ANALYST = (
    *_EVERYONE,
    "insights.read", "customers.read", "groups.read", "communities.read", "segments.read", "messaging.read",
    "commerce.read", "imports.read", "acquisition.read", "handover.read", "figures.read",
)  # fmt: skip
_OPERATOR = (
    *_ANALYST,
    "insights.write", "customers.write", "customers.reveal", "groups.write", "communities.write", "segments.write",
    "messaging.write", "commerce.write", "imports.write", "acquisition.write", "handover.write", "connect.read", "connect.write",
    "ledger.read", "ledger.write",
)  # fmt: skip
_ADMINISTRATOR = (
    *_OPERATOR,
    "connect.manage", "archive.manage", "privacy.read", "privacy.write", "audit.read", "access.read", "access.manage",
    "ledger.manage",  # replays (HOUSE)
)  # fmt: skip
_KEEPER = (
    *_EVERYONE,
    "customers.read", "customers.write", "customers.reveal", "groups.read", "messaging.read", "commerce.read",
    "acquisition.read", "handover.read", "figures.read", "insights.read",
)  # fmt: skip
_CLERK = (*_EVERYONE, "customers.read", "customers.reveal", "groups.read", "messaging.read", "figures.read")

ROLES: dict[str, frozenset[str]] = {
    ADMINISTRATOR: frozenset(_ADMINISTRATOR),
    "operator": frozenset(_OPERATOR),
    "analyst": frozenset(_ANALYST),
    "keeper": frozenset(_KEEPER),
    "clerk": frozenset(_CLERK),
}

# What can be done for a part of the corp: only there do the getters narrow what they give. A grant of a department, a shop
# or one's own customers gives these and nothing else, whatever its role.
NARROW = frozenset(
    {
        "self.read", "self.write", "customers.read", "customers.write", "customers.reveal", "groups.read",
        "messaging.read", "commerce.read", "acquisition.read", "handover.read", "figures.read", "insights.read",
    }
)  # fmt: skip

# What reaches every corp of the house. An administrator is a corp's, so he has these while his corp is the only one; with a
# second, they belong to who has the server and its command line (docs/decisions/0023).
HOUSE = frozenset({"ledger.manage"})

NAMES: dict[str, str | Promise] = {
    ADMINISTRATOR: _("Administrator"),
    "operator": _("Operator"),
    "analyst": _("Analyst"),
    "keeper": _("Shop keeper"),
    "clerk": _("Shop clerk"),
}
DUTIES: dict[str, str | Promise] = {
    ADMINISTRATOR: _("guards the house: the line to WeCom, accounts, keys, and everything below"),
    "operator": _("plans: segments, sends, codes, imports; sees personal data"),
    "analyst": _("reads figures, lists and sends; personal data stays masked"),
    "keeper": _("looks after the customers, groups and tasks of shops, and sees what became of them"),
    "clerk": _("sees their own customers, groups and tasks"),
}
# Under which scopes a role has a meaning; the first is what the form offers.
SCOPES: dict[str, tuple[str, ...]] = {
    ADMINISTRATOR: ("corp",),
    "operator": ("corp",),
    "analyst": ("corp", "department", "shop"),
    "keeper": ("shop", "department"),
    "clerk": ("own",),
}
