"""An error as it may be kept and shown: what went wrong and where, without the people it happened to."""

import re
import traceback
from pathlib import PurePath

_FRAMES = 8
_MOST = 500
_QUOTED = re.compile(r"(['\"])((?:(?!\1).)*)\1")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,60}")
_OURS = {"linli", "wecom_sandbox"}


def told(error: Exception) -> tuple[str, str]:
    """(one line, the last frames as "file:line function"). Values are taken out: long numbers, addresses, quoted text, names."""
    return f"{type(error).__name__}: {_without_people(str(error))}"[:_MOST].rstrip(": "), _frames(error)


def _without_people(text: str) -> str:
    text = re.split("\n(?:DETAIL|CONTEXT)", text, maxsplit=1)[0]  # PostgreSQL puts the row's values there
    text = _QUOTED.sub(lambda found: found[0] if _NAME.fullmatch(found[2]) else "“…”", text)
    text = re.sub(r"[^\s@]+@[^\s@]+", "…", text)
    text = re.sub(r"\b[A-Za-z]{2}[A-Za-z0-9_-]{14,}\b", "…", text)  # WeCom's ids: wm…, wr…, wo…
    text = re.sub(r"\d{6,}", "…", text)
    return re.sub(r"[\u4e00-\u9fff]{2,}", "…", text).strip()


def _frames(error: Exception) -> str:
    lines = []
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]:
        parts = PurePath(frame.filename).parts
        at = next((n for n, part in enumerate(parts) if part in _OURS), len(parts) - 2)
        lines.append(f"{'/'.join(parts[max(at, 0) :])}:{frame.lineno} {frame.name}")
    return "\n".join(lines)
