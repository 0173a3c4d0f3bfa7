"""CSV that spreadsheets open without harm."""

import re

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # and their full-width forms


def harmless(cell: str) -> str:
    """The cell with a quote before what a spreadsheet would take for a formula; plain numbers stay numbers."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
