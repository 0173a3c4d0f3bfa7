"""A person's archived words are given to them, and go when they ask; who is held back is not kept at all."""

import io
import json
import zipfile

import pytest
from django.db import transaction

from linli.access import api as access
from linli.archive import api as archive
from linli.archive.keeping import Opened, keep
from linli.archive.models import AudienceMember, Media, MediaPiece, Message
from linli.archive.vault import Vault
from linli.privacy import api, erasures, exports
from linli.wecom.archive_messages import parse_message
from tests.privacy.world import DAY, EXTERNAL, OTHER, World, build

AT = int(DAY.timestamp() * 1000)
WORDS = "我住在独一无二路"


def said(msgid: str, sender: str, to: list[str], room: str = "", content: str = WORDS) -> dict:
    return {
        "msgid": msgid, "action": "send", "from": sender, "tolist": to, "roomid": room, "msgtime": AT, "msgtype": "text",
        "text": {"content": content},
    }  # fmt: skip


def take_in(corp_id: int, *messages: dict):
    opened = [Opened(number, parse_message(one)) for number, one in enumerate(messages, start=1)]
    with transaction.atomic():
        return keep(corp_id, opened, Vault(corp_id))


@pytest.fixture
def world(db) -> World:
    made = build(access.create_corp(wecom_id="ww-archive-privacy", name="邻里").id)
    picture = said("file", EXTERNAL, ["keeper"]) | {
        "msgtype": "image",
        "image": {"md5sum": "m", "filesize": 3, "sdkfileid": "f"},
    }
    take_in(
        made.corp_id, said("own", EXTERNAL, ["keeper"]), said("to them", "keeper", [EXTERNAL], content="您的订单到了"),
        said("in a group", EXTERNAL, ["keeper", OTHER], "wr1"), said("of another", OTHER, ["keeper", EXTERNAL], "wr1", "我也要"),
        said("elsewhere", OTHER, ["keeper"], content="别人的话"), picture,
    )  # fmt: skip
    media = Media.objects.get()
    MediaPiece.objects.create(
        corp_id=made.corp_id, media_id=media.pk, number=0, sent_at=media.sent_at, content_sealed=b"x"
    )
    return made


def test_an_export_gives_them_their_words_in_the_clear(world):
    export = api.ask_export(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
    exports.run(corp_id=world.corp_id, export_id=export)
    with zipfile.ZipFile(io.BytesIO(exports.download(corp_id=world.corp_id, export_id=export))) as file:
        whole = json.loads(file.read("data.json"))
        shown = file.read("index.html").decode()
    (messages,) = [one for one in whole["sections"] if one["table"] == "archive_message"]
    found = {one["Number"]: one["Content"].get("text", {}).get("content") for one in messages["rows"]}
    assert found == {"own": WORDS, "to them": "您的订单到了", "in a group": WORDS, "file": WORDS}
    assert WORDS in shown
    assert "我也要" not in shown, "what others said is theirs"


def test_an_erasure_takes_what_they_said_and_their_name_from_where_others_wrote(world):
    erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
    erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    assert erasures.proof(corp_id=world.corp_id, erasure_id=erasure)["still_found_in"] == []
    assert set(Message.objects.values_list("msgid", flat=True)) == {"of another", "elsewhere"}
    assert not Media.objects.exists()
    assert not MediaPiece.objects.exists()
    assert not AudienceMember.objects.filter(member_id=EXTERNAL).exists()
    left = archive.message(corp_id=world.corp_id, msgid="of another")
    assert set(left.people) == {OTHER, "keeper", f"erased:{world.customer}"}
    assert left.body.content == "我也要"
    assert EXTERNAL not in str(
        Vault(world.corp_id).open_message("of another", bytes(Message.objects.get(msgid="of another").content_sealed))
    )


def test_what_comes_of_them_afterwards_is_not_kept(world):
    erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
    erasures.run(corp_id=world.corp_id, erasure_id=erasure)
    kept = take_in(
        world.corp_id, said("late", EXTERNAL, ["keeper"]), said("late to them", "keeper", [EXTERNAL]),
        said("late in a group", EXTERNAL, ["keeper", OTHER], "wr1"), said("late of another", OTHER, ["keeper", EXTERNAL], "wr2"),
    )  # fmt: skip
    assert (kept.messages, kept.held_back) == (1, 3)
    assert not Message.objects.filter(msgid="late").exists()
    assert not AudienceMember.objects.filter(member_id=EXTERNAL).exists()
    again = take_in(
        world.corp_id, said("late", EXTERNAL, ["keeper"]), said("late of another", OTHER, ["keeper", EXTERNAL], "wr2")
    )
    assert (again.messages, again.held_back) == (0, 1)
