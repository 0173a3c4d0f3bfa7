"""The kinds of story by name: how each begins, and who plays it. Imported where Django is set up."""

from collections.abc import Callable

from linli_chaos import beginning
from linli_chaos.outcome import TRADE, TURNOVER
from linli_chaos.seed import Play
from linli_chaos.turnover import beginning as turnover
from linli_chaos.turnover.play import TurnoverPlay
from linli_demo.sandbox import Sandbox

PLAYS: dict[str, tuple[Callable[[Sandbox], dict[str, list[str]]], type[Play]]] = {
    TRADE: (beginning.begin, Play),
    TURNOVER: (turnover.begin, TurnoverPlay),
}
