"""Several calls to WeCom at a time, in order: the budget says how fast, this says how many wait at once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from linli.wecom.errors import ApiError, BadAnswer

# WeCom publishes no number for 45033 (calls of one API at the same time); the transport waits when it is met.
SIDE_BY_SIDE = 4

# What may concern one object only: an answer about it. No answer at all ends the reading.
OF_ONE = (ApiError, BadAnswer)

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def side_by_side(
    ask: Callable[[_Asked], _Answer], items: Iterable[_Asked], *, width: int = SIDE_BY_SIDE
) -> Iterator[tuple[_Asked, _Answer | ApiError | BadAnswer]]:
    """Each item with its answer, or with the error that concerns it alone; other errors are raised.

    `ask` runs in threads of its own and must use no table: calls only. `items` is drawn `width` ahead in the caller's thread.
    """
    waiting: deque[tuple[_Asked, Future[_Answer]]] = deque()
    with ThreadPoolExecutor(width, thread_name_prefix="side_by_side") as pool:
        try:
            for drawn in items:
                waiting.append((drawn, pool.submit(ask, drawn)))
                if len(waiting) >= width:
                    item, coming = waiting.popleft()
                    yield item, _about_it(coming) or coming.result()
            while waiting:
                item, coming = waiting.popleft()
                yield item, _about_it(coming) or coming.result()
        finally:
            for _item, one in waiting:
                one.cancel()


def _about_it(coming: Future[Any]) -> ApiError | BadAnswer | None:
    error = coming.exception()
    return error if isinstance(error, OF_ONE) else None
