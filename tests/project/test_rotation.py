"""The master key is changed under a house at work, is killed between any two of its steps, and no secret is lost."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import models

from linli.kit.sealing import KeyRing, SealBroken, Sealer, neighbours, read_key
from linli.project import rotation
from linli.project.sealed import PLAIN, SEALED, values
from tests.project.house import ROOT, a_house

SECRETS = {"app": "the app's own secret", "contacts": "another one", "archive": "and a third"}


def test_every_sealed_column_is_in_the_table():
    """A new binary column must be declared: sealed (then a rotation seals it anew), or plain."""
    known = {(one.table, one.column) for one in SEALED} | PLAIN
    found = {
        (model._meta.db_table, field.column)
        for model in apps.get_models() for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and model.__module__.startswith("linli.")
    }  # fmt: skip
    assert found == known


def test_every_place_in_the_code_is_in_the_table():
    """The places to which the code binds its seals are those that a rotation knows."""
    known = {re.sub(r"\{[^}]*\}", "*", one.place) for one in SEALED}
    found = set()
    for path in (ROOT / "src/linli").rglob("*.py"):
        for call in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]:
            for word in call.keywords:
                if word.arg == "place" and isinstance(word.value, ast.JoinedStr):
                    parts = [part.value if isinstance(part, ast.Constant) else "*" for part in word.value.values]
                    found.add("".join(parts))
    assert found
    assert found <= known


@pytest.fixture
def kept(given, tmp_path):
    """A database with secrets of every kind under one key; (url, key file, what opens them all)."""
    path = tmp_path / "master.key"
    path.write_bytes(os.urandom(32))
    sealer = KeyRing(path)
    old = bytes.fromhex("01")
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO access_corp (id, wecom_id, name, zone, created_at) VALUES (7, 'ww7', 'n', 'UTC', now())"
        )
        for name, text in SECRETS.items():
            connection.execute(
                "INSERT INTO access_secret (corp_id, name, sealed, changed_at) VALUES (7, %s, %s, now())",
                [name, sealer.seal(text.encode(), place=f"access.secret:7:{name}")],
            )
        connection.execute(
            "INSERT INTO connect_apptoken (corp_id, app, value_sealed, expires_at, version) VALUES (7, 'app', %s, now(), 1)",
            [nameless(path, b"a token from before keys had names", "connect.apptoken:7:app")],
        )
        connection.execute(
            "INSERT INTO connect_callbackline (corp_id, key, wecom_id, agent_id, token_sealed, aes_key_sealed)"
            " VALUES (7, 'kkk', 'ww7', 1, %s, %s)",
            [
                sealer.seal(b"token", place="connect.callback:kkk:token"),
                sealer.seal(b"aes", place="connect.callback:kkk:aes_key"),
            ],
        )
    assert old
    return given, path


def nameless(path: Path, value: bytes, place: str) -> bytes:
    """As the first version sealed: no name of a key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return b"\x01" + b"n" * 12 + AESGCM(path.read_bytes()).encrypt(b"n" * 12, value, place.encode())


def opened(url: str, sealer: Sealer) -> list[bytes]:
    with psycopg.connect(url) as connection:
        return [sealer.open(value, place=place) for one in SEALED for _row, place, value in values(connection, one)]


def test_every_secret_is_sealed_anew_and_the_old_key_opens_none(kept):
    url, path = kept
    before, first = opened(url, KeyRing(path)), read_key(path)
    done = rotation.rotate(path, url)
    assert done.resealed == len(before) == 6
    assert opened(url, Sealer(read_key(path))) == before, "the new key alone opens all"
    assert read_key(done.aside) == first
    assert done.aside.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in path.parent.iterdir()) == ["master.key", done.aside.name]
    with pytest.raises(SealBroken):
        opened(url, Sealer(first))


def test_a_process_that_runs_follows_the_keys(kept):
    url, path = kept
    running = KeyRing(path)
    before = opened(url, running)
    rotation.rotate(path, url)
    assert opened(url, running) == before
    assert Sealer(read_key(path)).open(running.seal(b"later", place="p"), place="p") == b"later"


# Each is a moment between two steps, at which the process is killed.
MOMENTS = ("write_durably:1", "write_durably:2", "replace:2", "replace:3", "seal:1", "seal:3", "seal:6", "replace:4")
KILLED = """
import os, sys
from pathlib import Path
name, at = sys.argv[1].split(":")
seen = 0
def watched(work):
    def wrapper(*given, **named):
        global seen
        done = work(*given, **named)
        seen += 1
        if seen == int(at):
            os.kill(os.getpid(), 9)
        return done
    return wrapper
from linli.project import backup, rotation
from linli.kit import sealing
if name == "write_durably":
    rotation.write_durably = watched(rotation.write_durably)
elif name == "replace":
    Path.replace = watched(Path.replace)
else:
    sealing.KeyRing.seal = watched(sealing.KeyRing.seal)
rotation._GRACE_S = 0.01
rotation.rotate(Path(sys.argv[2]), sys.argv[3])
"""


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_between_its_steps_every_secret_opens_and_the_next_run_ends_it(kept, moment):
    url, path = kept
    before, first = opened(url, KeyRing(path)), read_key(path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, moment, str(path), url],
        env=os.environ | {"PYTHONPATH": "src"},
        cwd=ROOT,
        check=False,
    )
    assert killed.returncode == -9, "it was killed at that moment"
    assert opened(url, KeyRing(path)) == before, "between the keys everything opens"
    if moment == "replace:4":
        assert [read_key(one) for one in path.parent.glob("*.retired-*")] == [first]
        return
    rotation.rotate(path, url)
    assert opened(url, Sealer(read_key(path))) == before
    assert not any(one.exists() for one in neighbours(path)[1:])
    assert first in {read_key(one) for one in path.parent.glob("*.retired-*")}


def test_what_opens_under_no_key_stops_the_rotation_and_both_keys_stay(kept):
    url, path = kept
    with psycopg.connect(url, autocommit=True) as connection:
        stranger = Sealer(os.urandom(32)).seal(b"x", place="access.secret:7:app")
        connection.execute("UPDATE access_secret SET sealed = %s WHERE name = 'app'", [stranger])
    with pytest.raises(rotation.RotationFailed, match="access_secret"):
        rotation.rotate(path, url)
    assert neighbours(path)[2].exists()


def test_the_command_rotates_a_house(seed):
    with a_house(seed) as house:
        first = (house.data / "master.key").read_bytes()
        assert "sealed under the new key" in house.well("rotate-key")
        assert (house.data / "master.key").read_bytes() != first
        (house.data / "master.key").unlink()
        assert "master.key is gone: put it back" in house.refused("up")
