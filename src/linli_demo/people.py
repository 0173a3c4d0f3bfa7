"""Who the story's people are. Their orders are real (UCI Online Retail); names, shops and habits are invented, by rule.

Every choice is a hash of the person and the question, so a second run tells the same story.
"""

import hashlib
from dataclasses import dataclass

_FIRST = [
    "小",
    "阿",
    "老",
    "大",
    "一只",
    "半夏",
    "南风",
    "北岛",
    "橘子",
    "青柠",
    "山雾",
    "月光",
    "木棉",
    "白茶",
    "芒果",
    "云朵",
    "星河",
    "稻香",
    "微糖",
    "暖阳",
]
_LAST = [
    "May",
    "静静",
    "小鹿",
    "花开",
    "晚安",
    "先生",
    "女士",
    "妈妈",
    "同学",
    "林",
    "周",
    "陈",
    "吴",
    "许",
    "何",
    "罗",
    "柚子",
    "拿铁",
    "不加冰",
    "在路上",
    "爱喝茶",
    "的日常",
    "🌷",
    "☕",
    "🐱",
    "🌊",
]
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = [
    "敏",
    "静",
    "磊",
    "洋",
    "婷",
    "浩",
    "颖",
    "杰",
    "倩",
    "凯",
    "雪",
    "俊",
    "丹",
    "晨",
    "悦",
    "宁",
    "琳",
    "博",
    "萌",
    "航",
]


@dataclass(frozen=True, slots=True)
class Person:
    """One real customer of the file with an invented face. `shop` is the number of the home shop, from 0."""

    mall_id: str
    shop: int

    @property
    def unionid(self) -> str:
        return "oLinliDemo" + _hash(self.mall_id, "unionid").hex()[:18]

    @property
    def name(self) -> str:
        return _pick(_FIRST, self.mall_id, "first") + _pick(_LAST, self.mall_id, "last")

    @property
    def gender(self) -> int:
        return share(self.mall_id, "gender", 3)

    @property
    def joins_group(self) -> bool:
        """Two thirds join their shop's group."""
        return share(self.mall_id, "joins", 3) < 2

    @property
    def leaves_group_after_days(self) -> int | None:
        """One in nine of them leaves again, some weeks later."""
        return 7 + share(self.mall_id, "leaves-when", 120) if share(self.mall_id, "leaves", 9) == 0 else None

    @property
    def deletes_clerk_after_days(self) -> int | None:
        """One in twenty-five deletes the clerk."""
        return 10 + share(self.mall_id, "deletes-when", 150) if share(self.mall_id, "deletes", 25) == 0 else None


def person(mall_id: str, shops: int) -> Person:
    """The person behind a customer number of the file."""
    return Person(mall_id=mall_id, shop=share(mall_id, "shop", shops))


def clerk_name(number: int) -> str:
    """A clerk's invented name."""
    return _FAMILY[share(str(number), "family", len(_FAMILY))] + _pick(_GIVEN, str(number), "given")


def share(who: str, question: str, parts: int) -> int:
    """A number in [0, parts), the same every time for the same person and question."""
    return int.from_bytes(_hash(who, question)[:8], "big") % parts


def _pick(words: list[str], who: str, question: str) -> str:
    return words[share(who, question, len(words))]


def _hash(who: str, question: str) -> bytes:
    return hashlib.sha256(f"{question}:{who}".encode()).digest()
