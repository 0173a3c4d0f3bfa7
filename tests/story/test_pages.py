"""The story's pages in Chromium, at a desk (1440) and on a phone (390): they answer, nothing breaks, nothing scrolls sideways."""

import re
import shutil
import time
from datetime import datetime, timedelta

import httpx
import pytest

PAGES = {
    "/": "今天", "/customers/": "有店员能联系到", "/groups/": "个群里", "/groups/communities/": "每个社群",
    "/segments/": "说清要找谁", "/sends/": "把话说给在意的人", "/orders/": "笔订单", "/orders/imports/": "导入订单",
    "/insights/": "新增", "/insights/rfm/": "还没有人被评分", "/insights/visitors/": "人扫码添加",
    "/insights/repurchase/": "不止一次", "/insights/joining/": "位群成员", "/insights/sends/": "次触达各有什么效果",
    "/shops/": "家门店", "/shops/welcomes/": "欢迎语", "/shops/channels/": "哪张海报带来客户", "/connection/": "企业微信",
    "/settings/": "设置", "/settings/doctor": "体检",
}  # fmt: skip
LISTS = ["/customers/", "/orders/", "/shops/", "/groups/"]  # one page behind each is looked at, too
SIZES = [(1440, 900), (390, 844)]


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if path is None:
        pytest.skip(
            "Chromium is not installed: `make test` installs it where apt-get works; the pages were NOT looked at"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


def signed_in(stage, browser, size):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{stage.console}/sign-in")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", stage.password)
    page.click("[type=submit]")
    page.wait_for_url(f"{stage.console}/")
    return page


def one_of_each(stage, page) -> dict[str, str]:
    """The page behind the first row of each list; what the row calls it stands in that page's h1."""
    found = {}
    for path in LISTS:
        page.goto(stage.console + path)
        link = page.locator("table tbody tr a").first
        found[link.get_attribute("href")] = link.inner_text().strip()
        assert list(found)[-1].startswith(path), "the first link of a row leads to what the row shows"
    return found


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_every_page_of_the_story_is_well(stage, browser, size):
    page = signed_in(stage, browser, size)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda message: wrong.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    for path, word in {**PAGES, **one_of_each(stage, page)}.items():
        answer = page.goto(stage.console + path, wait_until="load")
        assert answer.status == 200, path
        page.wait_for_timeout(200)
        assert word, path
        assert word in page.inner_text("h1"), path
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size[0]:
            wrong.append(f"{path} scrolls sideways: {width} > {size[0]}")
    assert not wrong, "\n".join(wrong)
    page.context.close()


@pytest.mark.browser
def test_an_operator_finds_a_customer_and_reads_the_timeline(stage, browser):
    page = signed_in(stage, browser, SIZES[0])
    page.goto(f"{stage.console}/customers/")
    page.click("table tbody tr a >> nth=0")
    page.wait_for_load_state()
    assert "/customers/" in page.url
    assert page.locator(".timeline").count() >= 1
    page.context.close()


def test_nobody_gets_in_without_signing_in(stage, browser):
    page = browser.new_context(locale="zh-CN").new_page()
    for path in PAGES:
        page.goto(stage.console + path)
        assert "/sign-in" in page.url, path
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", "wrong")
    page.click("[type=submit]")
    page.wait_for_selector("[role=alert]")
    assert "账号或密码不对" in page.inner_text("body")
    page.context.close()


