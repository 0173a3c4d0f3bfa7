"""The pages of privacy: the file of one person, an erasure, how long things are kept, consent."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from linli.commerce.models import ImportProblem, ImportRun
from linli.customers.models import ConsentChange, Customer
from linli.kit.clock import frozen, now, wall
from linli.ledger.models import InboxRow
from linli.privacy import erasures, exports, retention
from linli.privacy.models import Erasure, PersonExport, RetentionRule, SweepRun
from tests.privacy.world import DAY, EXTERNAL, STRINGS, lose


def test_a_file_of_one_person_holds_all_that_is_held_and_nobody_else(console, world):
    answer = console.post(f"/privacy/people/{world.customer}/exports/", {"reason": "asked"})
    row = PersonExport.objects.get()
    assert answer["Location"] == f"/privacy/exports/{row.pk}/"
    assert (row.author, row.state) == (f"admin-{world.corp_id}", "waiting")
    assert console.get(answer["Location"]).status_code == 200
    exports.run(corp_id=world.corp_id, export_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.done) == ("done", row.total)
    sealed = bytes(row.sealed)
    assert not any(text.encode() in sealed for text in (*STRINGS, "PK\x03\x04"))
    taken = console.post(f"/privacy/exports/{row.pk}/file/")
    with zipfile.ZipFile(io.BytesIO(taken.content)) as file:
        page, data = file.read("index.html").decode(), json.loads(file.read("data.json"))
    text = json.dumps(data, ensure_ascii=False)
    assert [one for one in STRINGS if one not in page or one not in text] == []
    assert "隔壁邻居" not in page + text
    assert "我们存有的关于您的全部信息" in page
    assert "http" not in page.replace("https://wx.example/avatar-unmistakable", ""), "nothing is loaded from elsewhere"
    tables = {one["table"]: len(one["rows"]) for one in data["sections"]}
    assert tables["commerce_order"] == 2
    assert tables["customers_identity"] == 4


def test_the_file_goes_when_its_time_is_over(console, world):
    made = exports.ask(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")
    exports.run(corp_id=world.corp_id, export_id=made)
    row = PersonExport.objects.get()
    assert timedelta(days=6) < row.expires_at - wall() <= timedelta(days=7)
    PersonExport.objects.update(expires_at=wall())
    assert console.post(f"/privacy/exports/{made}/file/").status_code == 404
    assert exports.forget_expired(corp_id=world.corp_id) == 1
    assert PersonExport.objects.get().sealed is None


def test_an_erasure_from_the_page_to_its_proof(console, world):
    page = console.get(f"/privacy/people/{world.customer}/")
    number = Customer.objects.get(id=world.customer).no
    assert "去掉人后保留" in page.text
    refused = console.post(f"/privacy/people/{world.customer}/erasure/", {"reason": "asked", "typed": "no"})
    assert (refused.status_code, Erasure.objects.count()) == (422, 0)
    answer = console.post(f"/privacy/people/{world.customer}/erasure/", {"reason": "asked", "typed": number})
    row = Erasure.objects.get()
    assert console.get(answer["Location"]).status_code == 200
    Erasure.objects.update(begins_at=wall())
    erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    proof = json.loads(console.get(f"/privacy/erasures/{row.pk}/proof/").content)
    assert erasures.digest(proof["proof"]) == proof["sha256"]
    assert console.get("/privacy/").status_code == 200
    shown = console.get(f"/customers/{world.customer}/")
    assert "此人已抹除" in shown.text
    assert console.get(f"/privacy/people/{world.customer}/").status_code == 404
    assert world.customer not in [one["row"].pk for one in console.get("/customers/").context["rows"]]


def test_consent_is_kept_with_author_and_reason(console, world):
    console.post(f"/customers/{world.customer}/consent/", {"consent": "0", "reason": "在店里说的"})
    row = ConsentChange.objects.order_by("-id").first()
    assert (row.consent, row.reason, row.author) == (False, "在店里说的", f"admin-{world.corp_id}")
    assert f"admin-{world.corp_id}" in console.get(f"/customers/{world.customer}/").text
    before = ConsentChange.objects.count()
    console.post(f"/customers/{world.customer}/consent/", {"consent": "0", "reason": "again"})
    assert ConsentChange.objects.count() == before


@pytest.mark.parametrize(
    ("kind", "days"),
    [("exports", "31"), ("exports", ""), ("exports", "0"), ("nothing", "3"), ("uploads", "-1"), ("uploads", "x")],
)
def test_a_retention_out_of_bounds_is_refused(console, world, kind, days):
    assert console.post("/privacy/retention/", {"kind": kind, "days": days}).status_code == 422
    assert not RetentionRule.objects.exists()


def test_a_setting_is_a_row_with_author_and_the_newest_holds(console, world):
    for days in ("30", "60", "60"):
        assert console.post("/privacy/retention/", {"kind": "bad_lines", "days": days}).status_code == 302
    assert retention.days(corp_id=world.corp_id, kind="bad_lines") == 60
    assert list(RetentionRule.objects.order_by("id").values_list("days", "author")) == [
        (30, f"admin-{world.corp_id}"), (60, f"admin-{world.corp_id}"),
    ]  # fmt: skip


def test_the_sweep_takes_what_was_kept_long_enough_and_nothing_else(world):
    with frozen(now()) as clock:
        assert retention.sweep(corp_id=world.corp_id)["uploads"] == 0
        clock.forward(days=8)
        done = retention.sweep(corp_id=world.corp_id)
    assert done["uploads"] == 1
    assert ImportRun.objects.get(id=world.draft).state == "cancelled"
    assert not ImportProblem.objects.exists(), "their run ended years ago"
    codes = InboxRow.objects.filter(welcome_state=3)
    assert [row.welcome_code for row in codes] == [None]
    assert b"CODE" not in bytes(codes[0].payload).replace(b"WelcomeCode", b"")
    assert EXTERNAL.encode() in bytes(codes[0].payload)
    assert done["lost_customers"] == 0, "off unless somebody sets it"


def test_lost_customers_are_erased_when_it_is_set_and_may_come_in_again(world):
    retention.set_days(corp_id=world.corp_id, kind="lost_customers", kept=365, author="op")
    lose(world.corp_id, EXTERNAL, DAY + timedelta(days=10))
    with frozen(DAY + timedelta(days=300)):
        assert retention.sweep(corp_id=world.corp_id)["lost_customers"] == 0
    with frozen(DAY + timedelta(days=400)):
        assert retention.sweep(corp_id=world.corp_id)["lost_customers"] == 1
        [erasure] = erasures.open_erasures(corp_id=world.corp_id)
        erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    row = Erasure.objects.get()
    assert (row.customer_id, row.reason, row.tokens, row.state) == (world.customer, "retention", 0, "done")
    assert Customer.objects.get(id=world.neighbour).erased_at is None


def test_a_night_is_swept_once_at_three_by_the_corps_real_clock(world, monkeypatch):
    from datetime import UTC, datetime

    for hour, swept in ((18, False), (19, True), (19, False)):
        monkeypatch.setattr(retention, "wall", lambda hour=hour: datetime(2026, 5, 1, hour, 25, tzinfo=UTC))
        assert retention.sweep_if_due(corp_id=world.corp_id) is swept
    assert SweepRun.objects.get().counts.keys() >= set(retention.KINDS)
