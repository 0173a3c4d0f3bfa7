"""Chaos: whatever a seed does to Linli, nothing is lost and nothing doubled; `make chaos SEEDS=n` plays more of them."""

import json
import os
import subprocess
import sys

import pytest

from linli_chaos.plot import MORTALS, OURS, Plot, fates

SEEDS = 3  # measured: about 15 s each on two idle cores, four times that on a busy machine; CI gives three minutes


@pytest.mark.slow
def test_seeds_lose_nothing_double_nothing_and_end_as_wecom_in_any_order(tmp_path):
    record, page = tmp_path / "chaos.jsonl", tmp_path / "chaos.md"
    command = [sys.executable, "-m", "linli_chaos", "--seeds", str(SEEDS), "--record", str(record), "--page", str(page)]
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "LINLI_DATA_DIR", "LINLI_MASTER_KEY_FILE"}
    }
    done = subprocess.run(
        command, env=env | {"PYTHONPATH": "src"}, capture_output=True, text=True, check=False, timeout=900
    )
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    assert done.returncode == 0, [row["wrong"] for row in rows] or done.stderr[-2000:]
    assert len(rows) == SEEDS
    assert all(row["events"] >= 200 and row["lost"] == 0 for row in rows)
    assert all(sum(row["deaths"].values()) > 0 for row in rows)
    assert {"drop", "double", "reorder", "answer_lost"} <= {fault for row in rows for fault in row["played"]}
    assert "No seed failed." in page.read_text()
    again = subprocess.run(
        command, env=env | {"PYTHONPATH": "src"}, capture_output=True, text=True, check=False, timeout=300
    )
    assert "seed" not in again.stdout.split("linli_chaos:")[0]
    assert len(record.read_text().splitlines()) == SEEDS


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
