"""The phones in Chromium: a newcomer's walk from nothing to a conversation, and all that one can do with a phone in the hand.

One sandbox, one browser; every test has people of its own. The example app answers over real HTTP, as any app does.
"""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.sandbox.stage import SEED, Hosted, Stage

playwright = pytest.importorskip("playwright.sync_api")
expect, Page, Locator, Browser = playwright.expect, playwright.Page, playwright.Locator, playwright.Browser

CORP = "wwsmallworld"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: `make test` installs it where apt-get works; the phones were NOT tried")
    with playwright.sync_playwright() as running:
        arguments = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--auto-accept-this-tab-capture",
        ]
        chromium = running.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    """A sandbox into which the page itself has planted the small world, with the example app listening."""
    stage = Stage()
    page = opened(browser, stage)
    page.get_by_role("button", name="种一个小世界").click()
    expect(page.locator("#toasts")).to_contain_text("种好了")
    expect(page.locator("#wire")).to_contain_text("在听的应用：示范应用")
    page.context.close()
    yield stage
    stage.stop()


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    page = opened(browser, stage)
    yield page
    # Nothing that a page did may have broken it.
    assert page.broken == []
    page.context.close()


def opened(browser: Browser, stage: Stage, size: tuple[int, int] = (1440, 900), address: str = "/phones") -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN").new_page()
    page.broken = []
    page.on("pageerror", lambda error: page.broken.append(str(error)))
    page.goto(stage.hosted.url + address)
    expect(page.locator("#bar .now b")).not_to_be_empty()
    return page


def customer(page: Page, name: str) -> Locator:
    page.get_by_placeholder("新客户的名字").fill(name)
    page.get_by_role("button", name="新客户", exact=True).click()
    return page.locator(f".phone-customer[aria-label='{name}']")


def clerk(page: Page, name: str = "张三") -> Locator:
    page.get_by_role("tab", name=re.compile("^店员")).click()
    page.locator("#people .entry", has_text=name).click()
    return page.locator(f".phone-staff[aria-label='{name}']")


def press(phone: Locator, name: str, *, exact: bool = True) -> None:
    phone.get_by_role("button", name=name, exact=exact).first.click()


def adds(phone: Locator, code: str = "南门店门口") -> None:
    """Scan, add, and be where the welcome is."""
    press(phone, "扫一扫")
    phone.locator(".code-list .entry", has_text=code).click()
    press(phone, "添加到通讯录")
    expect(phone.locator(".said[data-kind=welcome]")).to_contain_text("您好，我是邻里百货的店员")


def says(phone: Locator, words: str) -> None:
    phone.get_by_placeholder("说点什么").fill(words)
    press(phone, "发送")
    expect(phone.locator(".said-mine", has_text=words)).to_be_visible()


def events(stage: Stage, kind: str) -> int:
    return stage.control("counters")["kinds"].get(kind, {}).get("heard", 0)


def follows(stage: Stage, name: str) -> list[dict]:
    state = stage.control(f"state?corp_id={CORP}")
    (one,) = [row["external_userid"] for row in state["customers"] if row["name"] == name]
    return [row for row in state["follows"] if row["external_userid"] == one]


def test_a_newcomer_comes_from_nothing_to_a_conversation_and_a_reload_keeps_it(page: Page, stage: Stage):
    """The guided start, step by step: pick up, scan, add, be welcomed, answer, pick up the clerk's, answer."""
    before = events(stage, "change_external_contact.add_external_contact")
    tour = page.locator("#tour")
    tour.get_by_role("button", name="拿起客户的手机").click()
    phone = page.locator(".phone-customer")
    tour.get_by_role("button", name="扫一扫").click()
    phone.locator(".code-list .entry", has_text="南门店门口").click()
    press(phone, "添加到通讯录")
    expect(phone.locator(".said[data-kind=welcome] .card-link")).to_contain_text("邻里百货会员页")
    assert events(stage, "change_external_contact.add_external_contact") == before + 1
    wire = page.locator("#wire")
    expect(wire.locator("[data-name='change_external_contact.add_external_contact']").last).to_contain_text("听到了")
    expect(wire.locator("[data-name='externalcontact/send_welcome_msg']").last).to_contain_text("errcode 0")
    says(phone, "周末开门吗 <img src=x onerror=alert(1)>")
    tour.get_by_role("button", name="拿起店员的手机").click()
    staff = page.locator(".phone-staff")
    tour.get_by_role("button", name="打开聊天").click()
    expect(staff.locator(".bubble", has_text="周末开门吗 <img src=x onerror=alert(1)>")).to_be_visible()
    says(staff, "十点开门")
    expect(phone.locator(".bubble", has_text="十点开门")).to_be_visible()
    expect(tour).to_contain_text("客户再扫一个群码")
    page.reload()
    expect(page.locator(".phone")).to_have_count(2)
    expect(page.locator(".phone-customer .chat-row")).to_contain_text("十点开门")


