"""Cursors: the place of the last item of a page in its order, so that the next page begins after it.

They are opaque but not secret, and steer nothing but where reading begins: whoever changes one sees another page of
the same search.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from catalog.errors import SearchRefused
from catalog.search.words import fold

INTEGER_MAX = 2**63 - 1
CURSOR_CHARACTERS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended.

    Attributes:
        stage: which of the passes of the order the item was found in, from 0.
        key: the item's value in the column of the order; 0 where the rank alone orders.
        rank: the item's rank.
        corrected_q: the text that was searched instead of the one typed, if so.
    """

    stage: int
    key: int | str
    rank: int
    corrected_q: str | None = None


def encode_cursor(sort: str, position: Position) -> str:
    """Return the cursor of the page after ``position`` in the order ``sort``."""
    fields = [sort, position.stage, position.key, position.rank, position.corrected_q]
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def decode_cursor(sort: str, cursor: str, *, key_type: type) -> Position:
    """Return the position that a cursor of the order ``sort``, whose keys are of ``key_type``, stands for.

    Raises:
        SearchRefused: it is no cursor, or one of another order.
    """
    try:
        padded = cursor[:CURSOR_CHARACTERS_MAX] + "=" * (-len(cursor) % 4)
        fields = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise SearchRefused("cursor", "this is not a cursor") from error
    match fields:
        case [str(made_for), int(stage), int() | str() as key, int(rank), str() | None as corrected_q] if (
            made_for == sort
        ):
            position = Position(stage, key, rank, corrected_q)
            if _is_usable(position, key_type):
                return position
    raise SearchRefused("cursor", "this is not a cursor of this search")


def _is_usable(position: Position, key_type: type) -> bool:
    """Tell whether a database takes the values of a position: bigints, and texts as the search folds them."""
    numbers = [number for number in (position.stage, position.rank, position.key) if isinstance(number, int)]
    fits = all(0 <= number <= INTEGER_MAX for number in numbers)
    return fits and isinstance(position.key, key_type) and (key_type is int or fold(str(position.key)) == position.key)
