"""Rule groups outlive a restart, and what people do to their tags is heard."""

from pathlib import Path

from tests.sandbox.stage import SEED, Receiver, Stage
from wecom_sandbox.server import Options

GROUP = {"strategy_name": "华东", "admin_list": ["lisi"], "range": [{"type": 2, "partyid": 2}]}


def test_the_console_changes_strategy_tags_and_an_app_hears_of_them(heard_stage: Stage, receiver: Receiver) -> None:
    strategy = heard_stage.contact("customer_strategy/create", GROUP)["strategy_id"]
    tag = {"strategy_id": strategy, "group_name": "来访", "tag": [{"name": "常客"}]}
    heard_stage.contact("add_strategy_tag", tag)
    made = heard_stage.act("admin_creates_tags", strategy_id=strategy, group_name="来访", names=["稀客"])
    heard_stage.act("admin_edits_tag", id=made["tag_ids"][0], name="贵客")
    heard_stage.act("admin_deletes_tag", id=made["group_id"])
    heard_stage.act("admin_creates_tags", strategy_id=9, group_name="来访", names=["稀客"], status=404)
    heard_stage.settle()
    told = [(one.fields["ChangeType"], one.fields["TagType"], one.fields["StrategyId"]) for one in receiver.heard]
    assert sorted(told) == sorted(
        [("create", "tag", str(strategy)), ("update", "tag", str(strategy)), ("delete", "tag_group", str(strategy))]
    )
    assert heard_stage.control("state")["tags"] == []


def test_groups_and_their_tags_outlive_a_restart(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", {**SEED, "super_admins": ["wangwu"]})
    made = stage.contact("customer_strategy/create", GROUP)["strategy_id"]
    tag = {"strategy_id": made, "group_name": "来访", "tag": [{"name": "常客"}]}
    stage.contact("add_strategy_tag", tag)
    before = stage.contact("customer_strategy/get", {"strategy_id": made}), stage.contact("get_strategy_tag_list")
    stage.stop()
    stage = Stage(options)
    assert (
        stage.contact("customer_strategy/get", {"strategy_id": made}),
        stage.contact("get_strategy_tag_list"),
    ) == before
    stage.contact("customer_strategy/create", {**GROUP, "admin_list": ["wangwu"]}, code=40031)
    stage.stop()


def test_a_seed_with_an_unknown_super_admin_is_refused(stage: Stage) -> None:
    stage.control("seed", {**SEED, "super_admins": ["nobody"], "reset": True}, status=400)


def test_the_console_sorts_tags_and_groups(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    strategy = stage.contact("customer_strategy/create", GROUP)["strategy_id"]
    ours = {"strategy_id": strategy, "tag": [{"name": "一"}, {"name": "二"}]}
    made = stage.contact("add_strategy_tag", {**ours, "group_name": "来访"})["tag_group"]
    other = stage.contact("add_strategy_tag", {**ours, "group_name": "离店"})["tag_group"]
    corp_tag = stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "x"}]})["tag_group"]
    first, second = (tag["id"] for tag in made["tag"])
    stage.act("admin_sorts_tags", id=made["group_id"], ids=[second, first])
    stage.act("admin_sorts_tags", ids=[other["group_id"], made["group_id"]])
    stage.act("admin_sorts_tags", ids=[corp_tag["group_id"]])
    for wrong in (
        {"ids": []},
        {"ids": [first]},
        {"ids": [made["group_id"], corp_tag["group_id"]]},
        {"id": other["group_id"], "ids": [first]},
    ):
        stage.act("admin_sorts_tags", **wrong, status=400)
    stage.settle()
    told = [(one.fields["ChangeType"], one.fields.get("Id"), one.fields.get("StrategyId")) for one in receiver.heard]
    assert sorted(told, key=str) == sorted(
        [("shuffle", made["group_id"], str(strategy)), ("shuffle", None, str(strategy)), ("shuffle", None, None)],
        key=str,
    )
    groups = {
        one["group_id"]: one for one in stage.contact("get_strategy_tag_list", {"strategy_id": strategy})["tag_group"]
    }
    assert [tag["id"] for tag in groups[made["group_id"]]["tag"]] == [second, first]
    assert groups[other["group_id"]]["order"] > groups[made["group_id"]]["order"]
