"""The page “运行”: what failed in plain words, set going or dropped with a reason, alone or in bulk; replay from the page."""

import pytest
from django.test import Client
from django.urls import reverse

from linli.access import api as access
from linli.access.models import Account
from linli.ledger import api as ledger
from linli.ledger.models import Parked
from tests.ledger.test_parked import Ear, say
from tests.ledger.wiring import wiring  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ear(corp, wiring):  # noqa: F811 - the fixture
    """Three facts of one kind of trouble wait for a person, with a later one behind the first."""
    ear = Ear(1, 2, 3, name="groups.name_stays")
    wiring.append(ear.subscription)
    say(corp, ("x:1", 1), ("x:2", 2), ("x:3", 3), ("x:1", 4), ("x:9", 9))
    ear.until_parked()
    return ear


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_what_waits_is_told_by_cause_in_plain_words_and_every_page_points_there(console, ear):
    page = text(console.get(reverse("running:index")))
    assert "有 3 条没处理成，等你看一下" in page
    assert "认出群里后来成为客户的人" in page
    assert "内容和预期的不一样" in page
    assert "13800138000" not in page
    assert "后面还有 1 条在等它们" in page
    assert f'href="{reverse("running:index")}"' in text(console.get(reverse("today:index")))


def test_empty_it_says_that_nothing_waits(console):
    page = text(console.get(reverse("running:index")))
    assert "收到的都处理完了" in page
    assert console.get(reverse("running:aside", args=["other"])).status_code == 404


def test_all_of_one_cause_are_set_going_at_once(console, corp, ear):
    ear.bad.clear()
    (group,) = ledger.parked_groups(corp_id=corp.id)
    console.post(reverse("running:going"), {"subscriber": group.subscriber, "error": group.error})
    ear.go()
    assert sorted(ear.heard) == [1, 2, 3, 4, 9]


def test_the_chosen_are_dropped_with_a_reason_and_without_one_nothing_happens(console, corp, ear):
    rows = ledger.parked(corp_id=corp.id)
    chosen = [rows[0].id, rows[1].id]
    console.post(reverse("running:drop"), {"id": chosen, "reason": " "})
    assert ledger.parked_counts(corp_id=corp.id)["dropped"] == 0
    console.post(reverse("running:drop"), {"id": chosen, "reason": "旧数据"})
    assert ledger.parked_counts(corp_id=corp.id) == {"retrying": 0, "held": 1, "parked": 1, "dropped": 2}
    page = text(console.get(reverse("running:aside", args=["dropped"])))
    assert "旧数据" in page
    assert Account.objects.get().username in page


def test_one_is_shown_with_where_it_failed(console, ear):
    row = Parked.objects.filter(state=Parked.State.PARKED).earliest("id")
    page = text(console.get(reverse("running:detail", args=[row.pk])))
    assert "ValueError" in page
    assert " hear" in page
    assert "“…”" in page


def test_another_corps_troubles_are_not_shown_and_cannot_be_touched(console, ear):
    other = access.create_corp(wecom_id="wwother", name="别家")
    theirs = Client()
    account = access.create_administrator(corp_id=other.id, username="other", password="a long pass phrase")
    theirs.force_login(Account.objects.get(id=account))
    row = Parked.objects.filter(state=Parked.State.PARKED).earliest("id")
    assert theirs.get(reverse("running:detail", args=[row.pk])).status_code == 302
    theirs.post(reverse("running:drop"), {"id": [row.pk], "reason": "mine now"})
    theirs.post(reverse("running:going"), {"subscriber": row.subscriber, "error": row.error})
    row.refresh_from_db()
    assert row.state == Parked.State.PARKED
    assert "收到的都处理完了" in text(theirs.get(reverse("running:index")))


def test_a_replay_is_tried_dry_then_done_from_the_page(console, ear):
    ear.bad.clear()
    here = reverse("running:replay", args=[ear.name])
    console.post(reverse("running:start", args=[ear.name]), {"what": "dry", "position": "0"})
    (run,) = ledger.open_dry_runs()
    assert reverse("running:progress", args=[run]) in text(console.get(here))
    ledger.dry_run(run)
    assert "新增 5" in text(console.get(here))
    console.post(reverse("running:start", args=[ear.name]), {"what": "real", "position": "4"})
    ear.go()
    assert ear.heard == [9, 9]
    console.post(reverse("running:start", args=[ear.name]), {"what": "real", "position": "two"})
    assert len(ledger.replays()) == 2


def test_a_replay_that_goes_on_can_be_stopped(console, ear):
    console.post(reverse("running:start", args=[ear.name]), {"what": "dry", "at": "2001-01-01T00:00"})
    (run,) = ledger.open_dry_runs()
    console.post(reverse("running:stop", args=[run]))
    assert ledger.replay(replay_id=run).state == "cancelled"
    assert console.get(reverse("running:progress", args=[run])).headers["HX-Refresh"] == "true"
