"""`linli doctor` at the terminal: reach the house whatever its state, examine it, say what was found."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from linli.kit.errors import LinliError
from linli.kit.settings import read_settings
from linli.project.house import look_at, reached, set_up

if TYPE_CHECKING:
    from linli.project.doctor.findings import Finding

_MARKS = {"ok": "✓", "warn": "!", "fail": "✗", "unknown": "?"}


def consult(*, language: str, as_json: bool) -> int:
    """Print every finding; 1 when something fails, 0 otherwise."""
    settings = read_settings()
    if not settings.database_url and not (settings.data_dir / "postgres" / "pgdata").exists():
        raise LinliError("no_house", f"there is no house in {settings.data_dir} yet: `linli up` makes one")
    try:
        with reached(by="doctor") as (_settings, server, running):
            found = _examined(language, embedded=server is not None, stands_still=not running)
            return _told(found, as_json=as_json)
    except LinliError as error:
        look_at(settings)
        away = str(error).strip().splitlines()[-1]
        return _told(_examined(language, away=away, embedded=not settings.database_url), as_json=as_json)


def _examined(language: str, *, embedded: bool, away: str = "", stands_still: bool = False) -> "list[Finding]":
    set_up()
    from django.utils import translation

    from linli.project.doctor import examine

    with translation.override(language):
        return examine(away=away, embedded=embedded, stands_still=stands_still)


def _told(findings: "list[Finding]", *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        for one in findings:
            print(f" {_MARKS[one.state]} {one.title}　{one.says}")
            if one.todo:
                print(f"     → {one.todo}")
    return int(any(one.state == "fail" for one in findings))