def test_pictures_of_codes_are_read_also_a_printed_one_and_one_on_a_page(page: Page, stage: Stage, tmp_path: Path):
    codes = {one["state"]: one for one in stage.http.get("/phones/api/stage").json()["codes"]}
    address = f"{stage.hosted.url}/qr/{codes['south-door']['config_id']}"
    phone = customer(page, "看图的")
    for number, png in enumerate(
        (httpx.get(address).content, drawn(address, scale=3, border=2), drawn(address, scale=20, border=8))
    ):
        picture = tmp_path / f"{number}.png"
        picture.write_bytes(png)
        press(phone, "扫一扫")
        phone.locator("input[name=picture]").set_input_files(picture)
        expect(phone.locator(".meet")).to_contain_text("渠道：south-door")
        press(phone.locator(".meet"), "返回")
    nothing = tmp_path / "nothing.png"
    nothing.write_bytes(blank())
    press(phone, "扫一扫")
    phone.locator("input[name=picture]").set_input_files(nothing)
    expect(page.locator(".toast-bad")).to_contain_text("没有看到二维码")


def test_a_code_on_a_page_of_another_site_is_read_from_the_screen(page: Page, stage: Stage):
    """What a long press is in WeChat: into a page of another origin no script can look."""
    codes = {one["state"]: one for one in stage.http.get("/phones/api/stage").json()["codes"]}
    png = drawn(f"{stage.hosted.url}/qr/{codes['south-group']['config_id']}", scale=5)

    async def site(request: Request) -> Response:
        body = "<h1>福利群</h1><img src=code.png>"
        return Response(png, media_type="image/png") if request.url.path == "/code.png" else HTMLResponse(body)

    elsewhere = Hosted(Starlette(routes=[Route("/{path:path}", site)]))
    try:
        phone = customer(page, "长按的")
        press(phone, "扫一扫")
        phone.get_by_placeholder("或粘贴网址").fill(elsewhere.url)
        phone.locator(".scan form .btn").click()
        expect(phone.frame_locator("iframe").locator("h1")).to_have_text("福利群")
        press(phone, "识别页面里的二维码")
        press(phone, "看一眼屏幕")
        expect(phone.locator(".meet")).to_contain_text("南门店福利群")
    finally:
        elsewhere.stop()


def drawn(text: str, **size: int) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", **size)
    return out.getvalue()


def blank() -> bytes:
    out = io.BytesIO()
    segno.make("1").save(out, kind="png", scale=4, dark="white", light="white")
    return out.getvalue()


def test_in_a_group_all_talk_somebody_is_removed_and_somebody_leaves(page: Page, stage: Stage):
    first, second = customer(page, "群友甲"), customer(page, "群友乙")
    for phone in (first, second):
        press(phone, "扫一扫")
        phone.locator(".code-list .entry", has_text="南门店群码").click()
        press(phone, "加入该群聊")
        expect(phone.locator(".thread")).to_contain_text("你 扫码加入了群聊")
    says(second, "大家好")
    expect(first.locator(".said", has_text="大家好").locator(".said-name")).to_have_text("群友乙")
    staff = clerk(page)
    staff.locator(".chat-row", has_text="南门店福利群").click()
    says(staff, "欢迎新邻居")
    expect(first.locator(".bubble", has_text="欢迎新邻居")).to_be_visible()
    press(staff, "详情")
    staff.locator(".member", has_text="群友甲").get_by_role("button", name="移出").click()
    press(staff.locator(".sheet"), "移出")
    expect(first.locator(".thread")).to_contain_text("你已不在这个群里")
    expect(first.get_by_placeholder("说点什么")).to_be_disabled()
    press(second, "聊天信息")
    press(second, "退出群聊")
    press(second.locator(".sheet"), "退出")
    expect(staff.locator(".members")).not_to_contain_text("群友")
    stage.settle()
    assert events(stage, "change_external_chat.update") >= 4


def test_the_app_knows_who_opens_its_page_and_its_tasks_go_out_when_the_clerk_confirms(page: Page, stage: Stage):
    phone = customer(page, "收件人")
    adds(phone)
    staff = clerk(page)
    staff.locator(".chat-row", has_text="收件人").click()

    def asks(label: str) -> None:
        press(staff, "聊天工具栏")
        beside = staff.frame_locator("iframe")
        expect(beside.locator("body")).to_contain_text("应用知道你是店员 zhangsan，正在和 收件人 聊天")
        beside.get_by_role("button", name=label).click()
        expect(beside.locator("body")).to_contain_text("办好了")
        press(staff, "关上网页")

    # The customer's page, open at the same time in the same browser, is the customer's.
    phone.locator(".card-link").click()
    expect(phone.frame_locator("iframe").locator("body")).to_contain_text(
        follows(stage, "收件人")[0]["external_userid"]
    )
    press(phone, "关上网页")
    for label in ("给我的客户群发一条", "请我发一条客户朋友圈", "给我一张任务卡"):
        asks(label)
    assert phone.locator(".said[data-kind=mass]").count() == 0
    press(staff, "返回")
    press(staff, "工作台", exact=False)
    press(staff, "群发任务", exact=False)
    expect(staff.locator(".task").first).to_contain_text("收件人")
    press(staff, "发送")
    expect(phone.locator(".said[data-kind=mass]")).to_contain_text("新品试吃")
    press(staff, "返回")
    press(staff, "客户朋友圈", exact=False)
    press(staff, "发表")
    press(phone, "返回")
    press(phone, "发现", exact=False)
    press(phone, "朋友圈", exact=False)
    expect(phone.locator(".moment")).to_contain_text("新到的豆子")
    press(phone, "赞")
    expect(phone.locator(".likes")).to_contain_text("收件人")
    phone.get_by_placeholder("评论").fill("真香")
    press(phone, "发")
    expect(phone.locator(".moment-said")).to_contain_text("真香")
    press(staff, "返回")
    press(staff, "消息", exact=False)
    staff.locator(".chat-row", has_text="示范应用").click()
    press(staff, "我来回")
    expect(staff.locator(".template-card")).to_contain_text("你来回，好的")


