"""The sheet of a community: never opened before it is complete."""

from datetime import date

import pytest

from linli.groups import api as groups
from linli.groups.communities import NEEDED
from linli.groups.models import Community
from linli.kit.clock import from_unix, frozen
from linli.kit.errors import BadInput

FULL = {
    "name": "徐汇店福利群", "kind": "shop", "purpose": "到店复购", "target": "徐汇店的客人", "value": "每周一款半价",
    "rules": "不发广告", "owner": "小林", "why_enter": "第一个知道折扣", "who_else": "附近的邻居",
    "why_together": "爱喝咖啡",
}  # fmt: skip


def test_a_complete_sheet_opens(corp):
    saved = groups.save_community(corp_id=corp.id, sheet=FULL)
    assert (saved.filled, saved.needed) == (9, 9)
    opened = groups.open_community(corp_id=corp.id, community_id=saved.id)
    assert opened.opened_at is not None
    assert groups.open_community(corp_id=corp.id, community_id=saved.id) == opened


@pytest.mark.parametrize("lacking", [name for name in FULL if name != "name"])
def test_without_any_one_answer_it_stays_shut(corp, lacking):
    saved = groups.save_community(corp_id=corp.id, sheet={**FULL, lacking: "  "})
    with pytest.raises(groups.SheetIncomplete) as refused:
        groups.open_community(corp_id=corp.id, community_id=saved.id)
    assert refused.value.missing == (lacking,)
    assert str(NEEDED[lacking]) in str(refused.value)
    assert Community.objects.get().opened_at is None


def test_an_event_needs_an_end_that_is_still_to_come(corp):
    saved = groups.save_community(corp_id=corp.id, sheet={**FULL, "is_event": True})
    with pytest.raises(groups.SheetIncomplete) as refused:
        groups.open_community(corp_id=corp.id, community_id=saved.id)
    assert refused.value.missing == ("ends_on",)
    with frozen(from_unix(1_323_600_000)):
        groups.save_community(corp_id=corp.id, community_id=saved.id, sheet={"ends_on": date(2011, 12, 10)})
        with pytest.raises(BadInput) as late:
            groups.open_community(corp_id=corp.id, community_id=saved.id)
        assert late.value.code == "already_over"
        groups.save_community(corp_id=corp.id, community_id=saved.id, sheet={"ends_on": date(2011, 12, 31)})
        groups.open_community(corp_id=corp.id, community_id=saved.id)


def test_an_open_sheet_cannot_be_emptied(corp):
    saved = groups.save_community(corp_id=corp.id, sheet=FULL)
    groups.open_community(corp_id=corp.id, community_id=saved.id)
    with pytest.raises(groups.SheetIncomplete):
        groups.save_community(corp_id=corp.id, community_id=saved.id, sheet={"rules": ""})
    assert Community.objects.get().rules == "不发广告"


def test_names_are_given_once(corp):
    groups.save_community(corp_id=corp.id, sheet=FULL)
    with pytest.raises(BadInput) as taken:
        groups.save_community(corp_id=corp.id, sheet=FULL)
    assert taken.value.code == "name_taken"
