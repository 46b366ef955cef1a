"""Translations for what is written outside of any web request, such as messages.

Pages have their own way, by Flask; both read the same compiled catalogs. Where a language has none, the English of the
sources stands.
"""

from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.support import Translations

SOURCE_LOCALE = "en"
TRANSLATIONS = Path(__file__).parents[1] / "translations"
"""``<language>/LC_MESSAGES/messages.mo`` below it."""


def usable_locale(name: str, *, fallback: str = SOURCE_LOCALE) -> str:
    """Return ``name`` as Babel spells it (``de-AT`` as ``de_AT``), or ``fallback`` where Babel does not know it."""
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return fallback


def text_direction(locale: str) -> str:
    """Return ``ltr`` or ``rtl`` for a locale that Babel knows."""
    return Locale.parse(locale).text_direction


@lru_cache
def translations(locale: str, *, directory: Path = TRANSLATIONS) -> NullTranslations:
    """Return the catalog of ``locale``, else of its language, else one that returns the English it is asked for."""
    return Translations.load(directory, [locale, locale.partition("_")[0]])
