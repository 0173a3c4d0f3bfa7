"""WeCom's error catalogue as sentences for people, in the reader's language."""

from dataclasses import dataclass

from django.utils.translation import get_language

from linli.wecom.errors import ApiError, WecomError


@dataclass(frozen=True)
class TwoTongues:
    """A sentence in Chinese and English; str() picks by the active language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "zh").startswith("en") else self.zh


def explain_error(error: WecomError) -> TwoTongues:
    """What happened, WeCom's code, and what the administrator must do where there is something to do."""
    zh, en = error.zh, error.en
    if isinstance(error, ApiError):
        zh = f"{zh}（{error.code}）。{error.meaning.admin_zh}".rstrip("。") + "。"
        en = f"{en} ({error.code}). {error.meaning.admin_en}".rstrip(". ") + "."
    return TwoTongues(zh=zh, en=en)
