"""The true story: a year of a chain's real orders, told through Linli's doors and WeCom's wire.

A chapter that was told is noted in the house's directory, so a story that was cut off goes on where it stood; everything in
it may be told twice without effect.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import FrameType

import django
import httpx


@dataclass
class Bookmark:
    """Where the story stands: chapters told, and the last day told of the year."""

    path: Path

    def read(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def write(self, **entry: str) -> None:
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(self.read() | entry))
        draft.replace(self.path)

    def once(self, chapter: str, tell: Callable[[], None]) -> None:
        if chapter not in self.read():
            tell()
            self.write(**{chapter: "told"})


def main() -> int:
    """Tell the story from the bookmark to its end."""
    signal.signal(signal.SIGTERM, _leave)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    django.setup()
    from linli.access import api as access
    from linli.insights import api as insights
    from linli_demo import beginning, ending, year
    from linli_demo.cast import CORP_ID, START, TODAY
    from linli_demo.sandbox import Sandbox

    corp = next(one for one in access.corps() if one.wecom_id == CORP_ID)
    sandbox = Sandbox(os.environ["LINLI_SANDBOX"])
    bookmark = Bookmark(Path(os.environ["LINLI_DATA_DIR"]) / "story.json")
    until = date.fromisoformat(os.environ.get("LINLI_STORY_UNTIL") or "2011-12-10")

    def progress(key: str, done: int, total: int, note: str = "") -> None:
        insights.note_story(corp_id=corp.id, key=key, done=done, total=total, note=note)

    _wait_for_the_house()
    for chapter, tell in beginning.chapters(sandbox, corp.id, progress):
        bookmark.once(chapter, tell)
    teller = year.Year(sandbox=sandbox, corp_id=corp.id)
    first = date.fromisoformat(bookmark.read().get("day", str(START - timedelta(days=1)))) + timedelta(days=1)
    day = first
    while day <= min(until, TODAY - timedelta(days=1)):
        teller.tell(day)
        bookmark.write(day=str(day))
        progress("year", (day - START).days + 1, (TODAY - START).days, str(day))
        day += timedelta(days=1)
    if until >= TODAY - timedelta(days=1):
        bookmark.once("ending", lambda: ending.tell(sandbox, corp.id, progress))
    return 0


def _wait_for_the_house() -> None:
    """Until console and ingress answer; the sandbox verifies the callback address as WeCom does."""
    for name in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT"):
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{os.environ[name]}/healthz", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
