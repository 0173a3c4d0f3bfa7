"""A list in order of arrival that pages in O(log n + page) and survives deletions between two pages."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class SeqIndex(Generic[T]):
    """Items by an ever-growing sequence number."""

    __slots__ = ("_items", "_seqs")

    def __init__(self) -> None:
        """Start empty."""
        self._seqs: list[int] = []
        self._items: list[T] = []

    def add(self, seq: int, item: T) -> None:
        """Append; sequence numbers come in rising order."""
        self._seqs.append(seq)
        self._items.append(item)

    def remove(self, seq: int) -> None:
        """Forget the item of this number, if it is here."""
        at = bisect_left(self._seqs, seq)
        if at < len(self._seqs) and self._seqs[at] == seq:
            del self._seqs[at], self._items[at]

    def after(self, seq: int, limit: int) -> list[T]:
        """Give at most `limit` items that came later than `seq`."""
        start = bisect_right(self._seqs, seq)
        return self._items[start : start + limit]

    def __len__(self) -> int:
        """Count the items."""
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        """Walk in order of arrival."""
        return iter(self._items)

    def __reversed__(self) -> Iterator[T]:
        """Walk from the newest back."""
        return reversed(self._items)
