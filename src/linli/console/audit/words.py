"""What the audit trail's keys mean to a person."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.access.api import UNKNOWN, AuditEntry

WHO: dict[str, Promise] = {
    "account": gettext_lazy("Account"),
    "api_key": gettext_lazy("API key"),
    "staff": gettext_lazy("Staff"),
    "customer": gettext_lazy("A customer's page"),
    "system": gettext_lazy("Linli itself"),
    "nobody": gettext_lazy("Not signed in"),
}
# From the beginning of a route's or an operation's name; the longest that fits says it.
ACTIONS: dict[str, Promise] = {
    "sign": gettext_lazy("Signing in and out"),
    "sign-in": gettext_lazy("Sign in"),
    "sign-out": gettext_lazy("Sign out"),
    "sends:": gettext_lazy("Send"),
    "sends:draft": gettext_lazy("Wrote a send"),
    "sends:plan": gettext_lazy("Planned a send"),
    "sends:approval": gettext_lazy("Approved a send"),
    "sends:cancellation": gettext_lazy("Cancelled a send"),
    "sends:reminders": gettext_lazy("Reminded clerks"),
    "sends:trial": gettext_lazy("Sent a send to themselves first"),
    "sends:own_rule": gettext_lazy("Changed our own limit of messages"),
    "sends:platform_rule": gettext_lazy("Changed WeCom's limit of messages"),
    "sends:quiet_rule": gettext_lazy("Changed the quiet hours"),
    "sends:take_back_rule": gettext_lazy("Took a rule back"),
    "segments:": gettext_lazy("Segment"),
    "segments:deletion": gettext_lazy("Deleted a segment"),
    "segments:restoration": gettext_lazy("Restored a segment"),
    "customers:": gettext_lazy("Customer"),
    "customers:consent": gettext_lazy("Changed a customer's consent"),
    "acquisition:": gettext_lazy("Shops and codes"),
    "acquisition:welcome": gettext_lazy("Changed a welcome"),
    "acquisition:new_welcome": gettext_lazy("Wrote a welcome"),
    "acquisition:repoint": gettext_lazy("Pointed a code at other clerks"),
    "acquisition:pause": gettext_lazy("Paused a code, or not any more"),
    "acquisition:close": gettext_lazy("Closed a code"),
    "connect:": gettext_lazy("WeCom connection"),
    "connect:line": gettext_lazy("Changed the connection"),
    "connect:callback": gettext_lazy("Made new callback keys"),
    "connect:compare": gettext_lazy("Compared with WeCom"),
    "connect.run_ended": gettext_lazy("A sync ended"),
    "archive:": gettext_lazy("Message archive"),
    "archive:line": gettext_lazy("Changed how the message archive is read"),
    "archive:key": gettext_lazy("Added a key of the message archive"),
    "archive:reading": gettext_lazy("Had the message archive read"),
    "running:": gettext_lazy("Running"),
    "running:going": gettext_lazy("Set going again what waited"),
    "running:drop": gettext_lazy("Gave up what waited"),
    "running:start": gettext_lazy("Began a replay"),
    "running:stop": gettext_lazy("Stopped a replay"),
    "access:": gettext_lazy("Accounts"),
    "access:new": gettext_lazy("Made an account"),
    "access:role": gettext_lazy("Granted a role"),
    "access:closure": gettext_lazy("Shut or opened an account"),
    "access:password": gettext_lazy("Gave a new first password"),
    "access:second_step": gettext_lazy("Switched off somebody's second step"),
    "access:my_": gettext_lazy("Changed how they sign in"),
    "privacy:": gettext_lazy("Privacy"),
    "privacy:reveal": gettext_lazy("Looked at personal data in the clear"),
    "privacy:export": gettext_lazy("Asked for a person's file"),
    "privacy:export_stop": gettext_lazy("Stopped a person's file"),
    "privacy:download": gettext_lazy("Downloaded a person's file"),
    "privacy:erase": gettext_lazy("Erased a person"),
    "privacy:cancel": gettext_lazy("Cancelled an erasure"),
    "privacy:again": gettext_lazy("Took an erasure up again"),
    "privacy:retention": gettext_lazy("Changed how long data is kept"),
    "privacy:let_in": gettext_lazy("Let an erased person in again"),
    "settings:": gettext_lazy("Settings"),
    "settings:create_key": gettext_lazy("Made an API key"),
    "settings:revoke_key": gettext_lazy("Revoked an API key"),
    "audit:download": gettext_lazy("Downloaded the audit trail"),
    "commerce:": gettext_lazy("Orders"),
    "commerce.import_ended": gettext_lazy("An import ended"),
    "groups:": gettext_lazy("Groups"),
    "handover:": gettext_lazy("Hand-overs"),
    "handover:new": gettext_lazy("Began a hand-over"),
    "handover:start": gettext_lazy("Began a proposed hand-over"),
    "handover:stop": gettext_lazy("Stopped the rest of a hand-over"),
    "handover:dismissal": gettext_lazy("Put a proposed hand-over aside"),
    "handover:results": gettext_lazy("Asked WeCom for the results of a hand-over"),
    "handover:reading": gettext_lazy("Had the customers without a clerk read"),
    "handover:rule": gettext_lazy("Changed what happens when a clerk leaves"),
    "handover.proposed": gettext_lazy("Proposed a hand-over because a clerk left"),
    "handover.started": gettext_lazy("Began a hand-over by the rule"),
    "handover.ended": gettext_lazy("A hand-over ended"),
    "h5:": gettext_lazy("A customer's page"),
    "api": gettext_lazy("A call of the API"),
    "messaging.launched": gettext_lazy("The tasks of a send were made"),
    "segments.super_users": gettext_lazy("Super users were found"),
    "jobs.taken_up": gettext_lazy("A job was taken up after its process died"),
    "cli.": gettext_lazy("On the server's command line"),
    "set_language": gettext_lazy("Chose a language"),
}
_PRINT = re.compile(r"~([0-9a-f]{10})/(\d+)")


def who(entry: AuditEntry) -> str:
    """Who it was: the name of today where there is one, else the kind and number."""
    kind = str(WHO.get(entry.who_kind, entry.who_kind))
    return entry.who_name or (f"{kind} {entry.who_id}" if entry.who_id is not None else kind)


def action(name: str) -> str:
    """What was done."""
    fitting = [begin for begin in ACTIONS if name.startswith(begin)]
    return str(ACTIONS[max(fitting, key=len)]) if fitting else name


def outcome(entry: AuditEntry) -> tuple[str, str]:
    """(tone, word) of what became of it."""
    if entry.outcome == UNKNOWN:
        return "alarm", _("not known: the process ended")
    if entry.outcome >= 500:
        return "alarm", _("failed")
    if entry.outcome in {401, 403} or entry.error == "not_signed_in":
        return "act", _("not allowed")
    if entry.outcome >= 400 or entry.error:
        return "watch", _("refused")
    return "well", _("done")


def value(kept: object) -> str:
    """A kept value for people: a fingerprint says how long the text was, and equal ones look equal."""
    if isinstance(kept, str) and (found := _PRINT.fullmatch(kept)):
        length = int(found[2])
        text = ngettext("text of %(n)d character", "text of %(n)d characters", length) % {"n": length}
        return f"{text} · {found[1]}"
    if isinstance(kept, bool):
        return _("yes") if kept else _("no")
    if isinstance(kept, list):
        return ", ".join(value(one) for one in kept) or "–"
    if isinstance(kept, dict):
        return " · ".join(f"{key}: {value(one)}" for key, one in kept.items()) or "–"
    return "–" if kept is None or kept == "" else str(kept)


def changes(entry: AuditEntry) -> list[dict[str, object]]:
    """Before → after, a line for each key."""
    before, after = entry.before or {}, entry.after or {}
    return [
        {
            "key": key,
            "before": value(before.get(key)),
            "after": value(after.get(key)),
            "changed": key in before and key in after and before[key] != after[key],
        }
        for key in {**before, **after}
    ]
