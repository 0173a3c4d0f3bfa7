"""Bodies of calls, as they go to the wire."""

Wire = dict[str, object]


def given(**values: object) -> Wire:
    """Keep what was given: no None, no empty text or list; 0 and False stay."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", (), [], {})}
