"""The database and what it holds: reachable, durable, up to date, nothing stuck, every secret opens."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from linli.kit.clock import wall
from linli.kit.errors import LinliError
from linli.kit.sealing import KeyRing
from linli.project.doctor.findings import Answer, Ground, fail, unknown, warn, well
from linli.project.sealed import SEALED, values

_OLDEST_VERSION = 14
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
_LATE_S = 120


def reachable(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        yield fail(
            _("The database cannot be reached: %(why)s") % {"why": ground.away},
            _("Read the last lines of postgres/postgres.log in the data directory; is the disk full?"),
        )
        return
    version = ground.database.info.server_version // 10000
    if version < _OLDEST_VERSION:
        yield fail(_("PostgreSQL %(version)d is too old.") % {"version": version}, _("Take PostgreSQL 14 or newer."))
    else:
        yield well(f"PostgreSQL {ground.database.info.parameter_status('server_version')}")


def durable(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    found = dict(
        ground.database.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_DURABLE)]
        ).fetchall()
    )
    off = [name for name in _DURABLE if found[name] == "off"]
    if off:
        yield fail(
            _("%(names)s is off: a power cut loses what WeCom was told is kept.") % {"names": ", ".join(off)},
            _("Turn it on in the server's settings (and leave LINLI_FSYNC away)."),
        )
    else:
        yield well(_("What is acknowledged is on the disk."))


def audit(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    from linli.access import api as access

    verdict = access.verify_audit()
    if not verdict.sound:
        yield fail(
            _("The audit trail was changed behind Linli's back: %(n)d places.") % {"n": len(verdict.problems)},
            _("Run: linli audit verify — it names each place; keep a copy of the database before anything else."),
        )
    elif verdict.late:
        yield warn(
            _("Rows of the audit trail wait for their seal for more than ten minutes."),
            _("Is the deliver process running? See the log."),
        )
    else:
        yield well(_("%(n)d rows, nothing was changed.") % {"n": verdict.rows})


def tables(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    from linli.project.tables import look

    found = look()
    if found.unapplied:
        yield fail(
            _("%(n)d migrations wait, the first is %(name)s.")
            % {"n": len(found.unapplied), "name": found.unapplied[0]},
            _("Stop Linli and run: linli upgrade"),
        )
    if found.invalid_indexes:
        yield fail(
            _("The index %(name)s is half-made: it slows writing and serves no query.")
            % {"name": found.invalid_indexes[0][1]},
            _("Stop Linli and run: linli upgrade"),
        )
    if found.unproven:
        yield fail(
            _("The constraint %(name)s was never checked against all rows.") % {"name": found.unproven[0]},
            _("Stop Linli and run: linli upgrade"),
        )
    if found.well:
        yield well(_("Tables, indexes and constraints are of this version."))


def inbox(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    row = ground.database.execute(
        """SELECT count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 0),
                  coalesce(extract(epoch FROM clock_timestamp() - min(received_at) FILTER (WHERE state = 0)), 0)
           FROM ledger_inbox WHERE state IN (0, 2)"""
    ).fetchone() or (0, 0, 0)
    parked, waiting, oldest = int(row[0]), int(row[1]), int(row[2])
    if parked:
        yield warn(
            _("%(n)d callbacks are parked: each failed eight times.") % {"n": parked},
            _("Read their errors in the console, set them going again or drop them with a reason."),
        )
    if oldest > _LATE_S:
        yield fail(
            _("%(n)d callbacks wait, the oldest for %(seconds)d s.") % {"n": waiting, "seconds": oldest},
            _("Is the process drain at work? Its lines in the log say what holds it up."),
        )
    if not parked and oldest <= _LATE_S:
        yield well(_("%(n)d callbacks wait.") % {"n": waiting})


def subscribers(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    stuck = ground.database.execute("SELECT name, tries FROM ledger_cursor WHERE error <> '' ORDER BY name").fetchall()
    for name, tries in stuck:
        yield warn(
            _("%(name)s waits on a fact that failed %(n)d times.") % {"name": name, "n": tries},
            _("Read its error in the console; it tries again by itself."),
        )
    if not stuck:
        yield well(_("Everyone has heard everything or is hearing it."))


def worker(ground: Ground) -> Iterator[Answer]:
    if ground.database is None or ground.running is None:
        return
    row = ground.database.execute(
        "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
    ).fetchone()
    if row is None or row[0] is None or row[0] > 60:
        yield fail(
            _("worker has given no sign for a minute."),
            _("Look at its lines in the log; `linli up` starts what has died, a process that hangs must be ended."),
        )
    else:
        yield well(_("%(name)s is at work.") % {"name": "worker"})


def secrets(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    try:
        ring = KeyRing(ground.settings.master_key_file)
    except (OSError, LinliError):
        yield unknown(_("The secrets could not be tried without the master key."), _("Mend the master key first."))
        return
    count, broken = 0, []
    for one in SEALED:
        for row, place, value in values(ground.database, one):
            count += 1
            try:
                ring.open(value, place=place)
            except LinliError:
                broken.append(f"{one.table} {row}")
    if broken:
        yield fail(
            _("%(n)d of %(all)d secrets do not open with this master key, the first is %(name)s.")
            % {"n": len(broken), "all": count, "name": broken[0]},
            _("Put back the master.key that belongs to this database, or enter WeCom's secrets again."),
        )
    else:
        yield well(_("All %(n)d secrets open.") % {"n": count})


def clock(ground: Ground) -> Iterator[Answer]:
    if ground.database is None:
        return
    row = ground.database.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    apart = abs((row[0] - wall()).total_seconds())
    if apart > 2:
        yield fail(
            _("The clocks of this machine and the database are %(seconds).1f s apart.") % {"seconds": apart},
            _("Let both follow a time server (chrony, systemd-timesyncd)."),
        )
    else:
        yield well(_("The database has the same time."))
