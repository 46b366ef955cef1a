"""What the product says in other languages: one catalog each, as text, read when it is first asked for.

Where a language has none, the English of the sources stands. Nothing is compiled beforehand, so nothing is out of date.
"""

import io
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

SOURCE_LOCALE = "en"
TRANSLATIONS = Path(__file__).parents[1] / "translations"
"""``<language>.po`` in it, each a catalog, and ``messages.pot``, the template of them all."""


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
def languages(*, directory: Path = TRANSLATIONS) -> tuple[str, ...]:
    """Return the languages there are: that of the sources, then those that have a catalog, by name."""
    return (SOURCE_LOCALE, *sorted(path.stem for path in directory.glob("*.po")))


def catalog_path(language: str, *, directory: Path = TRANSLATIONS) -> Path:
    """Return where the catalog of a language is, if there is one."""
    return directory / f"{language}.po"


@lru_cache
def translations(locale: str, *, directory: Path = TRANSLATIONS) -> NullTranslations:
    """Return the catalog of ``locale``, else of its language, else one that returns the English it is asked for."""
    for language in (locale, locale.partition("_")[0]):
        path = catalog_path(language, directory=directory)
        if path.exists():
            return _read(path)
    return NullTranslations()


def _read(path: Path) -> Translations:
    """Return a catalog as gettext wants it."""
    compiled = io.BytesIO()
    with path.open("rb") as text:
        write_mo(compiled, read_po(text))
    compiled.seek(0)
    return Translations(compiled)
