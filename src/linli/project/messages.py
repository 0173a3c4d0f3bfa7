"""Compile every room's Chinese catalogue, in pure Python, so that no gettext tools are needed: `python -m linli.project.messages`."""

from pathlib import Path

import polib

_LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_all() -> int:
    """Make each .mo that is missing or older than its .po; returns how many were made."""
    made = 0
    for source in sorted(_LOCALE.glob("*/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            made += 1
    return made


if __name__ == "__main__":
    compile_all()
