"""Files as people really have them: bad rows, encodings, repeats, cuts, kills."""

import gzip
from decimal import Decimal

import pytest
from django.db import OperationalError

from linli.commerce import importing
from linli.commerce.importing import run_import
from linli.commerce.mapping import UCI, ColumnMapping, guess
from linli.commerce.models import CustomerTotals, ImportProblem, ImportRun, Order, OrderLine, Refund
from linli.ledger.models import FactRow
from tests.commerce.files import HEADER, as_csv, begin_run, everything, line

CHINESE = ["订单号", "货号", "商品名称", "数量", "付款时间", "单价", "会员号"]


def reasons(run):
    return list(ImportProblem.objects.filter(run=run).order_by("id").values_list("line_number", "reason"))


def test_bad_rows_are_named_and_the_good_ones_are_in(bring, corp):
    run = bring(
        [
            line("1"),
            line("", sku="B"),
            line("2", quantity="1.5"),
            line("3", price="free"),
            line("4", price="1.23456"),
            line("5", at="yesterday"),
            line("6", at=""),
            line("7", at="1066-10-14 09:00"),
            ["8", "too", "few"],
            line("9", sku="S" * 65),
            line("10", quantity="99999999999"),
            line("11", text="two\nlines"),
            line("12", quantity="9999999", price="9999999"),
        ]
    )
    assert reasons(run) == [
        (3, "number_missing"), (4, "quantity_unreadable"), (5, "price_unreadable"), (6, "price_precision"),
        (7, "date_unreadable"), (8, "date_missing"), (9, "date_out_of_range"), (10, "column_count"), (11, "sku_too_long"),
        (12, "quantity_too_large"), (15, "price_too_large"),
    ]  # fmt: skip
    assert (run.state, run.problem_count, run.lines_total, run.lines_done) == ("done", 11, 13, 2)
    assert sorted(Order.objects.filter(corp_id=corp.id).values_list("number", flat=True)) == ["1", "11"]
    assert OrderLine.objects.get(order__number="11").description == "two\nlines"


def test_a_forgotten_quotation_mark_costs_one_line_only(bring, corp):
    rows = as_csv([line(str(number)) for number in range(1, 301)]).split(b"\r\n")
    rows[5] = b'5,"A,MUG,1,2010-12-01 08:26:00,2.50,17850.0,UK'
    run = bring(b"\r\n".join(rows))
    assert reasons(run) == [(6, "broken_quotes")]
    assert Order.objects.filter(corp_id=corp.id).count() == 299


def test_a_forgotten_quotation_mark_near_the_end(bring, corp):
    rows = as_csv([line(str(number)) for number in range(1, 10)]).split(b"\r\n")
    rows[8] = b'8,A,"MUG,1,2010-12-01 08:26:00,2.50,17850.0,UK'
    run = bring(b"\r\n".join(rows))
    assert reasons(run) == [(9, "broken_quotes")]
    assert Order.objects.filter(corp_id=corp.id).count() == 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found(bring, corp, encoding):
    rows = [["D1", "M1", "马克杯 · 龘", "2", "2026年03月08日 09:30:00", "¥25.50", "会员7"]]
    mapping = guess(CHINESE)
    assert mapping.columns["number"] == "订单号"
    run = bring(as_csv(rows, encoding, CHINESE), mapping=mapping)
    assert reasons(run) == []
    order = Order.objects.get(corp_id=corp.id)
    assert (order.amount, order.buyer_ref, order.currency) == (Decimal(51), "会员7", "CNY")
    assert order.paid_at.isoformat() == "2026-03-08T01:30:00+00:00"
    assert OrderLine.objects.get(order=order).description == "马克杯 · 龘"


def test_one_line_in_a_foreign_encoding_is_a_bad_row_not_rubbish(bring, corp):
    body = as_csv(
        [line(str(number), text="马克杯") for number in range(4)]
    ) + "9,A,龙井,1,2010-12-01,2.5,,UK\r\n".encode("gb18030")
    run = bring(body)
    assert reasons(run) == [(6, "encoding")]
    assert Order.objects.filter(corp_id=corp.id).count() == 4


def test_gzip_tabs_and_a_column_too_many(bring, corp):
    text = "\t".join(HEADER) + "\n" + "\t".join([*line("1"), ""]) + "\n\n" + "\t".join(line("2")) + "\n"
    run = bring(gzip.compress(text.encode()))
    assert (run.state, run.orders_new, run.problem_count) == ("done", 2, 0)


