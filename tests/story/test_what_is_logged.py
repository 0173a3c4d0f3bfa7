"""After the story, its kills and its pages: no secret, and nothing of anybody, stands in the log of any process.

It runs last (pytest takes the files of a folder by name), so the logs hold all that the tests before it made the demo do.
"""

import re

import httpx
import psycopg
import pytest

from linli.kit.sealing import KeyRing
from linli.project.postgres import Postgres
from linli.project.sealed import SEALED, values
from linli_demo.cast import APP_SECRET

# What people are called, say, write and are reached by; a text that a label of ours might hold as well is not looked for.
_OF_PEOPLE = """
SELECT name FROM customers_customer UNION SELECT unionid FROM customers_customer UNION SELECT remark FROM customers_follow
UNION SELECT value FROM customers_identity UNION SELECT name FROM directory_staff UNION SELECT name FROM access_account
UNION SELECT text FROM acquisition_welcome UNION SELECT text FROM messaging_stafftask
UNION SELECT content->>'text' FROM messaging_send UNION SELECT name FROM messaging_send
"""
# A name of one character and a member number of a few digits stand in any text: they are not looked for.
PHONE = re.compile(rb"(?<![0-9A-Za-z.-])1[3-9][0-9]{9}(?![0-9])")


@pytest.fixture
def known(stage) -> dict[str, set[str]]:
    """What may stand nowhere, by what it is; read from the demo's own database, opened with its own key."""
    ring = KeyRing(stage.folder / "master.key")
    with psycopg.connect(Postgres(stage.folder / "postgres").url()) as connection:
        sealed = {
            ring.open(value, place=place).decode() for one in SEALED for _, place, value in values(connection, one)
        }
        people = {row[0] for row in connection.execute(_OF_PEOPLE).fetchall() if row[0]}
    secrets = sealed | {APP_SECRET, (stage.folder / "django.key").read_text()}
    secrets.add((stage.folder / "postgres" / "postgres.password").read_text())
    said = httpx.get(f"{stage.sandbox}/control/state").json()
    people |= {row["name"] for row in said["customers"]}
    return {"secret": secrets, "person": {text for text in people if len(text) > (6 if text.isdigit() else 1)}}


def logs(stage) -> dict[str, bytes]:
    """All processes write into one; PostgreSQL has its own."""
    return {path.name: path.read_bytes() for path in (stage.folder / "log", stage.folder / "postgres" / "postgres.log")}


def test_no_secret_and_nothing_of_anybody_is_logged(stage, known):
    assert len(known["secret"]) > 6
    assert len(known["person"]) > 300
    for name, text in logs(stage).items():
        assert text, f"{name} holds something at all"
        found = {kind: sorted(one for one in all_ if one.encode() in text) for kind, all_ in known.items()}
        assert found == {"secret": [], "person": []}, name
        assert PHONE.findall(text) == [], name
    greeting = f"sign in as  admin / {stage.password}".encode()
    told = logs(stage)["log"]
    assert told.count(stage.password.encode()) == told.count(greeting) == 1, (
        "the demo greets with its password, and no more"
    )


def test_the_log_holds_the_usual_lines_of_the_processes(stage):
    said = logs(stage)["log"].decode(errors="replace")
    for process in ("console", "drain", "welcome", "deliver", "worker"):
        assert f'"process": "{process}"' in said, process
