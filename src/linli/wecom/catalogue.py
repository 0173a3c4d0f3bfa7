"""What WeCom's error codes mean, whether a repeat helps, and what the administrator must do."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Retry(StrEnum):
    """When the same call may succeed."""

    NEVER = "never"
    AFTER_TOKEN = "after_token"  # noqa: S105 - a name, no secret
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The gloss of one code; `admin_*` is empty where the administrator has nothing to do."""

    code: int
    zh: str
    en: str
    retry: Retry
    admin_zh: str
    admin_en: str


def explain(code: int) -> Meaning:
    """Return the meaning of a WeCom `errcode`, a generic one where none is described."""
    return described().get(code) or Meaning(code, f"企业微信错误 {code}", f"WeCom error {code}", Retry.NEVER, "", "")


@cache
def described() -> dict[int, Meaning]:
    """Return every described code (wire.md A.3; our own gloss)."""
    text = files(__package__).joinpath("catalogue.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return {
        int(row["code"]): Meaning(
            code=int(row["code"]),
            zh=row["zh"],
            en=row["en"],
            retry=Retry[row["retry"]],
            admin_zh=row["admin_zh"],
            admin_en=row["admin_en"],
        )
        for row in rows
    }
