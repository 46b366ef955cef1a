"""What a mistyped word was meant to be: asked only when nothing was found.

The words of titles are kept by their runs of three letters. A word that shares many of them and is at most two slips of
the finger away is taken instead. This works alike on both databases and needs no extension of either.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select, text

from catalog.search.tables import item_search_trigram
from catalog.search.words import Term, is_unspaced

WORD_LETTERS_MIN = 4
"""Shorter words are left as they are: among so few letters everything resembles everything."""

SLIPS_MAX = {4: 1, 5: 1}
SLIPS_MAX_LONG = 2
CANDIDATES_MAX = 50

_LEARN = text("INSERT INTO item_search_trigram (trigram, word) VALUES (:trigram, :word) ON CONFLICT DO NOTHING")


def learn_words(connection: Connection, words: Collection[str]) -> None:
    """Keep the words of titles that are long enough to be mistyped; known ones change nothing.

    Words that no title has any more stay until ``rebuild_search``: a correction is told only when it finds something.
    """
    rows = [
        {"trigram": trigram, "word": word}
        for word in sorted(words)
        if _is_correctable(word)
        for trigram in _trigrams(word)
    ]
    if rows:
        connection.execute(_LEARN, rows)


def correct_terms(connection: Connection, terms: Sequence[Term]) -> str | None:
    """Return the text of a query with its unknown words corrected, or nothing when there is nothing to correct."""
    written = ["".join(term.words) for term in terms]
    corrected = [_correct(connection, word) if _is_correctable(word) else word for word in written]
    return " ".join(corrected) if corrected != written else None


def _correct(connection: Connection, word: str) -> str:
    """Return the known word nearest to ``word``, or ``word`` itself when none is near enough."""
    trigram = item_search_trigram.c.trigram
    known = item_search_trigram.c.word
    candidates = connection.scalars(
        select(known)
        .where(trigram.in_(_trigrams(word)))
        .group_by(known)
        .order_by(func.count().desc(), known)
        .limit(CANDIDATES_MAX)
    ).all()
    slips_max = SLIPS_MAX.get(len(word), SLIPS_MAX_LONG)
    near = [(slips, index) for index, each in enumerate(candidates) if (slips := _slips(word, each)) <= slips_max]
    return candidates[min(near)[1]] if near else word


def _is_correctable(word: str) -> bool:
    """Tell whether ``word`` is long enough, and of a script that is written in words."""
    return len(word) >= WORD_LETTERS_MIN and not any(is_unspaced(letter) for letter in word)


def _trigrams(word: str) -> list[str]:
    """Return the runs of three letters in `` word ``, each once; the spaces make its ends count."""
    padded = f" {word} "
    return sorted({padded[start : start + 3] for start in range(len(padded) - 2)})


def _slips(typed: str, meant: str) -> int:
    """Return how many letters were left out, added, mistaken, or swapped with their neighbour (optimal alignment)."""
    rows = [list(range(len(meant) + 1))]
    for index in range(len(typed)):
        rows.append([index + 1])
        for place in range(len(meant)):
            rows[-1].append(_fewest_slips(typed, meant, rows, index, place))
    return rows[-1][-1]


def _fewest_slips(typed: str, meant: str, rows: list[list[int]], index: int, place: int) -> int:
    """Return the slips from ``typed`` up to ``index`` to ``meant`` up to ``place``, given those of all shorter ones."""
    above, current = rows[-2], rows[-1]
    slips = min(above[place + 1] + 1, current[place] + 1, above[place] + (typed[index] != meant[place]))
    is_swap = index > 0 and place > 0 and typed[index - 1 : index + 1] == meant[place] + meant[place - 1]
    return min(slips, rows[-3][place - 1] + 1) if is_swap else slips
