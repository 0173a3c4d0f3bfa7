"""The connection page, from the first step to the runs."""

from dataclasses import replace

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.access.models import Account
from linli.connect import api as connect
from linli.connect.models import CorpLine
from linli.console.connect.forms import LineForm
from linli.directory import api as directory
from linli.kit.addresses import networks
from tests.connect.staged import SHOPS
from tests.sandbox.stage import AGENT, CORP, SECRET


@pytest.fixture
def newcomer(client, transactional_db, demo):
    """An administrator of a fresh house: no corp yet."""
    account = access.create_administrator(corp_id=None, username="admin", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    return client


@pytest.fixture
def administrator(client, line):
    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    return client


def given(stage, **changes):
    return {
        "wecom_id": CORP, "name": "邻里百货", "agent_id": AGENT, "secret": SECRET, "contact_secret": "",
        "base_url": stage.hosted.url,
    } | changes  # fmt: skip


def test_first_connection_makes_the_corp_and_moves_in(newcomer, stage):
    assert newcomer.get("/connection/").status_code == 200
    refused = newcomer.post("/connection/line/", given(stage, secret="wrong"))
    assert refused.status_code == 422
    assert "40001" in refused.text
    assert not CorpLine.objects.exists()
    assert newcomer.post("/connection/line/", given(stage)).status_code == 302
    page = newcomer.get("/connection/")
    made = connect.callback_settings(corp_id=access.corps()[0].id)
    for value in (made.url, made.token, made.encoding_aes_key):
        assert value in page.text
    assert SECRET not in page.text
    assert connect.connected_corps() == [access.corps()[0].id]


def test_the_secret_goes_only_to_wecom_itself(newcomer, stage, settings):
    """Its setting opens a private network; being the demo or in debug opens nothing by itself."""
    settings.LINLI = replace(settings.LINLI, demo=True, debug=True, private_networks=networks("10.1.0.0/16"))
    for address in (
        stage.hosted.url,
        "https://qyapi.weixin.qq.com.evil.example",
        "https://qyapi.weixin.qq.com@evil.example",
        "http://qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com:8443/x",
        "http://10.2.0.1",
        "http://10.1.0.1@10.2.0.1",
        "http://169.254.169.254",
    ):
        refused = newcomer.post("/connection/line/", given(stage, base_url=address))
        assert (refused.status_code, "base_url" in refused.context["form"].errors) == (422, True), address
    assert not access.corps()
    assert LineForm(given(stage, base_url="http://10.1.0.7:9000"), has_corp=False).is_valid()
    official = LineForm(given(stage, base_url=connect.OFFICIAL + "/"), has_corp=False)
    assert official.is_valid()
    assert official.cleaned_data["base_url"] == connect.OFFICIAL


def test_a_company_that_is_connected_already_is_not_entered_by_its_name(newcomer, stage, line):
    before = CorpLine.objects.get()
    refused = newcomer.post("/connection/line/", given(stage))
    assert (refused.status_code, "wecom_id" in refused.context["form"].errors) == (422, True)
    assert Account.objects.get(username="admin").corp_id is None
    assert CorpLine.objects.get().checked_at == before.checked_at


def test_test_now_says_what_wecom_says(administrator, line):
    assert administrator.post("/connection/check/", follow=True).status_code == 200
    access.seal_secret(corp_id=line.id, name="connect.app", value="wrong")
    assert "40001" in administrator.post("/connection/check/", follow=True).text


def test_shops_are_chosen_and_described(administrator, line):
    directory.sync(corp_id=line.id)
    administrator.post("/connection/shops/", {"parent": SHOPS})
    assert len(directory.shops(corp_id=line.id)) == 3
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("shops.csv", "department,code,name\n100,SH1,徐汇店\n,,\n".encode())
    page = administrator.post("/connection/shops/import/", {"file": file})
    assert page.context["imported"].changed == 1
    assert [number for number, _ in page.context["imported"].bad] == [3]
    assert "SH1" in {shop.code for shop in directory.shops(corp_id=line.id)}


def test_runs_are_listed_and_can_be_stopped(administrator, line):
    with connect.run(corp_id=line.id, kind="customers") as run:
        run.could_not("customers of ghost", "60111")
        page = administrator.get(reverse("connect:runs"))
        assert 'hx-trigger="load delay:2s"' in page.text
        administrator.post(reverse("connect:stop", args=[run.id]))
        with pytest.raises(connect.RunCancelled):
            run.save()
    page = administrator.get("/connection/")
    assert "60111" in page.text


def test_reading_needs_sign_in(client, line):
    assert client.get("/connection/").status_code == 302
    assert client.post("/connection/check/").status_code == 302
