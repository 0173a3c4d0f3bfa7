"""Everything that goes wrong on purpose: repeatable by seed, chosen by kind and path, counted as played."""

import itertools
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.sandbox.stage import SEED, Receiver, Stage, until
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.faults.scenario import read_scenario
from wecom_sandbox.server import Options
from wecom_sandbox.wire.table import ENDPOINTS

ADDED, DELETED = "change_external_contact.add_external_contact", "change_external_contact.del_external_contact"
TASKS = "externalcontact/add_msg_template"


def seen(plan: FaultPlan, kind: str, number: int) -> list[tuple]:
    return [tuple(vars(plan.course(kind, 0.0)).values()) for _ in range(number)]


def test_the_nth_of_a_kind_meets_the_same_fate_whatever_comes_between():
    wishes = {"drop": 0.2, "double": 0.3, "reorder": 0.3, "delay": 0.1, "slow": 0.1, "seed": 5}
    alone, mixed, other = FaultPlan(), FaultPlan(), FaultPlan()
    for plan, more in ((alone, {}), (mixed, {}), (other, {"seed": 6})):
        plan.change(wishes | more)
    mixed_up = []
    for _ in range(300):
        mixed.course(DELETED, 0.0)
        mixed.fate(TASKS, 0.0)
        mixed_up += seen(mixed, ADDED, 1)
    assert seen(alone, ADDED, 300) == mixed_up
    assert seen(other, ADDED, 300) != mixed_up
    assert 30 < alone.counts()["drop"][ADDED] < 90
    assert set(mixed.counts()) == {"drop", "double", "reorder", "delay", "slow"}


def test_calls_draw_each_fault_from_its_own_stream():
    both, one = FaultPlan(), FaultPlan()
    both.change({"45009": 0.1, "answer_lost": 0.1, "seed": 3})
    one.change({"answer_lost": 0.1, "seed": 3})
    fates = [(both.fate(TASKS, 0.0), one.fate(TASKS, 0.0)) for _ in range(500)]
    # A code comes instead of the work, so that there is no answer to be lost.
    assert all(first.lost == (second.lost and first.code is None) for first, second in fates)
    assert any(first.code == 45009 for first, _ in fates)
    assert any(first.lost for first, _ in fates)


