"""What the house promises to whom: every address by name, with its permission and whether it opens to a part of the corp.

A new page is added here by hand; without a line its test fails.
"""

OPEN = {  # no account needed
    "sign-in", "sign-in-code", "sign-in-wecom", "sign-in-wecom-back", "sign-out", "healthz", "readyz",
    "metrics", "set_language",
    "h5:code", "h5:group", "h5:code_picture", "h5:group_picture", "h5:landing", "h5:shop",
}  # fmt: skip

# Addresses of the JSON API: the key's scope each needs; openapi.json is for everybody.
API = {"post_orders": "orders.write", "get_order": "orders.read", "post_members": "members.write"}
API_OPEN = {"openapi-json", "api-root"}

_WHOLE = {
    "today": {"index": "insights.read", "story": "insights.read"},
    "customers": {},
    "groups": {
        "assign": "groups.write", "communities": "communities.read", "new_community": "communities.write",
        "community": "communities.read", "opening": "communities.write", "closing": "communities.write",
    },
    "segments": {
        "index": "segments.read", "new": "segments.read", "builder": "segments.read", "condition": "segments.read",
        "detail": "segments.read", "copies": "segments.write", "counts": "segments.write",
        "deletion": "segments.write", "restoration": "segments.write",
    },
    "sends": {
        "draft": "messaging.write", "builder": "messaging.write", "condition": "messaging.read",
        "attachments": "messaging.write", "phone": "messaging.write", "plan": "messaging.write",
        "revision": "messaging.write", "approval": "messaging.write", "cancellation": "messaging.write",
        "reminders": "messaging.write", "results": "messaging.write", "trial": "messaging.write", "rules": "messaging.read",
        **dict.fromkeys(("own_rule", "platform_rule", "quiet_rule", "take_back_rule"), "messaging.write"),
    },
    "commerce": {
        "imports": "imports.read", "import": "imports.read", "preview": "imports.write", "start": "imports.write",
        "progress": "imports.read", "cancel": "imports.write", "problems": "imports.read",
    },
    "insights": dict.fromkeys(("visitors", "joining"), "insights.read"),
    "acquisition": {
        **dict.fromkeys(
            ("making", "channels", "code", "welcomes", "welcome"),
            "acquisition.read",
        ),
        **dict.fromkeys(
            ("opening", "stop", "new_code", "repoint", "pause", "describe", "finish", "close", "new_welcome", "end_welcome"),
            "acquisition.write",
        ),
    },
    "handover": {
        **dict.fromkeys(("new", "preview", "start", "stop", "dismissal", "results", "reading", "left"), "handover.write"),
        **dict.fromkeys(("same",), "access.manage"),
        **dict.fromkeys(("rule", "away"), "handover.read"),
    },
    "connect": {
        "index": "connect.manage", "line": "connect.manage", "check": "connect.manage", "callback": "connect.manage",
        "shops": "connect.manage", "shop_import": "connect.manage", "runs": "connect.read",
        "stop": "connect.write", "comparing": "connect.read", "comparing_live": "connect.read", "compare": "connect.write",
        "compare_stop": "connect.write", "compare_again": "connect.write",
    },
    "archive": dict.fromkeys(("index", "line", "key", "reading"), "archive.manage"),
    "running": {
        **dict.fromkeys(("index", "live", "aside", "detail", "replay", "progress"), "ledger.read"),
        **dict.fromkeys(("going", "drop"), "ledger.write"),
        **dict.fromkeys(("start", "stop"), "ledger.manage"),
    },
    "audit": dict.fromkeys(("index", "detail", "chain", "download"), "audit.read"),
    "privacy": {
        **dict.fromkeys(("index", "person", "erasure", "proof"), "privacy.read"),
        **dict.fromkeys(("retention", "let_in", "erase", "cancel", "again"), "privacy.write"),
        **dict.fromkeys(("export", "export_progress", "export_stop", "download"), "customers.reveal"),
    },
    "settings": {
        "index": "access.read",
        **dict.fromkeys(("create_key", "revoke_key", "doctor", "findings"), "access.manage"),
    },
    "access": {
        "index": "access.read", "detail": "access.read",
        **dict.fromkeys(("new", "person", "role", "closure", "password", "second_step"), "access.manage"),
    },
}  # fmt: skip
_NARROW = {
    "customers": {
        "index": "customers.read", "detail": "customers.read", "timeline": "customers.read",
        "consent": "customers.write",
    },
    "groups": {"index": "groups.read", "detail": "groups.read", "members": "groups.read"},
    "sends": {"index": "messaging.read", "detail": "messaging.read", "progress": "messaging.read"},
    "acquisition": dict.fromkeys(("index", "shop", "picture"), "acquisition.read"),
    "handover": dict.fromkeys(("index", "detail", "progress", "who", "file", "unassigned"), "handover.read"),
    "commerce": {"index": "commerce.read", "order": "commerce.read", "refund": "commerce.read"},
    "privacy": {"reveal": "customers.reveal"},
    "insights": {
        **dict.fromkeys(("working", "working_csv"), "figures.read"),
        **dict.fromkeys(("index", "rfm", "repurchase", "sends", "download"), "insights.read"),
    },
    "access": {
        "me": "self.read",
        **dict.fromkeys(("my_password", "my_second_step", "my_removal", "my_codes", "my_sessions"), "self.write"),
    },
}  # fmt: skip

PAGES = {
    f"{area}:{name}": (permission, narrows)
    for narrows, table in ((False, _WHOLE), (True, _NARROW))
    for area, names in table.items()
    for name, permission in names.items()
}

_READER = {
    "self.read", "self.write", "insights.read", "customers.read", "groups.read", "communities.read", "segments.read",
    "messaging.read", "commerce.read", "imports.read", "acquisition.read", "handover.read", "figures.read",
}  # fmt: skip
_OPERATOR = _READER | {
    "customers.write", "groups.write", "communities.write", "segments.write", "messaging.write", "imports.write",
    "acquisition.write", "handover.write", "connect.read", "connect.write", "insights.write", "commerce.write",
    "customers.reveal", "ledger.read", "ledger.write",
}  # fmt: skip
_KEEPER = {
    "self.read", "self.write", "customers.read", "customers.write", "customers.reveal", "groups.read", "messaging.read",
    "commerce.read", "acquisition.read", "handover.read", "figures.read", "insights.read",
}  # fmt: skip
# Said a second time on purpose, apart from linli.access.roles: who changes that table must change his mind here too.
MAY = {
    "administrator": _OPERATOR
    | {
        "connect.manage",
        "archive.manage",
        "access.read",
        "access.manage",
        "audit.read",
        "privacy.read",
        "privacy.write",
        "ledger.manage",
    },
    "operator": _OPERATOR,
    "analyst": _READER,
    "keeper": _KEEPER,
    "area": _KEEPER,
    "clerk": {
        "self.read",
        "self.write",
        "customers.read",
        "customers.reveal",
        "groups.read",
        "messaging.read",
        "figures.read",
    },
}
WHOLE = {"administrator", "operator", "analyst"}
HOUSE = {"ledger.manage"}  # reaches every corp: by an account only where the house holds one
