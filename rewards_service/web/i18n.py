"""Languages: which there are, which one this reader gets, and the words to mark what is to be translated.

Everything else imports from here, so that the library behind it has one place. A language can be chosen only when its
catalog is there; English is the language of the sources and always is.
"""

from zoneinfo import ZoneInfo

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g, request, session
from flask_babel import Babel, Domain, get_locale, gettext, lazy_gettext, ngettext

from rewards_service.kit.i18n import SOURCE_LOCALE, languages, translations

_ = gettext
_lazy = lazy_gettext
_n = ngettext

CHOICE_KEY = "locale"

__all__ = ["_", "_lazy", "_n", "available_locales", "get_locale", "init_i18n", "prefer", "text_direction"]


def init_i18n(app: Flask) -> None:
    """Translate the pages of ``app``."""
    babel = Babel(
        app,
        default_locale=SOURCE_LOCALE,
        locale_selector=_choose_locale,
        timezone_selector=lambda: g.get("time_zone", "UTC"),
    )
    babel.domain_instance = _Catalogs()


class _Catalogs(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogs that messages are written from too."""

    def get_translations(self) -> NullTranslations:
        """Return the catalog of the page's language."""
        return translations(str(get_locale() or SOURCE_LOCALE))


def available_locales() -> list[Locale]:
    """Return the languages a reader may choose."""
    return [Locale.parse(language) for language in languages()]


def prefer(*, time_zone: str, program_locale: str = SOURCE_LOCALE, own_locale: str | None = None) -> None:
    """Say the time zone of this request's pages, the language of its program and, if known, of its reader."""
    g.own_locale = own_locale
    g.program_locale = program_locale
    g.time_zone = time_zone


def zone() -> ZoneInfo:
    """Return the time zone in which this page says moments."""
    return ZoneInfo(g.get("time_zone", "UTC"))


def text_direction() -> str:
    """Return ``ltr`` or ``rtl`` for the page's language."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"


def _choose_locale() -> str:
    """Return the language of this request: chosen, the reader's own, the browser's, the program's; else English."""
    names = [str(locale) for locale in available_locales()]
    browser = request.accept_languages.best_match(names)
    for wanted in (session.get(CHOICE_KEY), g.get("own_locale"), browser, g.get("program_locale")):
        language = (wanted or "").replace("_", "-").partition("-")[0]
        if language in names:
            return language
    return SOURCE_LOCALE