def test_rules_choose_kinds_paths_counts_and_spans_of_the_clock():
    plan = FaultPlan()
    plan.change({"rules": [
        {"fault": "drop", "events": ["change_external_contact.add"], "counts": [2, 3]},
        {"fault": 45033, "paths": ["externalcontact/groupchat/"]},
        {"fault": "delay", "seconds": 30, "between": ["2011-01-01", "2011-02-01"]},
    ]})  # fmt: skip
    assert [plan.course(ADDED, 0.0).dropped for _ in range(4)] == [False, True, True, False]
    assert plan.course(DELETED, 0.0).dropped is False
    assert plan.fate("externalcontact/groupchat/get", 0.0).code == 45033
    assert plan.fate("externalcontact/get", 0.0).code is None
    january, february = 1_294_000_000.0, 1_297_000_000.0
    assert (plan.course(DELETED, january).delay, plan.course(DELETED, february).delay) == (30.0, 0.0)


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"lose": 1}, "unknown key 'lose'"),
        ({"rules": [{"fault": "drop", "chance": 0.1}]}, "rules[1]: unknown key 'chance'"),
        ({"rules": [{"fault": "drop"}, {"fault": "explode"}]}, "rules[2]: unknown fault 'explode'"),
        ({"double": 2}, "double: odds is a number from 0 to 1"),
        ({"rules": [{"fault": "drop", "paths": ["gettoken"]}]}, "drop is chosen by events, not by paths"),
        ({"rules": [{"fault": "drop", "seconds": 3}]}, "drop takes no seconds"),
        ({"rules": [{"fault": "drop", "between": ["yesterday", "today"]}]}, "between is a list of two moments"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"scenario": "seed: [1"}, "is not YAML"),
        ({"scenario": "rules: {}\nseed: 1\nodds: 3"}, "unknown key 'odds'"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_and_changes_nothing(stage: Stage, wishes, sentence):
    before = stage.control("faults", {"double": 0.5, "seed": 3})
    assert sentence in stage.control("faults", wishes, status=400)["error"]
    assert stage.control("faults") == before


def test_a_dropped_event_never_comes_and_is_told_with_its_welcome_code(heard_stage: Stage, receiver: Receiver):
    heard_stage.way()
    heard_stage.control("faults", {"rules": [{"fault": "drop", "events": [ADDED], "counts": [1, 1]}]})
    first, second = heard_stage.befriend(1), heard_stage.befriend(2)
    heard_stage.act("staff_deletes", userid="zhangsan", external_userid=first)
    heard_stage.settle()
    told = [(one.fields["ChangeType"], one.fields["ExternalUserID"]) for one in receiver.heard]
    assert sorted(told) == sorted([("add_external_contact", second), ("del_external_contact", first)])
    never = heard_stage.control("undelivered")["events"]
    assert [(one["kind"], one["about"], one["userid"], one["welcome"], one["why"]) for one in never] == [
        (ADDED, first, "zhangsan", True, "dropped")
    ]
    tally = heard_stage.control("counters")
    assert (tally["events"], tally["dropped"], tally["callbacks_sent"], tally["welcomes_heard"]) == (3, 1, 2, 1)
    assert tally["kinds"][ADDED] == {"made": 2, "heard": 1}
    assert heard_stage.control("faults")["played"] == {"drop": {ADDED: 1}}
    # The code that nobody heard of keeps nobody waiting; the other still does.
    assert heard_stage.control("outstanding")["welcomes_open"] == 1


def test_a_delayed_event_waits_for_the_clock(heard_stage: Stage, receiver: Receiver):
    heard_stage.way()
    heard_stage.control("faults", {"rules": [{"fault": "delay", "seconds": 3600}]})
    heard_stage.befriend()
    left = heard_stage.control("outstanding")
    assert (left["callbacks_queued"], left["callbacks_delayed"]) == (0, 1)
    heard_stage.control("clock", {"advance": 3500, "force": True})
    assert heard_stage.control("outstanding")["callbacks_delayed"] == 1
    heard_stage.control("clock", {"advance": 200, "force": True})
    until(lambda: len(receiver.heard) == 1)
    assert heard_stage.control("outstanding")["callbacks_delayed"] == 0


def test_a_slow_event_trickles_in_whole(heard_stage: Stage, receiver: Receiver):
    heard_stage.way()
    heard_stage.control("faults", {"rules": [{"fault": "slow", "seconds": 0.3}]})
    began = time.monotonic()
    heard_stage.befriend()
    heard_stage.settle()
    assert receiver.changes() == ["add_external_contact"]
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("code", [45009, 45033, -1])
def test_a_code_comes_instead_of_the_work_with_empty_collections(stage: Stage, code: int):
    stage.control("faults", {"rules": [{"fault": code, "paths": ["externalcontact/"], "counts": [1, 1]}]})
    body = {"group_name": "g", "tag": [{"name": "t"}]}
    refused = stage.contact("add_corp_tag", body, code=code)
    assert refused["tag_group"] == {}
    assert stage.control("state")["tags"] == []
    stage.contact("add_corp_tag", body)
    assert len(stage.control("state")["tags"]) == 1


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_ends_early_and_gettoken_gives_another(stage: Stage, code: int):
    old = stage.token()
    stage.control("faults", {"rules": [{"fault": code, "paths": ["department/list"], "counts": [1, 1]}]})
    stage.get("department/list", code=code)
    stage.get("user/get", code=code, userid="lisi")
    stage.control("faults", {})
    stage._tokens.clear()
    assert stage.token() != old
    stage.get("department/list")


def test_an_answer_is_lost_after_the_work_was_done(stage: Stage):
    stage.token()
    stage.control("faults", {"rules": [{"fault": "answer_lost", "paths": ["externalcontact/add_corp_tag"]}]})
    with pytest.raises(httpx.RemoteProtocolError):
        stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "t"}]})
    assert [tag["name"] for tag in stage.control("state")["tags"]] == ["t"]
    assert stage.get("department/list")["department"]


def test_a_slow_answer_holds_up_only_its_own_call(stage: Stage):
    stage.token()
    stage.control("faults", {"rules": [{"fault": "slow_answer", "seconds": 0.3, "paths": ["department/list"]}]})
    began = time.monotonic()
    stage.get("user/get", userid="lisi")
    assert time.monotonic() - began < 0.3
    stage.get("department/list")
    assert time.monotonic() - began >= 0.3


def test_a_restart_goes_on_where_the_streams_stood(stage: Stage):
    plan, again = FaultPlan(), FaultPlan()
    plan.change({"drop": 0.3, "seed": 9})
    whole = FaultPlan()
    whole.change({"drop": 0.3, "seed": 9})
    first = seen(plan, ADDED, 50)
    again.thaw(plan.freeze())
    assert first + seen(again, ADDED, 50) == seen(whole, ADDED, 100)
    assert again.counts() == whole.counts()
    assert stage.control("faults")["rules"] == []


def test_counts_go_on_after_a_restart(receiver: Receiver, tmp_path: Path):
    options = Options(state_file=tmp_path / "state.json")
    first = Stage(options)
    first.control("seed", SEED)
    first.listen(receiver)
    first.way()
    first.befriend(1)
    first.settle()
    first.stop()
    second = Stage(options)
    second.befriend(2)
    second.settle()
    tally = second.control("counters")
    second.stop()
    assert (tally["events"], tally["callbacks_sent"], tally["kinds"][ADDED]) == (2, 2, {"made": 2, "heard": 2})