def test_a_workbook(bring, corp, tmp_path):
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append([536365, "85123A", "MUG", 6, datetime.datetime(2010, 12, 1, 8, 26), 2.55, 17850, "UK"])
    book.save(tmp_path / "orders.xlsx")
    run = bring((tmp_path / "orders.xlsx").read_bytes())
    assert (run.state, run.orders_new, run.problem_count) == ("done", 1, 0)
    order = Order.objects.get(corp_id=corp.id)
    assert (order.number, order.amount, order.buyer_ref) == ("536365", Decimal("15.30"), "17850")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\x1f\x8b broken", "file_broken"),
        (b"PK\x03\x04 broken", "file_broken"),
        (b"x" * 2_000_000, "file_not_text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "file_binary"),
        (b"Number,When\r\n1,2\r\n", "mapping_unknown_column"),
        (gzip.compress(b"\n" * 3_000, mtime=0), "file_too_large"),
    ],
)
def test_files_that_cannot_be_read_fail_with_a_reason(bring, settings, body, code):
    from dataclasses import replace

    settings.LINLI = replace(settings.LINLI, upload_limit=100 if code == "file_too_large" else 1_000_000)
    run = bring(body)
    assert (run.state, run.error_code) == ("failed", code)
    assert Order.objects.count() == 0


def test_the_same_file_twice_changes_nothing(bring, corp):
    rows = [
        line("1"),
        line("1"),
        line("1", sku="B"),
        line("C1", quantity="-1"),
        line("A1", price="-5", buyer=""),
        line("2", buyer=""),
    ]
    first = bring(rows)
    assert (first.orders_new, first.refunds_new, first.anonymous_lines) == (3, 1, 2)
    before, facts = everything(corp.id), FactRow.objects.count()
    second = bring(list(reversed(rows)))
    assert (second.orders_new, second.orders_known, second.orders_changed) == (0, 3, 0)
    assert (second.refunds_new, second.refunds_known, second.refunds_changed) == (0, 1, 0)
    assert (everything(corp.id), FactRow.objects.count()) == (before, facts)


def test_other_content_replaces_the_lines_and_moves_the_totals(bring, corp):
    bring([line("1", at="2010-12-03 10:00"), line("2", at="2010-12-02 10:00")])
    run = bring([line("1", at="2010-12-01 10:00", quantity="4"), line("1", at="2010-12-01 10:00", sku="B")])
    assert (run.orders_new, run.orders_known, run.orders_changed) == (0, 0, 1)
    order = Order.objects.get(corp_id=corp.id, number="1")
    assert (order.amount, order.line_count, order.changed_at is not None) == (Decimal("12.5"), 2, True)
    totals = CustomerTotals.objects.get(corp_id=corp.id)
    assert (totals.order_count, totals.line_count, totals.amount) == (2, 3, Decimal(15))
    assert (totals.first_paid_at.day, totals.last_paid_at.day) == (1, 2)
    fact = FactRow.objects.get(corp_id=corp.id, kind="commerce.order_changed")
    assert (fact.data["amount"], fact.data["amount_before"]) == ("12.5000", "2.5000")


def test_an_order_that_changes_its_buyer_leaves_the_old_one(bring, corp):
    bring([line("1", buyer="1"), line("2", buyer="1"), line("C1", buyer="1", quantity="-2")])
    bring([line("1", buyer="2"), line("C1", buyer="2", quantity="-1")])
    names = dict(Order.objects.filter(corp_id=corp.id).values_list("buyer_ref", "customer_id"))
    one, two = (CustomerTotals.objects.get(corp_id=corp.id, customer_id=names[ref]) for ref in ("1", "2"))
    assert (one.order_count, one.amount, one.refund_count, one.refund_amount, one.last_refunded_at) == (
        1,
        Decimal("2.5"),
        0,
        0,
        None,
    )
    assert (two.order_count, two.amount, two.refund_count, two.refund_amount) == (1, Decimal("2.5"), 1, Decimal("2.5"))


def test_a_refund_may_come_before_its_order(bring, corp):
    bring([line("C9", quantity="-1", at="2010-12-05 09:00")])
    totals = CustomerTotals.objects.get(corp_id=corp.id)
    assert (totals.order_count, totals.first_paid_at, totals.refund_count) == (0, None, 1)
    bring([line("9", at="2010-12-01 09:00")])
    totals.refresh_from_db()
    assert (totals.order_count, totals.amount - totals.refund_amount, totals.first_paid_at.day) == (1, 0, 1)
    assert Refund.objects.get(corp_id=corp.id).amount == Decimal("2.5")


