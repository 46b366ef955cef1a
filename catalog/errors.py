"""What the catalog refuses, as facts: each a class with a stable ``code``, raised where it is learnt.

An application maps the classes to its own refusals; the catalog knows no statuses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CatalogError(Exception):
    """Anything the catalog refuses; ``code`` is stable, the message is an English sentence."""

    code: ClassVar[str] = "catalog_refused"


class ItemNotFound(CatalogError):
    """There is no such item, or none that the caller may know of: both are alike."""

    code = "item_not_found"


class ItemNotAvailable(CatalogError):
    """The item exists, but its supplier does not offer it now."""

    code = "item_not_available"


class FaceValueNotOffered(CatalogError):
    """The item is not to be had in this face value; ``offered`` says in which it is."""

    code = "face_value_not_offered"

    def __init__(self, face_value_minor: int, offered: str) -> None:
        self.face_value_minor = face_value_minor
        self.offered = offered
        super().__init__(f"{face_value_minor} is not a face value of this item; it is offered in {offered}")


class KindNotKnown(CatalogError):
    """No file of ``catalog.kinds`` describes such a kind."""

    code = "kind_not_known"


class DetailsRefused(CatalogError):
    """What the buyer told about a line is not what the item's kind asks for; ``field`` names the first one wrong."""

    code = "details_refused"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class SearchRefused(CatalogError):
    """A parameter of the search cannot be used; ``field`` names it."""

    code = "search_refused"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class AmountRefused(CatalogError):
    """A number in a supplier's file is no amount of its currency; ``reason`` is the code of the row's problem."""

    code = "amount_refused"

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong in a supplier's file.

    Attributes:
        row: the line of a CSV file, or the place of the item in a JSON file, from 1; 0 is the file as a whole.
        field: the column or JSON field, as the file calls it; empty for the row as a whole.
        code: stable, for programs.
        message: an English sentence, for people.
    """

    row: int
    field: str
    code: str
    message: str


class CatalogFileRefused(CatalogError):
    """A supplier's file is refused whole; ``problems`` names every row at fault, up to ``PROBLEMS_MAX``."""

    code = "catalog_file_refused"
    PROBLEMS_MAX: ClassVar[int] = 1000

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = tuple(problems)[: self.PROBLEMS_MAX]
        first = self.problems[0]
        super().__init__(f"{len(self.problems)} problems; the first: row {first.row}, {first.field}: {first.message}")


class ChangeSetStale(CatalogError):
    """The catalog changed after the change set was made, so it is no longer what was shown; make a new one."""

    code = "change_set_stale"
