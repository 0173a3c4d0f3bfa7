"""What every test may ask for: a fresh corp, a signed-in console, the shared folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no failure: nothing here is judged by how long it took.
settings.register_profile("linli", deadline=None)
settings.load_profile("linli")

NEEDED_IN_CI = ("../shared", "beside this checkout", "Chromium", "C compiler")  # what the reason of such a skip names


# The longest go first, so that no worker ends long after the others.
LONGEST = ("tests/project", "tests/story", "tests/chaos", "tests/access")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: next((n for n, way in enumerate(LONGEST) if item.nodeid.startswith(way)), len(LONGEST)))


class FilesTogether(LoadScopeScheduling):
    """With several workers (pytest-xdist) a file stays on one of them, with what it set up; the story is one file too."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "story" if file.startswith("tests/story") else file


def pytest_xdist_make_scheduler(config, log):
    # Its own --dist loadgroup does nothing with pytest 9.2: it writes to an attribute of items that is gone.
    return FilesTogether(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI (LINLI_CI=1) what is skipped for want of ../shared or Chromium fails: both must be there."""
    report = yield
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if os.environ.get("LINLI_CI") == "1" and any(words in reason for words in NEEDED_IN_CI):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI. {reason}"
    return report


@pytest.fixture
def corp(db):
    from linli.access import api as access

    return access.create_corp(wecom_id=f"ww{os.urandom(8).hex()}", name="邻里咖啡")


@pytest.fixture
def console(client, corp):
    """Django's test client, signed in as this corp's administrator."""
    from linli.access import api as access
    from linli.access.models import Account

    account = access.create_administrator(corp_id=corp.id, username=f"admin-{corp.id}", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    return client


@pytest.fixture
def shared() -> Iterator[Path]:
    """The shared folder beside the checkout; what needs it is skipped loudly without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.exists():
        pytest.skip("../shared is not here: the fixtures of WeCom's wire do not ship")
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Threads of code under test may still hold a session when the database is dropped: they are ended first."""
    yield
    from django.db import connection

    from linli.connect import side

    side.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _fresh_leases():
    """A process's leases outlive a test's database rows; no test inherits another's."""
    yield
    from linli.connect.budget import forget_leases

    forget_leases()
