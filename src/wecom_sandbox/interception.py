"""Intercept rules, and what they say about a message that a member is about to send (wire.md C.10)."""

import re
from dataclasses import dataclass

from wecom_sandbox.corp import Corp
from wecom_sandbox.rulebook import Rule

PHONE, EMAIL, RED_PACKET = 1, 2, 3
BLOCK, WARN = 1, 2

_SEMANTICS = {PHONE: re.compile(r"(?<!\d)1\d{10}(?!\d)"), EMAIL: re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")}


@dataclass(frozen=True)
class Outgoing:
    """What a member is about to send to a customer."""

    userid: str
    text: str
    red_packet: bool = False


def covered(corp: Corp, users: list[str], departments: list[int]) -> set[str]:
    """Collect the members whom users and departments, with everybody below them, mean."""
    inside = {user.userid for one in departments for user in corp.members_of(one, deep=True)}
    return inside | {userid for userid in users if userid in corp.users}


def verdict(corp: Corp, outgoing: Outgoing) -> Rule | None:
    """Find the rule that a message breaks, one that blocks before one that warns; what an app sends is not asked."""
    broken = [rule for rule in corp.rules.alive() if _breaks(rule, outgoing) and _holds(corp, rule, outgoing.userid)]
    return min(broken, key=lambda rule: rule.intercept_type, default=None)


def _holds(corp: Corp, rule: Rule, userid: str) -> bool:
    return userid in covered(corp, rule.users, rule.departments)


def _breaks(rule: Rule, outgoing: Outgoing) -> bool:
    if any(word in outgoing.text for word in rule.words):
        return True
    if RED_PACKET in rule.semantics and outgoing.red_packet:
        return True
    return any(one in rule.semantics and pattern.search(outgoing.text) for one, pattern in _SEMANTICS.items())
