"""What a reading could not fetch: which thing, our words in both tongues, and the platform's own."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language, override

from linli.connect.messages import explain_error
from linli.wecom.errors import ApiError, WecomError

Entry = dict[str, str]
_LONGEST = 300


def entry(what: object, why: object, *, key: str = "") -> Entry:
    """A row of a run's list. `why` is an error or a sentence; `key` is what the room knows the thing by."""
    said = why.errmsg[:_LONGEST] if isinstance(why, ApiError) else ""
    reason = explain_error(why) if isinstance(why, WecomError) else why
    found = {"what": _in("zh-hans", what), "why": _in("zh-hans", reason)}
    english = {"what_en": _in("en", what), "why_en": _in("en", reason)}
    found |= {name: text for name, text in english.items() if text != found[name.removesuffix("_en")]}
    return found | {name: text for name, text in (("said", said), ("key", key)) if text}


def shown(row: Mapping[str, str]) -> Entry:
    """The row in the reader's language: what, why, and where there are such `said` (WeCom's words) and `key`."""
    english = (get_language() or "zh").startswith("en")
    found = {
        name: row.get(f"{name}_en", row.get(name, "")) if english else row.get(name, "") for name in ("what", "why")
    }
    return found | {name: row[name] for name in ("said", "key") if row.get(name)}


def keys_of(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The things that can be asked for again by themselves, each once."""
    return sorted({row["key"] for row in rows if row.get("key")})


def _in(language: str, text: object) -> str:
    with override(language):
        return str(text)
