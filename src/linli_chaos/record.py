"""What the seeds came to: a line of JSON each, so that a run can be cut off and go on, and a page that says it all."""

import fcntl
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from linli_chaos.outcome import TRADE, Outcome

_HEAD = "<!-- made by `make chaos`: everything below this line -->"


def keep(path: Path, outcome: Outcome, events: int) -> None:
    """Add an outcome; several lanes may write at once."""
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps({"size": events, **asdict(outcome)}, ensure_ascii=False) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """The last outcome of each kind, size and seed, in order; a row without a kind is of the first."""
    if not path.exists():
        return []
    rows = [{"kind": TRADE, **json.loads(line)} for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for _, row in sorted({(row["kind"], row["size"], row["seed"]): row for row in rows}.items())]


def write_page(page: Path, rows: list[dict[str, Any]]) -> None:
    """Renew the figures of docs/chaos.md; what a person wrote above them stays."""
    above = page.read_text(encoding="utf-8").partition(_HEAD)[0] if page.exists() else "# Chaos\n\n"
    page.write_text(f"{above}{_HEAD}\n\n{_figures(rows)}", encoding="utf-8")


def _figures(rows: list[dict[str, Any]]) -> str:
    heads = "Kind, Events a story, Seeds, well, Events, dropped, reconciled, found missing, not revealed, lost".split(
        ", "
    )
    heads += "welcomes, late, tasks, kills, seconds a seed".split(", ")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for kind, size in _sorts(rows):
        mine = [row for row in rows if (row["kind"], row["size"]) == (kind, size)]
        sums = [sum(row[key] for row in mine) for key in ("events", "dropped", "reconciled")]
        sums += [
            sum(row.get(key, 0) for row in mine)
            for key in ("missed", "undetectable", "lost", "welcomes", "late", "tasks")
        ]
        kills = sum(sum(row["deaths"].values()) for row in mine)
        seconds = round(median(row["seconds"] for row in mine))
        well = sum(not row["wrong"] for row in mine)
        lines.append(
            f"| {kind} | {size:,} | {len(mine):,} | {well:,} | "
            + " | ".join(f"{one:,}" for one in [*sums, kills, seconds])
            + " |"
        )
    played, deaths, points, own = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        own.update(row.get("figures", {}))
        played.update(row["played"])
        deaths.update(row["deaths"])
        points.update(word.partition(":")[0] for word in row["points"])
    lines += ["", "Seeds run: " + (", ".join(_spans(rows)) or "none") + ".", ""]
    lines += ["Counted in turnover: " + _listed(own), ""]
    lines += ["Faults played: " + _listed(played), "", "Processes that died and were started again: " + _listed(deaths)]
    lines += ["", "Deaths at a named point (`linli.kit.killpoints`): " + _listed(points), ""]
    bad = [row for row in rows if row["wrong"]]
    lines += ["Seeds that failed:", ""] if bad else ["No seed failed."]
    lines += [
        f"- {row['kind']}, {row['size']} events, seed {row['seed']}: {'; '.join(row['wrong'])[:400]}" for row in bad
    ]
    return "\n".join(lines) + "\n"


def _sorts(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return sorted({(row["kind"], row["size"]) for row in rows})


def _spans(rows: list[dict[str, Any]]) -> list[str]:
    found = []
    for kind, size in _sorts(rows):
        seeds = sorted(row["seed"] for row in rows if (row["kind"], row["size"]) == (kind, size))
        starts = [one for one in seeds if one - 1 not in set(seeds)]
        ends = [one for one in seeds if one + 1 not in set(seeds)]
        spans = " ".join(str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True))
        found.append(f"{kind} {spans} ({size} events)")
    return found


def _listed(counts: "Counter[str]") -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"
