"""The story's pages in Chromium, at a desk (1440) and on a phone (390): they answer, nothing breaks, nothing scrolls sideways."""

import shutil

import pytest

PAGES = {
    "/": "今天", "/customers/": "客户", "/groups/": "群", "/segments/": "", "/sends/": "", "/orders/": "",
    "/orders/imports/": "", "/insights/": "", "/shops/": "店", "/connection/": "企业微信", "/settings/": "",
}  # fmt: skip
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


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_every_page_of_the_story_is_well(stage, browser, size):
    page = signed_in(stage, browser, size)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda message: wrong.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    for path, word in PAGES.items():
        answer = page.goto(stage.console + path, wait_until="load")
        assert answer.status == 200, path
        page.wait_for_timeout(200)
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
