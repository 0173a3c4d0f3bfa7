"""A chain of the test's own: rows and seals of earlier tests are taken away as only the owner of the database can."""

import pytest
from django.db import connection

from linli.access.audit_seals import head_file

TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relname ~ '^access_audit(_rest|_seal|_[0-9_]+)?$' AND relkind IN ('r', 'p')"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """These tests sign in hundreds of times, and only one of them is about what a hash costs."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(transactional_db):
    """Does SQL with the triggers away: what somebody with the whole database in hand can do."""

    def do(*statements):
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            tables = [name for (name,) in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def clear():
        do("TRUNCATE access_audit, access_audit_seal")
        head_file().unlink(missing_ok=True)

    clear()
    yield do
    clear()


@pytest.fixture
def sealer(owner):
    """Seals at once."""
    import time

    from linli.access import api as access

    kept = access.AuditSealer()
    return lambda: kept.seal(patience_s=10, pause=time.sleep)


@pytest.fixture
def till(corp):
    from tests.api.tills import Caller

    return Caller(corp, ["orders.write", "orders.read", "members.write"])