@pytest.mark.browser
def test_a_send_goes_from_a_segment_to_its_results(stage, browser):
    at_ten(stage)
    page = signed_in(stage, browser, SIZES[0])
    count = a_segment(stage, page)
    page.get_by_role("row").filter(has_text=SEGMENT).get_by_role("button", name="群发给他们").click()
    page.wait_for_selector("#composer")
    write(page, text="明天早上十点，门店有新鲜面包。", holdout="10")

    page.get_by_role("button", name="看一遍").click()
    page.wait_for_selector("form[data-confirm]")
    plan = waterfall(page)
    in_segment, (to_send, losses) = plan["符合条件"][0], plan["留作对照"]
    assert in_segment == count
    assert losses == round((to_send + losses) / 10) > 0
    planned_out = sum(lost for _left, lost in plan.values())
    assert in_segment - planned_out == to_send > 0

    page.locator("form[data-confirm] [type=submit]").click()
    page.wait_for_selector("#confirm[open]")
    page.locator("#confirm [value=yes]").click()
    page.wait_for_selector("#progress")
    assert page.locator("#confirm[open]").count() == 0
    soon(lambda: sum(task["count"] for task in open_tasks(stage)) == to_send)
    soon(lambda: renewed(page)["已建任务"][0] == to_send and page.get_by_role("button", name="现在取结果").count() == 1)

    for task in open_tasks(stage):
        act = {"kind": "confirm", "msgid": task["msgid"], "userid": task["userid"]}
        assert httpx.post(f"{stage.sandbox}/control/act", json=act).json()["ok"]
    assert open_tasks(stage) == []
    page.get_by_role("button", name="现在取结果").click()
    soon(lambda: renewed(page)["店员已确认"][0] == to_send and waterfall(page)["已送达"][0] > 0)

    funnel = waterfall(page)
    planned, tasked = funnel["人群里"][0], funnel["已建任务"][0]
    excluded, holdout, not_made = (funnel[step][1] for step in ("该发的", "去掉对照", "已建任务"))
    assert not_made == 0
    assert planned == excluded + holdout + tasked == in_segment
    assert holdout == losses
    assert funnel["已送达"][0] + funnel["已送达"][1] == tasked
    page.context.close()


SEGMENT = "三十天内买过的人"


def a_segment(stage, page) -> int:
    """Bought within 30 days, built and saved as an operator does it; returns the live count."""
    page.goto(f"{stage.console}/segments/new/")
    page.click("#builder .chip-add")
    page.click("#condition .chip-add:has-text('最近购买')")
    page.select_option("[name=c-op]", "within")
    page.fill("[name=c-days]", "30")
    page.click("#condition form [type=submit]")
    page.wait_for_selector("#builder .chip-condition")
    count = figure(page.inner_text("#builder b.num"))
    assert count > 0
    page.fill("[name=name]", SEGMENT)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(f"{stage.console}/segments/")
    assert figure(page.get_by_role("row").filter(has_text=SEGMENT).locator("td.num").inner_text()) == count
    return count


def write(page, *, text: str, holdout: str) -> None:
    """The words and the holdout; each is kept by itself, and the phone shows the words."""
    with page.expect_response("**/draft/"):
        page.fill("#composer [name=text]", text)
    page.wait_for_selector(f".phone-body:has-text('{text}')")
    with page.expect_response(lambda answer: f"holdout={holdout}" in (answer.request.post_data or "")):
        page.select_option("#composer [name=holdout]", holdout)
    page.wait_for_function("!document.querySelector('.htmx-request')")


def waterfall(page) -> dict[str, tuple[int, int]]:
    """Step → how many are left, how many it took, as the page shows them."""
    steps = {}
    for line in page.locator(".waterfall li").all():
        value, *lost = line.locator(".waterfall-value").inner_text().split("\N{MINUS SIGN}")
        steps[line.locator(".waterfall-label").inner_text()] = (figure(value), sum(figure(one) for one in lost))
    return steps


def renewed(page) -> dict[str, tuple[int, int]]:
    page.reload()
    return waterfall(page)


def figure(text: str) -> int:
    found = re.match(r"\s*([\d,]+)", text)
    assert found, text
    return int(found[1].replace(",", ""))


def open_tasks(stage) -> list[dict]:
    return httpx.get(f"{stage.sandbox}/control/tasks", params={"status": "open"}).json()["tasks"]


def at_ten(stage) -> None:
    """WeCom's clock at the next ten in the morning: no quiet hours move the send."""
    here = datetime.fromisoformat(httpx.get(f"{stage.sandbox}/control/clock").json()["iso"])
    ten = here.replace(hour=10, minute=0, second=0, microsecond=0)
    ten += timedelta(days=1) if ten < here else timedelta()
    moved = httpx.post(f"{stage.sandbox}/control/clock", json={"to": ten.isoformat()})
    assert moved.json()["ok"], moved.text


def soon(holds, limit_s: float = 40) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.5)
