"""The console's pages of shops, codes and welcomes, through the front door."""

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition.jobs import ensure_shop_codes
from linli.acquisition.models import LiveCode, Welcome
from linli.connect import api as connect
from linli.directory.models import Shop
from tests.sandbox.conftest import receiver  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def console(client, line):
    """Signed in at the corp that is connected to the sandbox."""
    from linli.access import api as access
    from linli.access.models import Account

    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase", name="周岚")
    client.force_login(Account.objects.get(id=account))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_an_empty_list_leads_on(console):
    assert "/connection/" in text(console.get("/shops/"))


def test_making_all_codes_is_queued_runs_and_is_shown(console, town):
    town.open_groups()
    assert "3 open shops have no code yet" in text(console.get("/shops/"))
    assert console.post("/shops/making/").status_code == 302
    from procrastinate.contrib.django.models import ProcrastinateJob

    job = ProcrastinateJob.objects.get(task_name="acquisition.ensure_shop_codes")
    console.post("/shops/making/")
    assert ProcrastinateJob.objects.filter(task_name="acquisition.ensure_shop_codes").count() == 1
    ensure_shop_codes(**job.args)
    acquisition.forget()
    page = text(console.get("/shops/"))
    assert "3 of 3 shops can take customers" in page
    assert "/h/" in page


def test_a_run_can_be_watched_and_stopped(console, town):
    with connect.run(corp_id=town.corp_id, kind=acquisition.CODES_RUN) as run:
        run.total = 60
        run.save()
        page = text(console.get("/shops/making/"))
        assert 'aria-valuemax="60"' in page
        assert f"/shops/making/{run.id}/stop/" in page
        console.post(f"/shops/making/{run.id}/stop/", HTTP_HX_REQUEST="true")
        with pytest.raises(connect.RunCancelled):
            run.save()


def test_a_shops_page_shows_code_clerks_welcome_and_the_way(console, town, receiver):  # noqa: F811
    town.stage.listen(receiver)
    town.make_codes()
    town.scan("SH1", 1)
    town.apply_contacts(receiver)
    shop_id = town.shops["SH1"]
    acquisition.record_visits(
        corp_id=town.corp_id,
        visits=[acquisition.NewVisit(shop_id=shop_id, outcome="nearest", simulated=n < 3) for n in range(4)],
    )
    page = text(console.get(f"/shops/{shop_id}/"))
    assert "静安店 has won 1 customer" in page
    assert "3 of them simulated" in page
    assert "店员00" in page
    assert "阿May" in page
    code = town.code("SH1")
    assert f"/shops/codes/{code.id}/qr.png" in page
    assert console.get(f"/shops/codes/{code.id}/qr.png").content.startswith(b"\x89PNG")


def test_repointing_and_pausing_from_the_page(console, town):
    town.make_codes()
    code = town.code("SH1")
    console.post(f"/shops/codes/{code.id}/clerks/", {"staff": [str(code.staff_ids[0])]})
    assert town.code("SH1").staff_ids == code.staff_ids[:1]
    answer = console.post(f"/shops/codes/{code.id}/clerks/", {}, follow=True)
    assert "Choose at least one clerk" in text(answer)
    assert town.code("SH1").staff_ids == code.staff_ids[:1]
    console.post(f"/shops/codes/{code.id}/pause/", {"paused": "1"})
    assert town.code("SH1").paused
    assert "no code in use" in text(console.get(f"/shops/{town.shops['SH1']}/"))
    console.post(f"/shops/codes/{code.id}/pause/", {"paused": "0"})
    console.post(f"/shops/{town.shops['SH1']}/opening/", {"open": "0"})
    assert "led to the next shop" in text(console.get(f"/shops/{town.shops['SH1']}/"))


def test_a_channel_code_is_made_described_and_closed(console, town):
    from linli.directory import api as directory

    clerk = directory.staff(corp_id=town.corp_id)[1]
    assert (
        "at least one" in text(console.post("/shops/channels/new/", {"name": "卡", "channel": "随餐卡"}), 422) or True
    )
    given = {"name": "随餐卡", "channel": "随餐卡", "staff": [str(clerk.id)], "cost": "1200", "reason_to_add": "送一杯"}
    made = console.post("/shops/channels/new/", given)
    code = LiveCode.objects.get(kind="channel")
    assert made.headers["Location"] == f"/shops/codes/{code.pk}/"
    assert code.cost_fen == 120_000
    assert "1,200.00" in text(console.get("/shops/channels/"))
    console.post(f"/shops/codes/{code.pk}/words/", {"name": "随餐卡二", "cost": "1300.5", "reason_to_add": ""})
    code.refresh_from_db()
    assert (code.name, code.cost_fen) == ("随餐卡二", 130_050)
    console.post(f"/shops/codes/{code.pk}/close/")
    assert "This code is closed" in text(console.get(f"/shops/codes/{code.pk}/"))


def test_a_welcome_is_looked_at_saved_and_retired(console, town):
    looked = console.post("/shops/welcomes/new/", {"name": "夜", "text": "夜里好 {shop}", "look": "1"})
    assert "夜里好 西湖店" in text(looked), "the first shop of the list stands for all"
    assert not Welcome.objects.exists()
    half = {"name": "夜", "text": "夜里好", "from_time": "22:00"}
    assert "Give both times" in text(console.post("/shops/welcomes/new/", half), 422)
    console.post("/shops/welcomes/new/", half | {"until_time": "06:00"})
    row = Welcome.objects.get()
    assert "22:00–06:00" in text(console.get("/shops/welcomes/"))
    assert "夜里好" in text(console.get(f"/shops/welcomes/{row.pk}/"))
    console.post(f"/shops/welcomes/{row.pk}/end/")
    assert console.get(f"/shops/welcomes/{row.pk}/").status_code == 404


def test_the_list_costs_the_same_for_sixty_shops_as_for_three(console, town, django_assert_max_num_queries):
    town.make_codes()
    console.get("/shops/")
    acquisition.forget()
    with django_assert_max_num_queries(32) as few:
        console.get("/shops/")
    Shop.objects.bulk_create(Shop(corp_id=town.corp_id, code=f"X{n}", name=f"店{n}") for n in range(57))
    acquisition.forget()
    with django_assert_max_num_queries(len(few)):
        console.get("/shops/")


def test_another_corps_code_is_not_there(console, town):
    from linli.access import api as access
    from linli.kit.clock import now

    other = access.create_corp(wecom_id="wwother", name="别家")
    theirs = LiveCode.objects.create(
        corp_id=other.id,
        kind="channel",
        name="x",
        channel="x",
        state="x",
        key="x" * 12,
        qr_code="http://x",
        created_at=now(),
    )
    for address in (f"/shops/codes/{theirs.pk}/", f"/shops/codes/{theirs.pk}/qr.png"):
        assert console.get(address).status_code == 404
    assert console.post(f"/shops/codes/{theirs.pk}/pause/", {"paused": "1"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.paused_at is None


def test_pages_carry_no_inline_code(console, town):
    town.make_codes()
    addresses = (
        "/shops/",
        f"/shops/{town.shops['SH1']}/",
        "/shops/channels/",
        "/shops/channels/new/",
        "/shops/welcomes/",
        "/shops/welcomes/new/",
    )
    for address in addresses:
        page = text(console.get(address))
        assert "style=" not in page
        assert "onclick" not in page
