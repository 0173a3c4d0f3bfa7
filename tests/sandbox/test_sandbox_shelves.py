"""Albums, intercept rules and acquisition links outlive a restart, and worlds saved before them are read."""

import json
from pathlib import Path

from tests.exchange.samples import png
from tests.sandbox.stage import SEED, Receiver, Stage
from tests.sandbox.test_sandbox_media_samples import upload
from tests.sandbox.test_sandbox_samples import fill
from wecom_sandbox.server import Options

PRODUCT = {"description": "沙发", "price": 1, "attachments": [{"type": "image", "image": {"media_id": "$picture"}}]}
RULE = {"rule_name": "承诺", "word_list": ["稳赚"], "intercept_type": 1, "applicable_range": {"department_list": [1]}}
LINK = {"link_name": "门店", "range": {"user_list": ["zhangsan"]}}


def picture(stage: Stage) -> str:
    """Upload a picture for products."""
    media_id: str = upload(stage, "upload_attachment", png(), media_type="image", attachment_type=2)["media_id"]
    return media_id


def test_what_is_on_the_shelves_outlives_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    sofa = fill(PRODUCT, {"picture": picture(stage)})
    product = stage.contact("add_product_album", sofa)["product_id"]
    gone = stage.contact("add_product_album", sofa)["product_id"]
    stage.contact("delete_product_album", {"product_id": gone})
    rule = stage.contact("add_intercept_rule", RULE)["rule_id"]
    link = stage.contact("customer_acquisition/create_link", LINK)["link"]
    stage.act("admin_buys_quota", count=9, days=20)
    person = {"unionid": "u1", "name": "客"}
    came = stage.act("opens_link", url=link["url"], person=person)["external_userid"]
    stage.listen(receiver)
    for _ in range(3):
        stage.act("customer_writes", userid="zhangsan", external_userid=came)
    stage.settle()
    (chat_key,) = [one.fields["ChatKey"] for one in receiver.heard if "ChatKey" in one.fields]
    stage.control("clock", {"advance": 60})

    def seen(stage: Stage) -> list[object]:
        day = int(stage.control("clock")["now"])
        asked = {"link_id": link["link_id"]}
        return [
            stage.contact("get_product_album", {"product_id": product}),
            stage.contact("get_product_album_list"),
            stage.contact("get_intercept_rule", {"rule_id": rule}),
            stage.contact("customer_acquisition/customer", asked),
            stage.contact("customer_acquisition/list_link"),
            stage.contact("customer_acquisition/statistic", {**asked, "start_time": day - 60, "end_time": day}),
            stage.contact("customer_acquisition/get_chat_info", {"chat_key": chat_key}),
            stage.get("externalcontact/customer_acquisition_quota"),
        ]

    before = seen(stage)
    stage.stop()
    stage = Stage(options)
    assert seen(stage) == before
    stage.contact("get_product_album", {"product_id": gone}, code=41074)
    assert stage.contact("customer_acquisition/get", {"link_id": link["link_id"]})["range"] == {
        "user_list": ["zhangsan"],
        "department_list": [],
    }
    stage.stop()


def test_a_world_saved_before_them_is_read(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.stop()
    saved = json.loads((tmp_path / "state.json").read_bytes())
    for corp in saved["corps"]:
        for name in ("strategies", "shelf", "rules", "links"):
            del corp[name]
    (tmp_path / "state.json").write_text(json.dumps(saved))
    stage = Stage(options)
    assert stage.contact("customer_acquisition/list_link")["link_id_list"] == []
    stage.stop()
