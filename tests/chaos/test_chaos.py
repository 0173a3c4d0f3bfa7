"""Chaos: whatever a seed does to Linli, nothing is lost and nothing doubled; `make chaos SEEDS=n` plays more of them."""

import json
import os
import subprocess
import sys
from argparse import Namespace

import pytest

from linli_chaos import lanes
from linli_chaos.outcome import Outcome
from linli_chaos.plot import MORTALS, OURS, Plot, fates
from linli_chaos.record import keep

SEEDS = 40  # more than fit: CI gives three minutes, of which the last seed, begun in time, may need one
WITHIN_S = 90


def played(folder, *options):
    record, page = folder / "chaos.jsonl", folder / "chaos.md"
    command = [sys.executable, "-m", "linli_chaos", *options, "--record", str(record), "--page", str(page)]
    ours = {"DATABASE_URL", "LINLI_DATA_DIR", "LINLI_MASTER_KEY_FILE"}
    env = {key: value for key, value in os.environ.items() if key not in ours} | {"PYTHONPATH": "src"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=900)
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    assert done.returncode == 0, [row["wrong"] for row in rows] or done.stderr[-2000:]
    return rows, done.stdout, page.read_text()


@pytest.mark.slow
def test_seeds_lose_nothing_double_nothing_and_end_as_wecom_in_any_order(tmp_path):
    rows, _, page = played(tmp_path, "--seeds", str(SEEDS), "--within", str(WITHIN_S))
    assert len(rows) >= 1
    assert all(row["events"] >= 200 and row["lost"] == 0 for row in rows)
    assert all(sum(row["deaths"].values()) > 0 for row in rows)
    assert {"drop", "double", "reorder"} <= {fault for row in rows for fault in row["played"]}
    assert "No seed failed." in page


@pytest.mark.slow
def test_time_that_is_up_begins_no_seed_but_the_first(tmp_path):
    small = ("--seeds", "2", "--events", "20", "--lanes", "1")
    first, _, _ = played(tmp_path, *small, "--within", "0.001")
    assert [row["seed"] for row in first] == [1]
    rows, said, _ = played(tmp_path, *small)  # what was played is not played again
    assert sorted(row["seed"] for row in rows) == [1, 2]
    assert "seed 1 " not in said


def test_each_seed_is_given_to_one_lane_and_what_was_played_to_none(tmp_path):
    record = tmp_path / "chaos.jsonl"
    keep(record, Outcome(2), 200)
    keep(record, Outcome(3, wrong=["lost"]), 200)
    keep(record, Outcome(4), 10_000)
    seeds = lanes.open_list(Namespace(seeds=4, first=1, events=200, again=False, record=record))
    assert [lanes.take(seeds) for _ in range(4)] == [1, 3, 4, None]
    os.close(seeds)


def test_the_same_seed_plans_the_same():
    state = {"customers": [], "follows": [], "members": [], "groups": [{"chat_id": "g", "name": "群1"}], "tags": []}
    assert fates(7, 200) == fates(7, 200) != fates(8, 200)
    one, other = Plot(7, ["s1"], ["g1"]), Plot(7, ["s1"], ["g1"])
    assert [one.batch(state) for _ in range(20)] == [other.batch(state) for _ in range(20)]


def test_every_point_and_every_process_has_its_turn():
    planned = [fates(seed, 200) for seed in range(1, 101)]
    points = {word.partition(":")[0] for one in planned for word in one.kill_at.split(",")}
    assert points == set(OURS)
    assert {name for one in planned for name in one.kills.values()} == set(MORTALS)