def test_a_scenario_file_is_taken_at_the_start_and_a_bad_one_is_refused_in_a_sentence(tmp_path: Path):
    good, bad = tmp_path / "faults.yaml", tmp_path / "bad.yaml"
    good.write_text("seed: 4\nrules:\n  - {fault: -1, odds: 0.5, paths: [externalcontact/get]}\n")
    bad.write_text("seed: 4\nrules:\n  - {fault: drop, ods: 0.5}\n")
    command = [sys.executable, "-m", "wecom_sandbox", "--port", "0", "--faults"]
    refused = subprocess.run(
        [*command, str(bad)], capture_output=True, text=True, check=False, env={"PYTHONPATH": "src"}
    )
    assert refused.returncode == 1
    assert "rules[1]: unknown key 'ods'" in refused.stderr
    assert "Traceback" not in refused.stderr
    process = subprocess.Popen([*command, str(good)], stderr=subprocess.PIPE, text=True, env={"PYTHONPATH": "src"})
    try:
        assert process.stderr is not None
        line = next(one for one in process.stderr if "listening on" in one)
        address = next(word for word in line.split() if word.startswith("http")).rstrip(",")
        plan = httpx.get(f"{address}/control/faults", trust_env=False).json()
    finally:
        process.terminate()
        process.wait(10)
    assert (plan["seed"], plan["rules"]) == (4, [{"fault": "-1", "odds": 0.5, "paths": ["externalcontact/get"]}])


def test_a_given_up_event_is_told_too(stage: Stage, receiver: Receiver):
    stage.control("tunables", {"callback_backoff_s": 0.01})
    stage.listen(receiver)
    receiver.hosted.stop()
    stage.way()
    stage.befriend()
    stage.settle()
    assert [one["why"] for one in stage.control("undelivered")["events"]] == ["given up"]


def test_each_pair_of_event_faults_can_meet(heard_stage: Stage, receiver: Receiver):
    heard_stage.way()
    for number, (one, other) in enumerate(itertools.combinations(("double", "reorder", "delay", "slow"), 2)):
        rules = [{"fault": fault, **({"seconds": 0.1} if fault in ("delay", "slow") else {})} for fault in (one, other)]
        heard_stage.control("faults", {"rules": rules})
        heard_stage.befriend(number)
    until(lambda: len({heard.xml for heard in receiver.heard}) == 6)


@pytest.mark.parametrize("path", [*sorted(ENDPOINTS), "archive/chatdata", "archive/media"])
def test_a_rule_without_paths_strikes_every_call_and_one_that_names_a_call_strikes_it_alone(struck, path):
    url = f"/{path}" if path.startswith("archive/") else f"/cgi-bin/{path}"
    verb = "GET" if path in ENDPOINTS and ENDPOINTS[path].verb == "GET" else "POST"

    def code() -> int:
        asked = {"access_token": struck.token()}
        answer = struck.http.request(verb, url, params=asked, json={} if verb == "POST" else None)
        return int(answer.json()["errcode"])

    struck.control("faults", {"seed": 1, "rules": [{"fault": "45033"}]})
    assert code() == 45033
    struck.control("faults", {"seed": 1, "rules": [{"fault": "45033", "paths": [path], "counts": [2, 2]}]})
    assert [code() == 45033 for _ in range(3)] == [False, True, False]
    assert struck.control("faults")["played"] == {"45033": {path: 1}}


@pytest.fixture(scope="module")
def struck():
    stage = Stage()
    stage.control("seed", SEED)
    stage.token()
    yield stage
    stage.stop()


# What a hand-over, an address book, an archive and a link tell; each kind is struck by its name.
NEW_SCENARIO = """
seed: 4
rules:
  - {fault: drop, events: [change_contact.update_user, change_external_contact.transfer_fail]}
  - {fault: double, events: [change_contact.delete_user, msgaudit_notify, customer_acquisition]}
  - {fault: answer_lost, paths: [externalcontact/transfer_customer, externalcontact/resigned/, externalcontact/groupchat/transfer]}
  - {fault: -1, odds: 0.5, paths: [externalcontact/get_unassigned_list, archive/, externalcontact/customer_acquisition/]}
"""


def test_a_scenario_names_the_calls_and_events_of_hand_overs_archive_and_links():
    plan = FaultPlan()
    plan.change(read_scenario(NEW_SCENARIO))
    gone = ("change_contact.update_user", "change_external_contact.transfer_fail")
    twice = ("change_contact.delete_user", "msgaudit_notify", "customer_acquisition.link_unavailable")
    assert [plan.course(kind, 0.0).dropped for kind in (*gone, *twice)] == [True, True, False, False, False]
    assert [plan.course(kind, 0.0).copies for kind in twice] == [2, 2, 2]
    lost = ("transfer_customer", "resigned/transfer_customer", "groupchat/transfer", "transfer_result")
    assert [plan.fate(f"externalcontact/{path}", 0.0).lost for path in lost] == [True, True, True, False]
    for path in ("externalcontact/get_unassigned_list", "archive/chatdata", "archive/media"):
        assert 20 < sum(plan.fate(path, 0.0).code == -1 for _ in range(100)) < 80
    assert {path for path in ENDPOINTS if path.startswith("externalcontact/resigned/")} != set()
