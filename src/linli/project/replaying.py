"""`linli replay SUBSCRIBER --from POSITION [--dry-run]`, or `--stop`: a replay from the terminal, on a house that is up or not."""

import time
from typing import TYPE_CHECKING

from linli.kit.errors import NotFound
from linli.project.house import reached, set_up

if TYPE_CHECKING:
    from linli.ledger.api import ReplayInfo

_LOOK_S = 0.5


def run(name: str, *, from_position: int, dry: bool) -> int:
    """Begin it and stay until it has ended; 0 well, 1 when it failed, was cancelled or a dry run found what would fail.

    Ctrl-C leaves it as it is: `linli up` goes on with it, and so does the next call for a house that is down.
    """
    with reached(by="replay"):
        set_up()
        from linli.ledger import api as ledger

        one = ledger.subscription(name)
        waiting = next((run for run in ledger.replays(subscriber=name) if run.state == "open"), None)
        if waiting is None:
            replay_id = ledger.start_replay(subscriber=name, from_position=from_position, dry=dry, by="linli replay")
        else:
            replay_id = waiting.id
            print(f"linli: going on with the replay of {name} that was begun at {waiting.asked_at:%Y-%m-%d %H:%M}")
        while (found := ledger.replay(replay_id=replay_id)).state == "open":
            print(f"\r{found.share:6.1%}", end="", flush=True)
            if found.dry:
                ledger.dry_run(replay_id)
            elif not ledger.deliver(one):
                time.sleep(_LOOK_S)  # the delivery process has it in hand
        print("\r100.0%")
        return _told(found)


def stop(name: str) -> int:
    """End the replay of this subscriber that is under way; NotFound when there is none."""
    with reached(by="replay"):
        set_up()
        from linli.ledger import api as ledger

        ledger.subscription(name)
        waiting = next((run for run in ledger.replays(subscriber=name) if run.state == "open"), None)
        if waiting is None:
            raise NotFound("no_replay", f"no replay of {name} is under way")
        ledger.cancel_replay(replay_id=waiting.id)
        print(f"linli: the replay of {name} is stopped; what was replayed stays")
        return 0


def _told(found: "ReplayInfo") -> int:
    about = "" if found.exact else "about "
    for table, (inserted, updated, deleted) in found.changes.items():
        print(f"  {table}: {about}{inserted} rows new, {updated} changed, {deleted} gone")
    for one in found.failing:
        print(f"  would fail: fact {one['fact']} at {one['position']} ({one['kind']} {one['subject']}): {one['error']}")
    if found.failing_count > len(found.failing):
        print(f"  and {found.failing_count - len(found.failing)} more would fail")
    print(
        f"linli: the {'dry run' if found.dry else 'replay'} is {found.state}{': ' + found.error if found.error else ''}"
    )
    return int(found.state != "done" or found.failing_count > 0)
