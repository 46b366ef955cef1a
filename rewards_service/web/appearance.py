"""Light or dark: what the device says, unless the reader chose."""

from flask import session

_KEY = "theme"
THEMES = ("light", "dark")


def choose(theme: str) -> None:
    """Remember ``light`` or ``dark``; anything else leaves it to the device."""
    if theme in THEMES:
        session[_KEY] = theme
    else:
        session.pop(_KEY, None)


def chosen_theme() -> str | None:
    """Return what the reader chose, or None for what the device says."""
    theme: str | None = session.get(_KEY)
    return theme
