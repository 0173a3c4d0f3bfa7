"""limits.tsv is the list of every limit and doubt of the wire; the tunables hold just these, with these values."""

import csv
import json
import re
from pathlib import Path

import pytest

import wecom_sandbox
from tests.sandbox.stage import Stage
from wecom_sandbox.tunables import Tunables

LIST = Path(wecom_sandbox.__file__).with_name("limits.tsv")
WIRE = Path(__file__).parents[2] / ".." / "shared" / "wecom" / "wire.md"
ROWS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

# Section I.1 row by row: which tunables hold it, or why none does.
SECTION_I: dict[str, str] = {
    "contact ways + join ways by API": "ways_most temp_ways_a_day",
    "users per contact way / join-way groups": "way_users_most join_way_rooms_most",
    "state / remark / customer_channel": "way_state_most way_remark_most link_channel_most_bytes",
    "customer remark / description / company": "remark_most description_most company_most",
    "corp+strategy tags": "tags_most tag_name_most relation_tags_most",
    "group size": "inner_members_most room_member_limit room_qr_limit wechat_people_most",
    "auto_create_room": "room_qr_limit",
    "welcome attachments": "attachments_most welcome_templates_most",
    "mass message reach": "mass_period mass_per_month mass_per_week mass_per_day",
    "per call": "mass_customers_most mass_groups_most mass_tags_most attachments_most",
    "reminders": "reminders_most reminders_within_s",
    "moments": "moments_per_month moments_per_minute moments_a_customer_a_day",
    "customers per member": "customer_cap corp_customers_most",
    "transfers": "transfers_per_window transfer_window_days transfer_s room_transfers_a_day transfer_ids_most login_days",
    "intercept rules": "intercept_rules_most intercept_words_most",
    "native anti-spam (client)": "",  # no call shows or sets it
    "archive": "",  # the archive's messages have their own settings
}


def test_the_list_and_the_tunables_are_the_same() -> None:
    values = Tunables().describe()
    assert {row["tunable"]: json.loads(row["default"]) for row in ROWS} == values
    assert len(ROWS) == len(values)
    assert {row["certain"] for row in ROWS} == {"yes", "?"}
    assert all(row["what"] for row in ROWS)


def test_every_tunable_is_turned_by_its_name(stage: Stage) -> None:
    for row in ROWS:
        value = json.loads(row["default"])
        told = stage.control("tunables", {row["tunable"]: value})
        assert told[row["tunable"]] == value
        stage.control("tunables", {row["tunable"]: [value]}, status=400)


def test_every_tunable_is_read_somewhere() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in LIST.parent.rglob("*.py") if "tunables" not in path.name
    )
    unread = [row["tunable"] for row in ROWS if not re.search(rf'\.{row["tunable"]}\b|"{row["tunable"]}"', code)]
    assert unread == []


def test_section_i_is_whole() -> None:
    names = {row["tunable"] for row in ROWS}
    assert {word for words in SECTION_I.values() for word in words.split()} <= names
    if not WIRE.exists():
        pytest.skip("SECTION I NOT COMPARED: the catalogue of the wire is not at hand")
    chapter = WIRE.read_text(encoding="utf-8").split("### I.1 Limits")[1].split("### I.2")[0]
    listed = [line.split("|")[1].strip() for line in chapter.splitlines() if line.startswith("| ")]
    assert [one for one in listed if one != "Limit"] == list(SECTION_I)


# One of each kind, shrunk until the next of its like is refused: the setting is really the limit.
def test_a_limit_that_is_turned_down_is_met(stage: Stage) -> None:
    stage.way()
    external = stage.befriend()
    about = {"userid": "zhangsan", "external_userid": external}
    tag = stage.act("admin_creates_tags", group_name="组", names=["一", "二"])["tag_ids"]
    chats = [
        stage.act("create_group", owner="zhangsan", name=f"群{n}", members=[external])["chat_id"] for n in range(2)
    ]
    text = {"text": {"content": "字字字"}}
    image = {"msgtype": "link", "link": {"title": "t", "url": "u"}}
    for tunable, value, path, body, code in (
        ("remark_most", 2, "remark", {**about, "remark": "字字字"}, 40058),
        ("description_most", 2, "remark", {**about, "description": "字字字"}, 40058),
        ("company_most", 2, "remark", {**about, "remark_company": "字字字"}, 40058),
        ("relation_tags_most", 1, "mark_tag", {**about, "add_tag": tag}, 40144),
        ("tag_name_most", 2, "add_corp_tag", {"group_name": "组", "tag": [{"name": "字字字"}]}, 40072),
        ("tags_most", 2, "add_corp_tag", {"group_name": "组", "tag": [{"name": "三"}]}, 40126),
        ("ways_most", 1, "add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"]}, 41045),
        ("way_users_most", 1, "add_contact_way", {"type": 2, "scene": 2, "user": ["lisi", "zhangsan"]}, 41041),
        ("way_state_most", 2, "add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"], "state": "abc"}, 40058),
        ("way_remark_most", 2, "add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"], "remark": "abc"}, 40058),
        ("join_way_rooms_most", 1, "groupchat/add_join_way", {"scene": 2, "chat_id_list": chats}, 41091),
        ("join_way_name_most", 2, "groupchat/add_join_way", {"scene": 2, "chat_id_list": chats, "room_base_name": "abc"}, 40058),
        ("groups_a_page", 5, "groupchat/list", {"limit": 6}, 40058),
        ("groups_without_filter", 2, "groupchat/list", {"limit": 5}, 81017),
        ("group_names_most", 1, "groupchat/list", {"limit": 5, "owner_filter": {"userid_list": ["lisi", "zhangsan"]}}, 40058),
        ("text_most_bytes", 8, "add_msg_template", {"sender": "zhangsan", **text}, 45002),
        ("attachments_most", 1, "add_msg_template", {"sender": "zhangsan", "attachments": [image, image]}, 41064),
        ("mass_customers_most", 1, "add_msg_template", {"external_userid": [external, "wm2"], **text}, 40058),
        ("mass_groups_most", 1, "add_msg_template", {"chat_type": "group", "sender": "zhangsan", "chat_id_list": chats, **text}, 40058),
        ("mass_tags_most", 1, "add_msg_template", {"tag_filter": {"group_list": [{"tag_list": tag}]}, **text}, 40058),
        ("transfer_ids_most", 1, "transfer_customer", {"handover_userid": "zhangsan", "takeover_userid": "lisi", "external_userid": [external, "x"]}, 40058),
        ("transfer_words_most", 2, "transfer_customer", {"handover_userid": "zhangsan", "takeover_userid": "lisi", "external_userid": [external], "transfer_success_msg": "abc"}, 40058),
    ):  # fmt: skip
        usual = stage.control("tunables")[tunable]
        stage.control("tunables", {tunable: value})
        stage.contact(path, body, code=code)
        stage.control("tunables", {tunable: usual})
        stage.contact(path, body)
    stage.control("tunables", {"wechat_people_most": 0})
    stage.act("create_group", owner="zhangsan", name="群", members=[external], status=409)
    stage.control("tunables", {"corp_customers_most": 1})
    stage.act("scan", state="shop", person={"unionid": "u9", "name": "九"}, status=409)