def test_mended_lines_complete_their_orders(bring, corp):
    whole = [line("1"), line("1", sku="B", quantity="3"), line("1", sku="C"), line("2")]
    broken = [row if row[1] != "B" else [*row[:3], "three", *row[4:]] for row in whole]
    bring(broken)
    completes = ColumnMapping.from_json(UCI.to_json() | {"completes": True})
    run = bring([whole[1]], mapping=completes)
    assert (run.orders_changed, run.orders_new) == (1, 0)
    assert OrderLine.objects.filter(corp_id=corp.id, order__number="1").count() == 3
    before = everything(corp.id)
    assert bring([whole[1]], mapping=completes).orders_known == 1
    assert bring(whole).orders_known == 2
    assert everything(corp.id) == before


def test_a_killed_import_goes_on_behind_its_last_chunk(corp, tmp_path, bring, monkeypatch):
    rows = [line(str(number), sku=f"S{place}") for number in range(40) for place in range(5)]
    run = begin_run(corp.id, tmp_path, [as_csv(rows)])
    real = importing.apply_chunk

    def killed_in_the_third(**given):
        if given["chunk"] == 3:
            raise OperationalError("the server went away")
        return real(**given)

    monkeypatch.setattr(importing, "apply_chunk", killed_in_the_third)
    with pytest.raises(OperationalError):
        run_import(corp_id=corp.id, run_id=run.pk, chunk_lines=50)
    run.refresh_from_db()
    assert (run.state, run.chunks_done, run.orders_new) == ("writing", 2, 20)
    assert Order.objects.filter(corp_id=corp.id).count() == 20

    monkeypatch.setattr(importing, "apply_chunk", real)
    run_import(corp_id=corp.id, run_id=run.pk, chunk_lines=50)
    run.refresh_from_db()
    assert (run.state, run.orders_new, run.orders_known, run.lines_done) == ("done", 40, 0, 200)
    broken_off = everything(corp.id)
    assert bring(rows).orders_known == 40
    assert everything(corp.id) == broken_off
    assert CustomerTotals.objects.get(corp_id=corp.id).line_count == 200


def test_cancel_stops_behind_a_chunk_and_a_repeat_completes(corp, tmp_path, bring, monkeypatch):
    from linli.commerce import api as commerce

    rows = [line(str(number)) for number in range(100)]
    run = begin_run(corp.id, tmp_path, [as_csv(rows)])
    real = importing.apply_chunk

    def somebody_cancels(**given):
        if given["chunk"] == 2:
            commerce.cancel_import(corp_id=corp.id, run_id=run.pk)
        return real(**given)

    monkeypatch.setattr(importing, "apply_chunk", somebody_cancels)
    run_import(corp_id=corp.id, run_id=run.pk, chunk_lines=10)
    run.refresh_from_db()
    assert (run.state, run.orders_new, run.lines_done) == ("cancelled", 20, 20)
    assert Order.objects.filter(corp_id=corp.id).count() == 20
    run_import(corp_id=corp.id, run_id=run.pk)
    assert Order.objects.filter(corp_id=corp.id).count() == 20
    monkeypatch.setattr(importing, "apply_chunk", real)
    again = bring(rows)
    assert (again.orders_new, again.orders_known) == (80, 20)


def test_a_run_that_another_process_has_in_hand_is_left_alone(corp, tmp_path, transactional_db):
    import psycopg
    from django.db import connection

    run = begin_run(corp.id, tmp_path, [as_csv([line("1")])])
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('commerce.import'), %s)", [run.pk])
        run_import(corp_id=corp.id, run_id=run.pk)
        run.refresh_from_db()
        assert (run.state, Order.objects.count()) == (ImportRun.State.WAITING, 0)
        other.execute("SELECT pg_advisory_unlock(hashtext('commerce.import'), %s)", [run.pk])
    run_import(corp_id=corp.id, run_id=run.pk)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE


def test_two_corps_do_not_see_each_other(bring, corp):
    from linli.access import api as access

    other = access.create_corp(wecom_id="ww-other", name="别家")
    bring([line("1")])
    run = bring([line("1", quantity="7")], corp_id=other.id)
    assert (run.orders_new, run.orders_changed) == (1, 0)
    assert CustomerTotals.objects.get(corp_id=corp.id).quantity == 1
    assert CustomerTotals.objects.get(corp_id=other.id).quantity == 7
