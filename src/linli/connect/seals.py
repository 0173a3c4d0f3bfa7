"""Sealing of what connect keeps in its own tables (tokens, callback keys)."""

from functools import lru_cache

from linli.kit.sealing import Sealer, sealer_from_env


def seal_text(value: str, *, place: str) -> bytes:
    """Seal a text for one place."""
    return _sealer().seal(value.encode(), place=place)


def open_text(sealed: bytes, *, place: str) -> str:
    """Open what was sealed for the same place."""
    return _sealer().open(sealed, place=place).decode()


@lru_cache(maxsize=1)
def _sealer() -> Sealer:
    return sealer_from_env()
