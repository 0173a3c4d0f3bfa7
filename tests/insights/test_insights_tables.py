"""Insights reads other rooms' tables: exactly those its README lists, and never writes."""

import re
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from linli.insights.queries.ground import ask, ground

ROOM = Path(__file__).resolve().parents[2] / "src/linli/insights"
FILES = sorted((ROOM / "sql").glob("*.sql"))
TABLE = re.compile(
    r"\b(?:access|connect|directory|customers|groups|commerce|segments|messaging|acquisition|ledger)_[a-z]+\b"
)


def code(path: Path) -> str:
    return "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("--")
    )


def test_the_readme_lists_every_table_that_is_read():
    read = {table for path in FILES for table in TABLE.findall(code(path))}
    listed = set(TABLE.findall((ROOM / "README.md").read_text(encoding="utf-8")))
    assert read == listed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_why_and_only_reads(path):
    assert path.read_text(encoding="utf-8").startswith("-- ")
    assert not re.search(
        r"\b(insert|update|delete|truncate|create|drop|alter|lock|now\(\)|current_)\b", code(path), re.IGNORECASE
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_bound_to_a_corp(path):
    text = code(path)
    assert text.count("%(corp)s") >= 1
    assert "corp_id" in text


@pytest.mark.django_db
def test_the_house_agrees_that_nothing_is_written(world):
    on = ground(world.corp_id)
    moment, day = on.as_of, on.today
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        for path in FILES:
            if path.stem != "ground":
                ask(
                    path.stem, on, since=day, until=day, start=moment, method="default", days=7, sends=[1], limit=1,
                    offset=0, week_ago=moment, nearly_full=180, staff=None, shop=None, one=None,
                )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            world.customer()  # the lock is on: a write would have failed
        transaction.set_rollback(True)