def test_remarks_tags_one_way_deletion_and_leaving_the_firm_are_heard_by_apps(page: Page, stage: Stage):
    phone = customer(page, "要走的")
    adds(phone, "北街店海报")
    userid = follows(stage, "要走的")[0]["userid"]
    staff = clerk(page, {"wangwu": "王五", "zhaoliu": "赵六"}[userid])
    staff.locator(".chat-row", has_text="要走的").click()
    press(staff, "详情")
    staff.get_by_label("备注").fill("爱喝美式")
    press(staff, "咖啡")
    expect(staff.get_by_role("button", name="咖啡")).to_have_attribute("aria-pressed", "true")
    expect(staff.get_by_label("备注")).to_have_value("爱喝美式")  # half typed, and kept while the world goes on
    press(staff, "保存")
    expect(page.locator(".toast")).to_contain_text("edit_external_contact")
    (kept,) = follows(stage, "要走的")
    assert (kept["remark"], len(kept["tags"])) == ("爱喝美式", 1)
    press(staff, "返回")
    press(staff, "返回")
    press(staff, "我")
    press(staff, "离职")
    press(staff.locator(".sheet"), "离职")
    expect(staff).to_contain_text("还有 1 位客户等着分给同事")
    expect(phone.locator(".thread")).to_contain_text("你们已不是好友")
    assert follows(stage, "要走的") == []
    deleter = customer(page, "删人的")
    adds(deleter)
    press(deleter, "聊天信息")
    press(deleter, "删除联系人")
    press(deleter.locator(".sheet"), "删除")
    expect(deleter.locator(".chat-row")).to_contain_text("您好")
    stage.settle()
    assert events(stage, "change_external_contact.del_follow_user") == 1
    assert events(stage, "change_external_contact.edit_external_contact") == 2


def test_where_nobody_listens_the_example_app_may(browser: Browser, stage: Stage):
    """A corp that was there before, with an app of its own that is not connected yet."""
    stage.control("seed", SEED)
    token = stage.token()
    body = {"type": 1, "scene": 2, "user": ["lisi"], "remark": "二店的码"}
    assert (
        stage.http.post(f"/cgi-bin/externalcontact/add_contact_way?access_token={token}", json=body).json()["errcode"]
        == 0
    )
    page = opened(browser, stage, address=f"/phones#corp={SEED['corp_id']}")
    expect(page.locator("#wire")).to_contain_text("还没有应用在听回调")
    page.locator("#wire").get_by_role("button", name="让示范应用来听").click()
    expect(page.locator("#wire")).to_contain_text("在听的应用：Linli")
    adds(customer(page, "后来的"), "二店的码")
    page.context.close()


def test_time_and_faults_are_in_the_bar(page: Page, stage: Stage):
    before = stage.control("clock")["now"]
    page.get_by_role("button", name="+1 天").click()
    expect(page.locator("#wire")).to_contain_text("时间往前拨了")
    assert stage.control("clock")["now"] >= before + 86_400
    page.get_by_role("button", name="故障").click()
    page.get_by_label("系统繁忙").check()
    expect(page.get_by_role("button", name="故障 1")).to_be_visible()
    assert stage.control("faults")["rules"] == [{"fault": "-1", "odds": 0.34}]
    page.get_by_role("button", name="全部关掉").click()
    expect(page.get_by_role("button", name="故障 1")).to_have_count(0)
    assert stage.control("faults")["rules"] == []


def test_it_speaks_english_and_fits_a_small_screen(browser: Browser, stage: Stage):
    page = opened(browser, stage, (390, 844), "/phones#lang=en&p=s~zhangsan&p=n~oSmall~Small")
    expect(page.locator("#bar")).to_contain_text("+1 hour")
    wide = "document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
    phone = page.locator(".phone-customer")
    page.get_by_role("button", name="Small").click()
    press(phone, "Scan")
    assert page.evaluate(wide)
    phone.locator(".code-list .entry", has_text="南门店门口").click()
    press(phone, "Add to contacts")
    expect(phone.locator(".said[data-kind=welcome]")).to_be_in_viewport()
    box = phone.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    for sheet in ("People", "Wire"):
        page.get_by_role("button", name=sheet, exact=True).click()
        assert page.evaluate(wide), sheet
        page.get_by_role("button", name=sheet, exact=True).click()
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("#tour").inner_text())
    page.context.close()
