"""The insights pages, by the front door: what they say, how many questions they ask, what they give away as CSV."""

import csv
import json
from io import StringIO
from urllib.parse import urlencode

import pytest

from tests.insights.world import World, at, two_cohorts

pytestmark = pytest.mark.django_db
PAGES = ["", "rfm/", "rfm/?method=published", "visitors/", "repurchase/", "joining/", "sends/"]
TABLES = ["daily", "rfm", "rfm-cells", "visitors", "cohorts", "joining-paired", "joining-matched", "sends"]


def fill(world: World, *, times: int = 1) -> None:
    for n in range(times):
        two_cohorts(world)
        one = world.scanned(at(-1))
        world.visit(at(-1), simulated=True)
        world.visit(at(-1))
        world.visit(at(-1))
        world.score(one, 5, 1, "new_customers")
        world.score(one, 5, 2, "potential_loyalists", method="published")
        world.order(one, at(-1), "12.34")
        world.order(None, at(-1), "50")
        send = world.send(f"第{n}次", tasked=at(-20))
        for state in ("sent", "sent", "tasked", "holdout"):
            world.recipient(send, world.customer(), state)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_empty_and_full(console, world, page):
    assert console.get(f"/insights/{page}").status_code == 200
    fill(world)
    answer = console.get(f"/insights/{page}")
    assert answer.status_code == 200
    assert 'aria-current="page"' in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_more_rows_are_no_more_queries(console, world, page, django_assert_max_num_queries):
    fill(world, times=3)
    console.get("/insights/")  # what is asked once a process
    with django_assert_max_num_queries(20):
        console.get(f"/insights/{page}")


def test_nobody_enters_unsigned(client, world):
    assert client.get("/insights/").status_code == 302
    assert client.get("/insights/csv/daily").status_code == 302


def test_the_daily_page_says_what_came(console, world):
    fill(world)
    text = console.get("/insights/").content.decode()
    assert "12月10日：新增 1 位客户，流失 0 位" in text
    assert "第 10 到第 90 百分位" in text
    assert "看数据表" in text


def test_rfm_leads_to_a_segment(console, world):
    fill(world)
    text = console.get("/insights/rfm/").content.decode()
    assert "新客" in text
    wanted = json.dumps({"kind": "rfm", "segments": ["new_customers"], "method": "default"}, separators=(",", ":"))
    assert f"/segments/new/?{urlencode({'definition': wanted})}" in text
    assert console.get("/segments/new/", {"definition": wanted}).status_code == 200


def test_the_truth_about_before(console, world):
    fill(world)
    text = console.get("/insights/joining/").content.decode()
    assert "40 位群成员，没有一位可以比较入群前后" in text
    assert "入不入群是自己选的" in text


def test_simulated_visits_are_labelled(console, world):
    fill(world)
    text = console.get("/insights/visitors/?days=365").content.decode()
    assert "42 位访客里有 1 位是模拟的" in text


def test_a_send_without_effect_says_so(console, world):
    fill(world)
    text = console.get("/insights/sends/").content.decode()
    assert "购买比例：没看出效果，区间包含 0。" in text
    assert "人均成交：人太少，说不出。" in text
    assert "−1 店员未确认" in text


def test_another_corps_figures_stay_there(console, world, other_world):
    fill(other_world)
    text = console.get("/insights/sends/").content.decode()
    assert "第0次" not in text
    assert "还没有触达交到店员手里" in text


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_as_csv(console, world, name):
    fill(world)
    answer = console.get(f"/insights/csv/{name}?days=30")
    assert answer["Content-Type"].startswith("text/csv")
    assert f"linli-{name.split('-')[0]}" in answer["Content-Disposition"]
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > (0 if name == "joining-paired" else 1)


def test_no_such_table(console, world):
    assert console.get("/insights/csv/passwords").status_code == 404


def test_csv_is_no_formula(console, world):
    world.shop.name = '=HYPERLINK("http://evil.example","x")'
    world.shop.save()
    fill(world)
    text = console.get("/insights/csv/visitors").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in text


def test_another_days_or_method_is_not_taken(console, world):
    fill(world)
    for query in ("?days=9999999", "?days=-1", "?days=abc", "?page=-3", "?page=99", "?method=x"):
        for page in ("", "rfm/", "visitors/", "repurchase/", "sends/"):
            assert console.get(f"/insights/{page}{query}").status_code == 200
