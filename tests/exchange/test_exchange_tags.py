"""Corp tags and their marks (wire.md C.3)."""

from linli.wecom.tag_calls import NewTag
from tests.exchange.asking import refused


def test_a_tag_is_made_found_renamed_and_deleted(client):
    (tag,) = client.add_corp_tags([NewTag("春季")], group_name="活动").tags
    client.edit_corp_tag(tag.id, name="夏季")
    (listed,) = client.corp_tags()
    assert (listed.name, [one.name for one in listed.tags]) == ("活动", ["夏季"])
    client.del_corp_tags(tag_ids=[tag.id])
    assert client.corp_tags() == ()


def test_a_mark_shows_on_the_relation_only(client, stage):
    stage.way("shop")
    external = stage.befriend()
    (tag,) = client.add_corp_tags([NewTag("春季")], group_name="活动").tags
    client.mark_tag("zhangsan", external, add=[tag.id])
    assert [one.tag_id for one in client.customer(external).follows[0].tags] == [tag.id]
    with refused(84061):
        client.mark_tag("lisi", external, add=[tag.id])


def test_what_another_app_made_is_not_ours_to_change(client, rival):
    (tag,) = client.add_corp_tags([NewTag("春季")], group_name="活动").tags
    for change in (lambda: rival.edit_corp_tag(tag.id, name="夏季"), lambda: rival.del_corp_tags(tag_ids=[tag.id])):
        with refused(60011):
            change()


def test_an_unknown_tag_and_a_taken_name_are_refused(client):
    client.add_corp_tags([NewTag("春季"), NewTag("夏季")], group_name="活动")
    with refused(40068):
        client.edit_corp_tag("etnobody", name="秋季")
    (group,) = client.corp_tags()
    with refused(40071):
        client.edit_corp_tag(group.tags[0].id, name="夏季")
