"""Every sentence can be translated: the template of the catalogs holds them all; ``make translations`` renews it."""

import os
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from rewards_service.kit.i18n import TRANSLATIONS
from tests.support.messages import catalog_text

TEMPLATE = TRANSLATIONS / "messages.pot"
RENEW_VARIABLE = "REWARDS_RENEW_TRANSLATIONS"
CATALOGS = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


class TestTemplate:
    def test_holds_every_sentence(self):
        if os.environ.get(RENEW_VARIABLE):
            TEMPLATE.parent.mkdir(exist_ok=True)
            TEMPLATE.write_text(catalog_text(), encoding="utf8")

        assert TEMPLATE.read_text(encoding="utf8") == catalog_text(), "run `make translations`"


class TestCatalogs:
    def test_are_whole_and_keep_the_places(self):
        wanted = messages_of(TEMPLATE)
        for path in CATALOGS:
            said = messages_of(path)
            assert said.keys() == wanted.keys(), path
            assert [key for key, message in said.items() if not message.string or message.fuzzy] == [], path
            assert [problem for message in said.values() for problem in message.check()] == [], path
            assert [key for key, message in said.items() if not keeps_places(key, message.string)] == [], path


def messages_of(path: Path) -> dict[str | tuple[str, ...], Message]:
    """Return the messages of a catalog by what they say in English."""
    with path.open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def keeps_places(told: str | tuple[str, ...], translated: str | tuple[str, ...]) -> bool:
    """Tell whether a translation names the same ``{places}`` as its English."""
    english = told if isinstance(told, str) else told[-1]
    other = translated if isinstance(translated, str) else translated[-1]
    return places(english) == places(other)


def places(text: str) -> Counter[str]:
    """Return the names in braces in ``text``."""
    return Counter(part.split("}")[0] for part in text.split("{")[1:])
