"""Words of documents and queries, made alike before any database sees them.

Both databases could split texts themselves, each by its own rules and locale, and neither splits Chinese. So words are
made here: case and diacritics are folded, everything but letters, digits and marks separates, and scripts written
without spaces become one word per character, which a query then looks for as a phrase.
"""

import unicodedata
from dataclasses import dataclass

QUERY_CHARACTERS_MAX = 200
TERMS_MAX = 10
TERM_WORDS_MAX = 24
WORD_CHARACTERS_MAX = 40

_DROPPED = frozenset("'\u2019\u02bc") | {chr(code) for code in range(0x0300, 0x0370)}
"""Apostrophes (``McDonald's`` is one word) and the diacritics that decomposition leaves behind letters."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Han iteration mark and zero
    (0x3040, 0x31FF),  # Kana, Bopomofo, Hangul letters
    (0x3400, 0x4DBF),  # Han, extension A
    (0x4E00, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul syllables: Korean has spaces, but glues particles to words
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x3FFFF),  # Han, extensions B and later
)


class _Folded(dict[int, str]):
    """Code point → what stands for it in folded text, worked out when first asked for."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_of_word = unicodedata.category(character)[0] in "LNM"
        self[code] = "" if character in _DROPPED else character if is_of_word else " "
        return self[code]


class _Spaced(dict[int, str]):
    """Code point → the character, between spaces where its script has none."""

    def __missing__(self, code: int) -> str:
        is_unspaced = any(first <= code <= last for first, last in _UNSPACED)
        self[code] = f" {chr(code)} " if is_unspaced else chr(code)
        return self[code]


_FOLDED = _Folded()
_SPACED = _Spaced()


@dataclass(frozen=True, slots=True)
class Term:
    """What stands between two spaces of a query: words that follow each other directly.

    Attributes:
        words: one, or several of a script without spaces.
        is_prefix: whether the last word may go on, since the reader may still be typing it.
    """

    words: tuple[str, ...]
    is_prefix: bool = False


def fold(text: str) -> str:
    """Return ``text`` without case, diacritics and punctuation, words separated by single spaces."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(unicodedata.normalize("NFC", decomposed.translate(_FOLDED)).split())


def split_words(text: str) -> list[str]:
    """Return the words of ``text`` in order, as a document keeps them."""
    return [word[:WORD_CHARACTERS_MAX] for word in fold(text).translate(_SPACED).split()]


def split_terms(text: str) -> tuple[Term, ...]:
    """Return what a query looks for, each term once; nothing when ``text`` has neither letters nor digits."""
    runs = list(dict.fromkeys(fold(text[:QUERY_CHARACTERS_MAX]).split()))[:TERMS_MAX]
    terms = [Term(tuple(split_words(run)[:TERM_WORDS_MAX])) for run in runs]
    if terms and not is_unspaced(terms[-1].words[-1]):
        terms[-1] = Term(terms[-1].words, is_prefix=True)
    return tuple(terms)


def is_unspaced(word: str) -> bool:
    """Tell whether ``word`` is a single character of a script without spaces."""
    return _SPACED[ord(word[0])] != word[0]
