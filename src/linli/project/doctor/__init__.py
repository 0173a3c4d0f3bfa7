"""`linli doctor`: every part of the house and every requirement of a real corp; how it is, what it means, what to do."""

from collections.abc import Callable, Iterator

import psycopg
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from linli.kit.errors import LinliError
from linli.kit.settings import read_settings
from linli.project.doctor import archive, corp, ground, store
from linli.project.doctor.findings import Answer, Check, Finding, Ground, State
from linli.project.lock import holder

HOUSE: tuple[tuple[str, str, Check], ...] = (
    ("data_dir", gettext_noop("Data directory"), ground.data_dir),
    ("disk", gettext_noop("Room on the disk"), ground.disk),
    ("master_key", gettext_noop("Master key"), ground.master_key),
    ("running", gettext_noop("Linli"), ground.running),
    ("ports", gettext_noop("Ports"), ground.ports),
    ("processes", gettext_noop("Processes"), ground.processes),
    ("database", gettext_noop("Database"), store.reachable),
    ("durable", gettext_noop("Durability"), store.durable),
    ("tables", gettext_noop("Tables"), store.tables),
    ("secrets", gettext_noop("Secrets"), store.secrets),
    ("clock", gettext_noop("Clock"), store.clock),
    ("inbox", gettext_noop("Callbacks"), store.inbox),
    ("subscribers", gettext_noop("Subscribers"), store.subscribers),
    ("audit", gettext_noop("Audit trail"), store.audit),
    ("worker", gettext_noop("Slow work"), store.worker),
    ("backup", gettext_noop("Backup"), ground.kept),
    ("log", gettext_noop("Continuous log"), ground.log),
)
CORP: tuple[tuple[str, str, Callable[[corp.Asked], Iterator[Answer]]], ...] = (
    ("wecom_token", gettext_noop("WeCom: token"), corp.token),
    ("wecom_ip", gettext_noop("WeCom: trusted address"), corp.trusted_ip),
    ("wecom_app", gettext_noop("WeCom: app may use customer contact"), corp.callable_app),
    ("wecom_contact", gettext_noop("WeCom: staff with customer contact"), corp.contact_permission),
    ("wecom_range", gettext_noop("WeCom: visible range"), corp.visible_range),
    ("wecom_clock", gettext_noop("WeCom: clock"), corp.clock),
    ("callback_url", gettext_noop("Callbacks: address"), corp.callback_address),
    ("callback_answers", gettext_noop("Callbacks: answer"), corp.callback_answers),
    ("callback_keys", gettext_noop("Callbacks: Token and EncodingAESKey"), corp.callback_keys),
    ("js_domain", gettext_noop("WeCom: JS domain"), corp.js_domain),
    ("archive", gettext_noop("Message archive"), archive.reading),
)


def examine(
    *, away: str = "", embedded: bool | None = None, stands_still: bool = False, corp_id: int | None = None
) -> list[Finding]:
    """Every finding, in the active language; `corp_id` looks at one corp only. Django is set up.

    `away` says why the database cannot be reached, where the caller knows it; `stands_still`: the caller itself keeps the
    house open.
    """
    settings = read_settings()
    own = f"host={settings.data_dir / 'postgres'}" in settings.database_url if embedded is None else embedded
    database = None
    if not away:
        try:
            database = psycopg.connect(settings.database_url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            away = str(error).strip().splitlines()[0]
    running = None if stands_still else holder(settings.data_dir)
    seen = Ground(settings=settings, running=running, database=database, embedded=own, away=away)
    try:
        checks: list[tuple[str, str, Check]] = list(HOUSE)
        if database is not None:
            asked = _corps(corp_id)
            checks += [(name, title, corp.each(check, asked)) for name, title, check in CORP if asked]
        return [finding for name, title, check in checks for finding in _one(name, title, check, seen)]
    finally:
        if database is not None:
            database.close()


def _corps(corp_id: int | None) -> list[corp.Asked]:
    from linli.connect import api as connect

    try:
        known = connect.connected_corps()
    except DatabaseError:  # tables of another version: the check of the tables says so
        return []
    return [corp.ask(one) for one in known if corp_id in {None, one}]


def _one(name: str, title: str, check: Check, seen: Ground) -> Iterator[Finding]:
    try:
        for state, says, todo in check(seen):
            yield Finding(check=name, title=_(title), state=state, says=says, todo=todo)
    except (OSError, psycopg.Error, DatabaseError, LinliError) as error:
        yield Finding(
            check=name, title=_(title), state=State.UNKNOWN,
            says=_("This could not be looked at: %(why)s") % {"why": str(error).strip().splitlines()[0]},
            todo=_("Mend what stands above first."),
        )  # fmt: skip
