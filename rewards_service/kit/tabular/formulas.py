"""Cells that a spreadsheet program would run: written so that it shows them instead, and read back as they were.

OWASP ASVS 5.0, 1.2.10: a cell that begins with one of these signs is written with a single quote before it.
"""

DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00")
QUOTE = "'"


def is_formula(cell: str) -> bool:
    """Tell whether a spreadsheet program would take ``cell`` for a formula."""
    return cell.startswith(DANGEROUS_STARTS)


def neutralise(cell: str) -> str:
    """Return ``cell`` as it may be written to a file that people open in a spreadsheet program."""
    return f"{QUOTE}{cell}" if is_formula(cell) or _is_neutralised(cell) else cell


def restore(cell: str) -> str:
    """Return what ``neutralise`` was given."""
    return cell[1:] if _is_neutralised(cell) else cell


def _is_neutralised(cell: str) -> bool:
    """Tell whether a quote stands before something that needs one, or that looks as if it had one already."""
    return cell.startswith(QUOTE) and cell.lstrip(QUOTE).startswith(DANGEROUS_STARTS)
