"""kill -9 of a process that reads the archive, at its worst moments: at most one page is asked for twice, nothing is lost or doubled."""

import hashlib
import os
import subprocess
import sys

import pytest
from django.conf import settings

from linli.archive import api, fetching
from linli.archive.models import Media, MediaPiece, Message, Tally
from tests.project.house import ROOT

PULL = "from linli.archive import api, pulling; pulling.PAGE = 2; print(api.pull(corp_id={corp}).whole)"
FETCH = "from linli.archive import api; print(api.fetch(corp_id={corp}))"
BIG = os.urandom(1_250_000)  # three pieces
PAGES = 4  # of two messages, the last of them empty


def run(town, code: str, tmp_path, kill_at: str = "") -> int:
    """A process of its own, on this test's database; its exit code."""
    base = settings.DATABASES["default"]
    host = base["OPTIONS"].get("host") or base["HOST"]
    url = f"postgresql://{base['USER']}:{base['PASSWORD']}@/{base['NAME']}?host={host}&port={base['PORT']}"
    env = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "linli.project.settings", "LINLI_KILL_AT": kill_at,
        "LINLI_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    program = f"import django; django.setup(); {code.format(corp=town.corp_id)}"
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, -9}, done.stderr[-2000:]
    return done.returncode


@pytest.mark.parametrize("point", ["archive.fetched", "archive.kept"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_killed_reading_goes_on_and_asks_for_at_most_one_page_again(town, tmp_path, point, nth):
    msgids = [town.says(str(n)) for n in range(5)]
    calls = town.stage.sandbox.world.tally.calls
    assert run(town, PULL, tmp_path, f"{point}:{nth}") == -9
    assert run(town, PULL, tmp_path) == 0
    assert calls["archive/chatdata"] == PAGES + (point == "archive.fetched")
    assert list(Message.objects.order_by("seq").values_list("msgid", flat=True))[1:] == msgids
    assert Tally.objects.get(kind="text").count == 5


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_killed_fetch_goes_on_behind_the_piece_that_it_had(town, tmp_path, nth):
    msgid = town.sends("file", BIG, filename="价目.pdf", fileext="pdf")
    town.pull()
    calls = town.stage.sandbox.world.tally.calls
    assert run(town, FETCH, tmp_path, f"archive.piece_kept:{nth}") == -9
    assert run(town, FETCH, tmp_path) == 0
    assert calls["archive/media"] == 3, "no piece is fetched twice"
    media = Media.objects.get(msgid=msgid)
    assert (media.state, media.pieces) == ("done", 3)
    whole = b"".join(fetching.content(corp_id=town.corp_id, media_id=media.pk, sent_at=media.sent_at))
    assert hashlib.sha256(whole).digest() == hashlib.sha256(BIG).digest()
    assert MediaPiece.objects.count() == 3
    assert api.fetch(corp_id=town.corp_id) == 0
