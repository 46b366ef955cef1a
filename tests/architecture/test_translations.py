"""Every sentence can be translated: the template of the catalogs holds them all; ``make translations`` renews it."""

import os
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from rewards_service.kit.i18n import TRANSLATIONS
from tests.support.messages import TEMPLATE, catalog_text, renewed_text
from tests.support.sentences import said_by_errors

RENEW_VARIABLE = "REWARDS_RENEW_TRANSLATIONS"
SAID_ELSEWHERE = {
    "rewards_service/api/resources/catalog.py": (1, "the catalog's own English, which the API tells as it is"),
    "rewards_service/api/sentences.py": (1, "the API's own English"),
    "rewards_service/delivery/errors.py": (2, "whoever raises it says why"),
    "rewards_service/delivery/kinds.py": (1, "the error names a field and says the rest itself"),
    "rewards_service/earning/award_files/columns.py": (2, "names of columns"),
    "rewards_service/earning/schemas.py": (1, "what is wrong with a mapping, told to whoever wrote the file"),
    "rewards_service/web/amounts.py": (1, "translated where it is said"),
    "rewards_service/web/forms.py": (1, "translated by the fields of the form"),
    "rewards_service/web/proof.py": (1, "the error is given what to prove, and says the rest itself"),
    "rewards_service/web/shop/item_pages.py": (1, "translated where it is said"),
}
"""Where, and how often, an error is raised with something else than a sentence, and why that is right."""
CATALOGS = sorted(TRANSLATIONS.glob("*.po"))


class TestTemplate:
    def test_holds_every_sentence(self):
        if os.environ.get(RENEW_VARIABLE):
            TEMPLATE.write_text(catalog_text(), encoding="utf8")

        assert TEMPLATE.read_text(encoding="utf8") == catalog_text(), "run `make translations`"


class TestErrors:
    def test_are_sentences_that_stand_in_the_sources(self):
        untold = Counter(said.place.rpartition(":")[0] for said in said_by_errors() if not said.sentences)
        assert untold == {path: places for path, (places, _) in SAID_ELSEWHERE.items()}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
class TestCatalogs:
    def test_hold_every_sentence(self, path: Path):
        if os.environ.get(RENEW_VARIABLE):
            path.write_text(renewed_text(path), encoding="utf8")

        assert path.read_text(encoding="utf8") == renewed_text(path), "run `make translations`"

    def test_are_whole_and_keep_the_places(self, path: Path):
        said = messages_of(path)
        assert [key for key, message in said.items() if not is_whole(message)] == []
        assert [problem for message in said.values() for problem in message.check()] == []
        assert [key for key, message in said.items() if not keeps_places(key, message.string)] == []


def messages_of(path: Path) -> dict[str | tuple[str, ...], Message]:
    """Return the messages of a catalog by what they say in English."""
    with path.open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def is_whole(message: Message) -> bool:
    """Tell whether every form of a message says something, and somebody has looked at it."""
    forms = [message.string] if isinstance(message.string, str) else message.string
    return all(forms) and not message.fuzzy


def keeps_places(told: str | tuple[str, ...], translated: str | tuple[str, ...]) -> bool:
    """Tell whether a translation names the same ``{places}`` as its English."""
    english = told if isinstance(told, str) else told[-1]
    other = translated if isinstance(translated, str) else translated[-1]
    return places(english) == places(other)


def places(text: str) -> Counter[str]:
    """Return the names in braces in ``text``."""
    return Counter(part.split("}")[0] for part in text.split("{")[1:])
