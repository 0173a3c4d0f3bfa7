"""A client that we did not write, wechatpy.work of wechatpy 2.0.0a26, in an environment of its own."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.exchange.samples import amr, mp4, png
from tests.sandbox.stage import AGENT, CORP, SECRET, Stage
from tests.sandbox.strange.envs import kept_environment

WANTED = ("wechatpy==2.0.0a26", "cryptography")
STORY = Path(__file__).with_name("strange") / "wechatpy_story.py"

# What wechatpy offers and wire.md does not have; each group with the reason.
ELSEWHERE = {
    "other products of WeCom: calendars, mail, invoices, menus, approval, check-in, meetings, live streams, exports": (
        "calendar email export invoice menu oa schedule living batch agent service"
    ),
    "writing contacts needs the contact-sync secret": (
        "department.create department.update department.delete user.create user.update user.delete user.batch_delete "
        "user.convert_to_user_id user.verify user.get_join_qrcode user.get_active_stat"
    ),
    "kf's upgrades are statistics' neighbours, outside the basics": (
        "kf.get_upgrade_service_config kf.upgrade_service kf.cancel_upgrade_service"
    ),
    "task cards and the first hand-over were retired; update_template_card and transfer_customer came": (
        "message.update_taskcard external_contact.transfer"
    ),
    "wechatpy sends another key than the kind's own, which WeCom refuses as well": (
        "kf_message.send_articles_link kf_message.send_location kf_message.send_miniprogram"
    ),
}


@pytest.mark.slow
@pytest.mark.xdist_group("strange")
def test_wechatpy_works_unchanged_but_for_its_base_address(stage: Stage) -> None:
    samples = (png().hex(), amr().hex(), mp4().hex())
    command = [
        str(kept_environment("wechatpy", *WANTED)),
        str(STORY),
        stage.hosted.url,
        CORP,
        SECRET,
        str(AGENT),
        *samples,
    ]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=clean)
    assert told.returncode == 0, told.stderr[-3000:]
    story = json.loads(told.stdout)
    apart = {word for words in ELSEWHERE.values() for word in words.split()}
    asked = {one for one in story["offered"] if one not in apart and one.split(".")[0] not in apart}
    assert asked <= set(story["done"]), f"not tried: {sorted(asked - set(story['done']))}"
    assert apart <= {part for one in story["offered"] for part in (one, one.split(".")[0])}, (
        "a reason for what is not offered"
    )
    errors = stage.control("counters")["errors"]
    assert set(errors) == {"40001", "40007", "41044", "41051", "42001", "60111", "81013", "84061", "95001"}
