"""An export or an erasure that somebody thinks better of: what is cancelled, when it no longer can be, and what the page says."""

from datetime import timedelta

import pytest

from linli.customers.models import Customer, Suppression
from linli.kit.clock import now, wall
from linli.kit.errors import NotFound, Refused, Unavailable
from linli.messaging.models import StaffTask
from linli.privacy import api, erasures, exports, journal
from linli.privacy import parts as engine
from linli.privacy.models import Erasure, ErasureStep, PersonExport
from tests.privacy.world import NAME


def asked(world) -> Erasure:
    number = str(Customer.objects.get(id=world.customer).no)
    made = api.ask_erasure(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked", typed=number)
    return Erasure.objects.get(id=made)


def come(row: Erasure) -> None:
    """The moment at which it may begin."""
    Erasure.objects.filter(id=row.pk).update(begins_at=wall())


def whole(world) -> list[int]:
    return [one.rows for one in api.erasure_plan(corp_id=world.corp_id, customer_id=world.customer)]


def test_until_it_begins_nothing_is_touched_and_it_can_be_cancelled(console, world):
    before, row = whole(world), asked(world)
    here = f"/privacy/erasures/{row.pk}/"
    assert not erasures.run(corp_id=world.corp_id, erasure_id=row.pk), "its time has not come"
    page = console.get(here).text
    assert "目前什么都没动" in page
    assert f"{here}cancellation/" in page
    assert console.post(f"{here}cancellation/")["Location"] == here
    come(row)
    erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.cancelled_by, row.subject_sealed) == ("cancelled", f"admin-{world.corp_id}", None)
    assert whole(world) == before
    assert Customer.objects.get(id=world.customer).name == NAME
    assert not ErasureStep.objects.exists()
    assert not Suppression.objects.exists(), "nobody is held back"
    page = console.get(here).text
    assert "已取消，" in page
    assert "cancellation/" not in page
    assert "proof/" not in page
    assert asked(world).pk != row.pk, "it can be asked for again"


def test_once_begun_it_cannot_be_cancelled_and_the_page_says_so(console, world, monkeypatch):
    row, here = asked(world), None
    come(row)
    here = f"/privacy/erasures/{row.pk}/"
    carry_out = engine.carry_out

    def cancelled_now(part, given, reached):
        if not ErasureStep.objects.filter(done=True).exists():
            assert "已经不能取消" in console.get(here).text
            console.post(f"{here}cancellation/")
            assert "抹除已经开始，不能取消" in console.get(here).text
        return carry_out(part, given, reached)

    monkeypatch.setattr(erasures, "carry_out", cancelled_now)
    erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.left, row.cancelled_by) == ("done", [], "")
    with pytest.raises(Refused):
        api.cancel_erasure(corp_id=world.corp_id, erasure_id=row.pk, author="op")


def test_cancelled_at_the_very_last_moment_it_does_not_begin(world, monkeypatch):
    row = asked(world)
    come(row)
    journal.path().unlink(missing_ok=True)
    may_begin = erasures._may_begin

    def cancelled_meanwhile(row):
        may_begin(row)
        api.cancel_erasure(corp_id=world.corp_id, erasure_id=row.pk, author="op")

    monkeypatch.setattr(erasures, "_may_begin", cancelled_meanwhile)
    erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, ErasureStep.objects.count(), Suppression.objects.count()) == ("cancelled", 0, 0)
    assert not journal.path().exists()


def test_while_it_waits_for_a_message_to_be_handed_over_nothing_is_touched(world):
    row = asked(world)
    come(row)
    StaffTask.objects.filter(id=world.task).update(state="unknown", called_at=now())
    with pytest.raises(Unavailable):
        erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert (row.state, ErasureStep.objects.count(), Suppression.objects.count()) == ("waiting", 0, 0)
    api.cancel_erasure(corp_id=world.corp_id, erasure_id=row.pk, author="op")


def test_an_export_is_cancelled_between_two_tables_and_keeps_nothing(console, world, monkeypatch):
    made = exports.ask(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")
    here, seen = f"/privacy/exports/{made}/", []
    show = engine.show

    def slowly(part, given):
        if len(seen) == 2:
            bar = console.get(here, headers={"HX-Request": "true"}).text
            assert 'aria-valuenow="2"' in bar
            assert f"{here}stop/" in bar
            assert console.post(f"{here}stop/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
        seen.append(part.table)
        return show(part, given)

    monkeypatch.setattr(exports, "show", slowly)
    exports.run(corp_id=world.corp_id, export_id=made)
    assert len(seen) == 3, "the table in hand was the last"
    row = PersonExport.objects.get()
    assert (row.state, row.sealed, row.cancelled_by) == ("cancelled", None, f"admin-{world.corp_id}")
    exports.run(corp_id=world.corp_id, export_id=made)
    assert PersonExport.objects.get().state == "cancelled", "a job that comes again begins nothing"
    assert "没有生成文件" in console.get(here).text
    assert console.post(f"{here}file/").status_code == 404
    assert "已经结束" in console.post(f"{here}stop/", follow=True).text


def test_a_file_gathered_while_its_person_was_erased_is_not_kept(world, monkeypatch):
    made = exports.ask(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")
    zipped = exports._zip

    def erased_meanwhile(row, sections):
        content = zipped(row, sections)
        erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
        assert erasures.run(corp_id=world.corp_id, erasure_id=erasure)
        return content

    monkeypatch.setattr(exports, "_zip", erased_meanwhile)
    exports.run(corp_id=world.corp_id, export_id=made)
    row = PersonExport.objects.get()
    assert (row.state, row.sealed) == ("cancelled", None)


def test_no_file_is_begun_of_somebody_who_is_being_erased(world):
    row = asked(world)
    with pytest.raises(Refused):
        api.ask_export(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")
    api.cancel_erasure(corp_id=world.corp_id, erasure_id=row.pk, author="op")
    assert api.ask_export(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")


def test_a_clock_that_went_back_puts_no_erasure_off(world):
    row = asked(world)
    Erasure.objects.update(begins_at=wall() + timedelta(hours=1))
    assert erasures.run(corp_id=world.corp_id, erasure_id=row.pk)
    row.refresh_from_db()
    assert row.state == "done"


def test_nobody_cancels_for_another_corp(world):
    from linli.access import api as access

    other = access.create_corp(wecom_id="ww-else", name="else").id
    made = exports.ask(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="check")
    row = asked(world)
    with pytest.raises(NotFound):
        api.cancel_erasure(corp_id=other, erasure_id=row.pk, author="x")
    with pytest.raises(NotFound):
        api.cancel_export(corp_id=other, export_id=made, author="x")
    row.refresh_from_db()
    assert (row.state, PersonExport.objects.get().state) == ("waiting", "waiting")
