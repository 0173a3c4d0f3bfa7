"""`linli audit verify` and `linli audit accept`."""

import sys

from linli.access import api as access


def run(what: str) -> int:
    """0 when the trail is sound, 1 when it is not; one sentence either way."""
    return _accept() if what == "accept" else _verify()


def _verify() -> int:
    verdict = access.verify_audit()
    if not verdict.sound:
        print(
            f"linli: the audit trail was changed behind Linli's back: {len(verdict.problems)} findings", file=sys.stderr
        )
        for problem in verdict.problems:
            print(f"  {problem}", file=sys.stderr)
        return 1
    until = f", sealed until {verdict.sealed_until:%Y-%m-%d %H:%M} UTC" if verdict.sealed_until else ""
    print(f"linli: the audit trail is sound: {verdict.rows} rows under {verdict.seals} links{until}")
    if verdict.late:
        print(f"linli: {verdict.unsealed} rows wait for their seal: is the deliver process running?", file=sys.stderr)
    return 0


def _accept() -> int:
    """After a backup was restored over a newer house, and a person has looked: the chain goes on behind what is there."""
    known, holds = access.accept_end()
    access.system_act(corp_id=None, action="cli.audit_accept", after={"known": known, "holds": holds})
    print(f"linli: the audit trail goes on behind link {holds} (link {known} was the last one known)")
    return 0
