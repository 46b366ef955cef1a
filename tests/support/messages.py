"""Every sentence of the product that somebody may read in another language, gathered from its sources."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from rewards_service.kit.i18n import TRANSLATIONS
from tests.support.sentences import said_by_errors
from tests.support.source import ROOT, modules

TEMPLATE = TRANSLATIONS / "messages.pot"
TEMPLATE_KINDS = (".html", ".txt", ".mail", ".sms")
KEYWORDS = {
    **dict.fromkeys(("_", "_lazy", "gettext", "lazy_gettext"), None),
    **dict.fromkeys(("_n", "ngettext"), (1, 2)),
}


def catalog_text() -> str:
    """Return the template of all catalogs: each sentence once."""
    catalog = Catalog(charset="utf-8")
    for message in sorted(set(_messages()), key=repr):
        catalog.add(message)
    return _written(catalog)


def renewed_text(path: Path) -> str:
    """Return the catalog of a language as it should be kept: sentences that are gone left out, new ones left empty."""
    header, _, _ = path.read_text(encoding="utf8").partition("\n\n")
    with path.open("rb") as kept, TEMPLATE.open("rb") as template:
        catalog = read_po(kept)
        catalog.update(read_po(template), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return f"{header}\n\n{_written(catalog)}"


def _written(catalog: Catalog) -> str:
    """Return a catalog as text, without its header."""
    written = io.BytesIO()
    write_po(written, catalog, sort_output=True, omit_header=True, width=120)
    return written.getvalue().decode()


def _messages() -> Iterator[str | tuple[str, ...]]:
    """Yield what pages, messages and the errors of all features say."""
    for module in modules("rewards_service"):
        yield from _extracted(ROOT / module.path, "python")
    for said in said_by_errors():
        yield from said.sentences
    for path in sorted((ROOT / "rewards_service").rglob("templates/**/*")):
        if path.suffix in TEMPLATE_KINDS:
            yield from _extracted(path, "jinja2")


def _extracted(path: Path, method: str) -> Iterator[str | tuple[str, ...]]:
    """Yield what Babel finds in one file."""
    for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options={"silent": "false"}):
        yield message
