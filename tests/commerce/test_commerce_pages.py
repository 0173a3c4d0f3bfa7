"""The pages about orders, as the administrator's browser asks for them."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from linli.access import api as access
from linli.commerce.importing import run_import
from linli.commerce.models import ImportRun, Order
from linli.customers import api as customers
from linli.kit.tables import harmless
from tests.commerce.files import as_csv, line

ROWS = [line("536365"), line("536366", buyer=""), line("C536367", quantity="-1"), line("A1", buyer="")]


@pytest.fixture
def console(console):
    """These pages are looked at in the clear."""
    assert console.post("/privacy/reveal/").status_code == 302
    return console


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def upload(console, body, source="till", name="orders.csv"):
    return console.post("/orders/imports/", {"source": source, "files": SimpleUploadedFile(name, body)})


def test_without_orders_the_page_leads_on(console):
    page = text_of(console.get("/orders/"))
    assert "/orders/imports/" in page
    assert "curl -X POST http://testserver/api/v1/orders" in page


def test_list_search_and_tabs(console, bring, corp):
    bring(ROWS)
    assert "536365" in text_of(console.get("/orders/"))
    assert "536366" not in text_of(console.get("/orders/"))
    assert "536366" in text_of(console.get("/orders/?what=anonymous"))
    assert "C536367" in text_of(console.get("/orders/?what=refunds"))
    assert "A1" in text_of(console.get("/orders/?what=adjustments"))
    assert "536365" in text_of(console.get("/orders/?q=5363"))
    assert "536365" in text_of(console.get("/orders/?q=17850"))
    assert "536365" not in text_of(console.get("/orders/?q=99999"))
    customers.ensure_member(corp_id=corp.id, mall_id="18000", name="50%_小林")
    bring([line("600000", buyer="18000")])
    assert "600000" in text_of(console.get("/orders/?q=小林"))
    assert "600000" in text_of(console.get("/orders/?q=%25_"))
    assert "600000" not in text_of(console.get("/orders/?q=5%25小"))
    assert "536365" in text_of(console.get("/orders/?since=2010-12-01&until=2010-12-01"))
    assert "536365" not in text_of(console.get("/orders/?since=2010-12-02"))
    assert "536365" not in text_of(console.get("/orders/?until=2010-11-30"))
    assert console.get("/orders/?since=x&until=9999-12-31&page=x").status_code == 200


def test_one_order_and_one_refund(console, bring, corp):
    bring(ROWS)
    order = Order.objects.get(corp_id=corp.id, number="536365")
    page = text_of(console.get(f"/orders/{order.pk}/"))
    assert "MUG" in page
    assert "17850" in page
    assert "C536367" in text_of(console.get(f"/orders/refunds/{_refund_id(corp)}/"))
    assert console.get("/orders/999999999/").status_code == 404


def _refund_id(corp):
    from linli.commerce.models import Refund

    return Refund.objects.get(corp_id=corp.id).pk


def test_another_corps_rows_are_not_there(console, bring):
    other = access.create_corp(wecom_id="ww-other", name="别家")
    run = bring(ROWS, corp_id=other.id)
    order = Order.objects.get(corp_id=other.id, number="536365")
    for path in (f"/orders/{order.pk}/", f"/orders/imports/{run.pk}/", f"/orders/imports/{run.pk}/problems.csv"):
        assert console.get(path).status_code == 404
    assert console.post(f"/orders/imports/{run.pk}/cancel/").status_code == 404


def test_nobody_looks_without_signing_in(client, db):
    assert client.get("/orders/").status_code == 302
    assert client.post("/orders/imports/").status_code == 302


def test_from_upload_to_orders(console, corp):
    body = as_csv([*ROWS, line("7", quantity="some")])
    answer = upload(console, body)
    run = ImportRun.objects.get(corp_id=corp.id)
    assert answer.headers["Location"] == f"/orders/imports/{run.pk}/"
    page = text_of(console.get(f"/orders/imports/{run.pk}/"))
    assert "UCI Online Retail" in page
    assert "536365" in page
    assert "some" in page
    assert Order.objects.count() == 0

    form = {
        "source": "till", "currency": "gbp", "date_order": "mdy", "encoding": "auto", "refund_prefix": "C",
        "adjustment_prefix": "A", **{f"column_{key}": value for key, value in run.mapping["columns"].items()},
    }  # fmt: skip
    changed = text_of(console.post(f"/orders/imports/{run.pk}/preview/", form | {"column_quantity": ""}))
    assert "some" in changed
    assert console.post(f"/orders/imports/{run.pk}/start/", form | {"column_number": ""}).status_code == 422
    assert console.post(f"/orders/imports/{run.pk}/start/", form | {"source": "a b"}).status_code == 422
    assert console.post(f"/orders/imports/{run.pk}/start/", form).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.source, run.mapping["currency"]) == ("waiting", "till", "GBP")
    job = ProcrastinateJob.objects.filter(task_name="commerce.import_orders").latest("id")
    assert job.args == {"corp_id": corp.id, "run_id": run.pk}
    assert "hx-get" in text_of(console.get(f"/orders/imports/{run.pk}/"))

    run_import(**job.args)
    live = console.get(f"/orders/imports/{run.pk}/progress/")
    assert live.headers["HX-Redirect"] == f"/orders/imports/{run.pk}/"
    page = text_of(console.get(f"/orders/imports/{run.pk}/"))
    assert "problems.csv" in page
    assert Order.objects.filter(corp_id=corp.id).count() == 3
    assert "orders.csv" in text_of(console.get("/orders/imports/"))


def test_the_upload_is_forgotten_when_it_is_in(console, corp, settings):
    upload(console, as_csv(ROWS))
    run = ImportRun.objects.get(corp_id=corp.id)
    folder = settings.LINLI.data_dir / "imports" / str(corp.id) / str(run.pk)
    assert list(folder.iterdir())
    ImportRun.objects.update(state="waiting")
    run_import(corp_id=corp.id, run_id=run.pk)
    assert not folder.exists()
    assert Order.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "source"),
    [(b"", "till"), (b"\x1f\x8bbroken", "till"), (as_csv(ROWS), "a source"), (b"x" * 3000, "till")],
)
def test_an_upload_that_cannot_be_taken_says_why_and_leaves_nothing(console, settings, body, source):
    from dataclasses import replace

    settings.LINLI = replace(settings.LINLI, upload_limit=2000)
    answer = upload(console, body, source)
    assert answer.status_code == 422
    assert "notice-danger" in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_a_draft_can_be_thrown_away(console, corp):
    before = ProcrastinateJob.objects.count()
    upload(console, as_csv(ROWS))
    run = ImportRun.objects.get(corp_id=corp.id)
    assert console.post(f"/orders/imports/{run.pk}/cancel/").status_code == 302
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert console.post(f"/orders/imports/{run.pk}/start/", {}).status_code == 302
    assert ProcrastinateJob.objects.count() == before


def test_bad_lines_come_back_as_csv_that_harms_nobody_and_can_be_mended(console, bring, corp):
    bad = line("9", text='=HYPERLINK("http://x")', quantity="-1.5", price="-2")
    run = bring([line("9"), bad, line("", text="@cmd", country="+1 800")])
    answer = console.get(f"/orders/imports/{run.pk}/problems.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"), newline="")))
    assert [row["Description"] for row in rows] == ['\'=HYPERLINK("http://x")', "'@cmd"]
    assert (rows[0]["Quantity"], rows[0]["UnitPrice"], rows[1]["Country"]) == ("-1.5", "-2", "'+1 800")
    assert [list(row.values())[-2] for row in rows] == ["3", "4"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("=1+1", "'=1+1"), ("-2", "-2"), ("-2.50", "-2.50"), ("-2+3", "'-2+3"), ("@A1", "'@A1"), ("\t=1", "'\t=1"),
     ("+8613", "+8613"), ("a=b", "a=b"), ("\uff1d1", "'\uff1d1"), ("", "")],
)  # fmt: skip
def test_harmless(cell, kept):
    assert harmless(cell) == kept


def test_the_list_asks_a_constant_number_of_questions(console, bring, django_assert_max_num_queries):
    bring([line(str(number), buyer=str(number)) for number in range(120)])
    with django_assert_max_num_queries(16):
        assert text_of(console.get("/orders/")).count("row-link") == 50
    with django_assert_max_num_queries(16):
        console.get("/orders/imports/")
