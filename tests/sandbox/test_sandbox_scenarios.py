"""The same seed replays the same way: over random plans, random traffic in another order, a restart, and YAML or JSON."""

import json
import random

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.faults.rules import CALL_FAULTS, EVENT_FAULTS
from wecom_sandbox.faults.scenario import read_scenario

EVENTS = (
    "change_external_contact.add_external_contact",
    "change_external_contact.edit_external_contact",
    "change_external_chat.update",
)
PATHS = ("externalcontact/get", "externalcontact/groupchat/get", "gettoken", "message/send")
WAITING = {"delay": 3600.0, "slow": 5.0, "slow_answer": 5.0}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, object]:
    fault = draw(st.sampled_from([*EVENT_FAULTS, *CALL_FAULTS]))
    row: dict[str, object] = {"fault": fault, "odds": draw(st.floats(0, 1))}
    of_events = fault in EVENT_FAULTS
    prefixes = (
        ("change_external", "change_external_contact.add", "kf_")
        if of_events
        else ("externalcontact/", "message", "gettoken")
    )
    if draw(st.booleans()):
        row["events" if of_events else "paths"] = draw(st.lists(st.sampled_from(prefixes), min_size=1, max_size=2))
    if fault in WAITING and draw(st.booleans()):
        row["seconds"] = draw(st.floats(0, WAITING[fault]))
    if draw(st.booleans()):
        row["between"] = sorted(draw(st.tuples(st.integers(0, 2000), st.integers(0, 2000))))
    if draw(st.booleans()):
        row["counts"] = sorted(draw(st.tuples(st.integers(1, 30), st.integers(1, 30))))
    return row


plans = st.fixed_dictionaries({"seed": st.integers(0, 2**31), "rules": st.lists(rules(), max_size=6)})
traffic = st.lists(st.sampled_from([*EVENTS, *PATHS]), max_size=80)


def played(plan: FaultPlan, kinds: list[str]) -> list[tuple[str, object]]:
    """What happens to each event and call; the clock stands still, so that only their number counts."""
    return [(kind, plan.course(kind, 1000.0) if kind in EVENTS else plan.fate(kind, 1000.0)) for kind in kinds]


def by_kind(happened: list[tuple[str, object]]) -> dict[str, list[object]]:
    return {kind: [what for other, what in happened if other == kind] for kind, _ in happened}


def fresh(wishes: object) -> FaultPlan:
    plan = FaultPlan()
    plan.change(wishes)
    return plan


@settings(deadline=None)
@given(plans, traffic)
def test_the_same_plan_plays_the_same_to_the_same_traffic(wishes: dict[str, object], kinds: list[str]) -> None:
    first, second = fresh(wishes), fresh(wishes)
    assert played(first, kinds) == played(second, kinds)
    assert first.counts() == second.counts()


@settings(deadline=None)
@given(plans, traffic, st.integers(0, 2**31))
def test_the_nth_of_its_kind_meets_its_fate_whatever_comes_between(
    wishes: dict[str, object], kinds: list[str], order: int
) -> None:
    shuffled = list(kinds)
    random.Random(order).shuffle(shuffled)
    assert by_kind(played(fresh(wishes), kinds)) == by_kind(played(fresh(wishes), shuffled))


@settings(deadline=None)
@given(plans, traffic, st.integers(0, 80))
def test_a_restart_goes_on_where_it_stood(wishes: dict[str, object], kinds: list[str], at: int) -> None:
    whole, before = fresh(wishes), fresh(wishes)
    expected = played(whole, kinds)
    happened = played(before, kinds[:at])
    after = FaultPlan()
    after.thaw(json.loads(json.dumps(before.freeze())))
    assert happened + played(after, kinds[at:]) == expected
    assert after.counts() == whole.counts()


@settings(deadline=None)
@given(plans, traffic)
def test_a_scenario_file_is_the_same_plan(wishes: dict[str, object], kinds: list[str]) -> None:
    text = yaml.safe_dump(json.loads(json.dumps(wishes)), allow_unicode=True)
    written, said = fresh(read_scenario(text)), fresh(wishes)
    assert written.describe() == said.describe()
    assert fresh(written.describe()).describe() == said.describe(), "what is told is a plan again"
    assert played(written, kinds) == played(said, kinds)
