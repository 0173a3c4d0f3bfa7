"""The console's pages of groups, through the front door."""

import pytest

from linli.directory.models import Shop
from linli.groups import api as groups
from linli.groups.models import Community, GroupChat, Member
from linli.kit.clock import now
from tests.groups.test_communities import FULL


@pytest.fixture
def console(console):
    """These pages are looked at in the clear."""
    assert console.post("/privacy/reveal/").status_code == 302
    return console


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def filled(corp):
    """Sixty groups of one shop, the first one nearly full."""
    shop = Shop.objects.create(corp_id=corp.id, code="S1", name="静安店", city="上海")
    sheet = groups.save_community(corp_id=corp.id, sheet=FULL)
    made = [
        GroupChat.objects.create(
            corp_id=corp.id, chat_id=f"wr{n}", name=f"福利群{n}", owner_userid=f"clerk{n}", shop=shop, created_at=now(),
            community_id=sheet.id if n % 2 else None,
        )
        for n in range(60)
    ]  # fmt: skip
    for group, people in zip(made, [185, *([3] * 59)], strict=True):
        Member.objects.bulk_create(
            Member(
                corp_id=corp.id,
                group=group,
                member_id=f"wm{group.pk}-{n}",
                kind=2 if n else 1,
                name=f"客{n}",
                joined_at=now(),
            )
            for n in range(people)
        )
    return made


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_list_leads_on(console):
    page = text(console.get("/groups/"))
    assert "/connection/" in page


def test_the_list_counts_customers_without_staff(console, filled):
    page = text(console.get("/groups/"))
    assert "1 group is nearly full" in page
    assert "185 of 200 seats" in page
    assert ">184<" in page
    assert "1–50 of 60" in page
    assert "福利群0" in text(console.get("/groups/", {"only": "near_full"}))
    assert "福利群1<" not in text(console.get("/groups/", {"only": "near_full"}))
    assert "No group fits" in text(console.get("/groups/", {"q": "没有这个"}))


def test_the_list_costs_the_same_for_sixty_as_for_one(console, filled, django_assert_max_num_queries):
    with django_assert_max_num_queries(22) as many:
        console.get("/groups/")
    GroupChat.objects.filter(id__gt=filled[0].pk).update(dismissed_at=now())
    with django_assert_max_num_queries(len(many)):
        console.get("/groups/")


def test_one_group_shows_its_sheet_and_people(console, filled, django_assert_max_num_queries):
    group = filled[1]
    with django_assert_max_num_queries(25):
        page = text(console.get(f"/groups/{group.pk}/"))
    assert "第一个知道折扣" in page
    assert "客2" in page
    Member.objects.filter(group=group, name="客2").update(left_at=now(), left_by="removed")
    gone = text(console.get(f"/groups/{group.pk}/members/", {"tab": "left"}))
    assert "客2" in gone
    assert "removed by the owner" in gone
    console.post(f"/groups/{group.pk}/community/", {"community": ""})
    assert "Nobody has said what this group is for" in text(console.get(f"/groups/{group.pk}/"))


def test_another_corps_group_is_not_there(console, filled):
    from linli.access import api as access

    other = access.create_corp(wecom_id="wwother", name="别家")
    theirs = GroupChat.objects.create(corp_id=other.id, chat_id="wrx", name="别家的群", created_at=now())
    assert console.get(f"/groups/{theirs.pk}/").status_code == 404
    assert "别家的群" not in text(console.get("/groups/", {"q": "别家"}))


def test_a_sheet_is_written_refused_completed_and_opened(console, corp):
    half = console.post("/groups/communities/new/", {"name": "咖啡课", "purpose": "教会拉花"})
    row = Community.objects.get()
    assert half.headers["Location"] == f"/groups/communities/{row.pk}/"
    console.post(f"/groups/communities/{row.pk}/opening/")
    assert "Before opening, fill in" in text(console.get(f"/groups/communities/{row.pk}/"))
    row.refresh_from_db()
    assert row.opened_at is None
    console.post(f"/groups/communities/{row.pk}/", {**FULL, "name": "咖啡课"})
    console.post(f"/groups/communities/{row.pk}/opening/")
    row.refresh_from_db()
    assert row.opened_at is not None
    again = console.post("/groups/communities/new/", {"name": "咖啡课"})
    assert again.status_code == 422
    assert "Another community has this name" in again.content.decode()
    assert "咖啡课" in text(console.get("/groups/communities/"))


def test_pages_carry_no_inline_code(console, filled):
    for address in ("/groups/", f"/groups/{filled[0].pk}/", "/groups/communities/", "/groups/communities/new/"):
        page = text(console.get(address))
        assert "style=" not in page
        assert "onclick" not in page
