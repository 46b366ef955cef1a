"""Suppliers' texts made safe to keep: HTML becomes plain text, control characters go, line ends are one."""

import re
import unicodedata
from html.parser import HTMLParser

_BREAKING_TAGS = frozenset({"br", "div", "dd", "dl", "dt", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"})
_BREAKING_TAGS |= {f"h{level}" for level in range(1, 7)}
_UNSEEN_TAGS = frozenset({"script", "style", "template", "title"})
_KEPT_CONTROLS = frozenset("\n")
_UNWANTED_CATEGORIES = frozenset({"Cc", "Cs"})
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """Return ``text`` in NFC without control characters and lone surrogates, which databases refuse.

    Lines lose their outer and repeated spaces; more than one empty line in a row becomes one.
    """
    unified = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    kept = "".join(c for c in unified if c in _KEPT_CONTROLS or unicodedata.category(c) not in _UNWANTED_CATEGORIES)
    lines = (_SPACES.sub(" ", line).strip() for line in kept.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def html_to_text(html: str) -> str:
    """Return what a reader of ``html`` sees, in plain text: no tags or scripts, entities resolved, dashes in lists."""
    reader = _TextOfHtml()
    reader.feed(html)
    reader.close()
    return clean_text("".join(reader.pieces))


class _TextOfHtml(HTMLParser):
    """Collects the visible text in ``pieces``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 — HTMLParser's signature
        """Break the line before a block, and stop listening inside what nobody sees."""
        self._unseen_depth += tag in _UNSEEN_TAGS
        if tag in _BREAKING_TAGS:
            self.pieces.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """Break the line after a block."""
        self._unseen_depth -= tag in _UNSEEN_TAGS and self._unseen_depth > 0
        if tag in _BREAKING_TAGS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that a reader sees; a line end in HTML is a space."""
        if not self._unseen_depth:
            self.pieces.append(data.replace("\n", " "))
