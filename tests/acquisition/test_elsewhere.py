"""What other programs made: contact ways and acquisition links are shown, and gone when WeCom says so of their own id."""

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.access.models import Account
from linli.acquisition import api as acquisition
from linli.acquisition import elsewhere
from linli.acquisition.models import LiveCode, OtherCode, OtherLink
from linli.wecom.client import Client
from tests.connect.dropping import calls

LINK = "customer_acquisition"


@pytest.fixture
def administrator(client, line):
    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    return client


def test_a_code_of_another_program_is_read_once_and_gone_when_wecom_says_so(town, stage, administrator):
    town.make_codes()
    foreign = stage.way("poster", ("clerk0-0",))
    acquisition.reconcile(corp_id=town.corp_id)
    row = OtherCode.objects.get()
    assert (row.config_id, row.state, row.userids, row.gone_at) == (foreign, "poster", ["clerk0-0"], None)
    page = administrator.get(reverse("acquisition:channels")).text
    assert "别的程序做的码" in page
    assert "poster" in page
    before = calls(stage)
    acquisition.reconcile(corp_id=town.corp_id)
    ours = LiveCode.objects.filter(corp_id=town.corp_id, config_id__isnull=False).count()
    assert calls(stage) - before == ours + 2  # the own codes, and the two lists
    stage.contact("del_contact_way", {"config_id": foreign})
    found = acquisition.reconcile(corp_id=town.corp_id)
    assert (found.ended, found.unread) == (1, ())
    assert OtherCode.objects.get().gone_at is not None


def test_a_list_that_is_empty_takes_no_code_away(town, stage, monkeypatch):
    stage.way("poster", ("clerk0-0",))
    acquisition.reconcile(corp_id=town.corp_id)
    monkeypatch.setattr("linli.wecom.client.Client.contact_way_pages", lambda *_args, **_more: iter(()))
    assert acquisition.reconcile(corp_id=town.corp_id).ended == 0
    assert OtherCode.objects.get().gone_at is None


def test_our_own_code_whose_answer_was_lost_is_no_other_programs(town, stage):
    town.make_codes()
    LiveCode.objects.filter(corp_id=town.corp_id).update(config_id=None, step="calling")
    acquisition.reconcile(corp_id=town.corp_id)
    assert not OtherCode.objects.exists()


def test_links_are_counted_and_one_that_works_no_more_is_off(town, stage):
    made = stage.contact(f"{LINK}/create_link", {"link_name": "门店", "range": {"user_list": ["clerk0-0"]}})["link"]
    stage.act("admin_buys_quota", count=1)
    person = {"unionid": "u-link", "name": "客"}
    external = stage.act("opens_link", url=made["url"], person=person)["external_userid"]
    stage.act("customer_writes", userid="clerk0-0", external_userid=external)
    acquisition.reconcile(corp_id=town.corp_id)
    row = OtherLink.objects.get()
    assert (row.link_id, row.name, row.customers, row.wrote, row.off_at) == (made["link_id"], "门店", 1, 1, None)
    stage.contact(f"{LINK}/delete_link", {"link_id": made["link_id"]})
    found = acquisition.reconcile(corp_id=town.corp_id)
    row.refresh_from_db()
    assert (found.unread, row.gone_at is not None) == ((), True)


class Killed(BaseException):
    """The process is gone."""


def test_a_killed_comparison_goes_on_behind_its_code_its_page_and_its_link(town, stage, monkeypatch):
    town.make_codes()
    for n in range(4):
        stage.way(f"poster{n}", ("clerk0-0",))
    for n in range(2):
        stage.contact(f"{LINK}/create_link", {"link_name": f"门店{n}", "range": {"user_list": ["clerk0-0"]}})
    pages, keep_link, links = Client.contact_way_pages, elsewhere._keep_link, []
    monkeypatch.setattr(Client, "contact_way_pages", lambda self, **more: pages(self, **more, limit=2))

    def die_on_the_second(*args, **more):
        if len(links) == 1:
            raise Killed
        links.append(args[1])
        keep_link(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(elsewhere, "_keep_pages", _dying(elsewhere._keep_pages, pages=2))
        with pytest.raises(Killed):
            acquisition.reconcile(corp_id=town.corp_id)
    assert OtherCode.objects.count() < 4
    with monkeypatch.context() as patch:
        patch.setattr(elsewhere, "_keep_link", die_on_the_second)
        before = stage.control("counters")["api_calls"]
        with pytest.raises(Killed):
            acquisition.reconcile(corp_id=town.corp_id)
    assert _made(stage, before, "list_contact_way") == 2, "of four pages the two that were kept are not listed again"
    assert _made(stage, before, "get_contact_way") <= 4, "our own codes, and what was kept, are not asked for again"
    assert OtherCode.objects.count() == 4
    before = stage.control("counters")["api_calls"]
    found = acquisition.reconcile(corp_id=town.corp_id)
    assert (found.unread, OtherLink.objects.count()) == ((), 2)
    assert _made(stage, before, "contact_way") == 0
    assert _made(stage, before, f"{LINK}/get") == 1, "the link that was kept is passed over"


def _dying(keep, *, pages):
    """Keeps pages until it is killed on its way to the next one."""

    def keep_some(client, run, since, cursor):
        reached, seen = run.reached, []

        def count(place):
            reached(place)
            seen.append(place)
            if len(seen) == pages:
                raise Killed

        run.reached = count
        keep(client, run, since, cursor)

    return keep_some


def _made(stage, before, name) -> int:
    after = stage.control("counters")["api_calls"]
    return sum(n - before.get(path, 0) for path, n in after.items() if path.endswith(name))
