"""The demo's people by their phones: Linli itself answers who scans, its link opens inside the phone, its code there leads to the group."""

import shutil

import pytest


def test_who_scans_a_shops_code_is_welcomed_by_linli_and_finds_the_group(stage):
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed: `make test` installs it where apt-get works; the phones were NOT tried")
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        arguments = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--auto-accept-this-tab-capture",
        ]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        page.goto(f"{stage.sandbox}/phones")
        page.get_by_placeholder("新客户的名字").fill("拿着手机的人")
        page.get_by_role("button", name="新客户", exact=True).click()
        phone = page.locator(".phone-customer")
        phone.get_by_role("button", name="扫一扫").first.click()
        phone.locator(".code-list .entry", has_text="加好友").first.click()
        phone.get_by_role("button", name="添加到通讯录").click()
        welcome = phone.locator(".said[data-kind=welcome]")
        expect(welcome).to_contain_text("有事随时问我", timeout=20_000)
        welcome.locator(".card-link").click()
        expect(phone.frame_locator("iframe").locator("h1")).to_contain_text("福利群")
        phone.get_by_role("button", name="识别页面里的二维码").click()
        phone.get_by_role("button", name="看一眼屏幕").click()
        phone.get_by_role("button", name="加入该群聊").click()
        expect(phone.locator(".thread")).to_contain_text("扫码加入了群聊")
        expect(page.locator("#wire [data-name='externalcontact/send_welcome_msg']").last).to_contain_text("errcode 0")
        chromium.close()
