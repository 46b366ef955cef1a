"""Which column of a file means what: by the names it carries, or by what the sender says."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rewards_service.earning.award_files.aliases import Field, HeaderReading, read_header
from rewards_service.kit.errors import FieldProblem, ValidationFailed

NEEDED = (
    (Field.REFERENCE,),
    (Field.AMOUNT, Field.POINTS),
    (Field.EMAIL, Field.PHONE, Field.ADDRESS, Field.MEMBER_NUMBER),
)
"""From each group a file has at least one column; without a reference a second import could not know the first."""


class ColumnsMissing(ValidationFailed):
    """A column that no award can do without was not found; the answer says what was understood."""

    code = "columns_missing"
    title = "Columns that are needed were not found"


class ColumnAmbiguous(ValidationFailed):
    """The file has two columns of the same name, and what is in them is needed."""

    code = "column_ambiguous"
    title = "Two columns have the same name"


class MappingUnusable(ValidationFailed):
    """A mapping that was handed in does not fit the file."""

    code = "mapping_unusable"
    title = "This mapping does not fit the file"


def find_columns(header: Sequence[str], *, given: Mapping[Field, str]) -> HeaderReading:
    """Return what each column of ``header`` means; ``given`` (field → name of its column) goes before any guess.

    Raises:
        MappingUnusable: ``given`` names a column that the file does not have.
        ColumnAmbiguous: a column that is needed is there twice.
        ColumnsMissing: no column for something that every award has.
    """
    _require_given(header, given)
    reading = read_header(header)
    decided = {field: header.index(name) for field, name in given.items()}
    guessed = {field: index for field, index in reading.columns.items() if index not in decided.values()}
    columns = guessed | decided
    _require_single(header, columns)
    _require_needed(header, columns)
    return HeaderReading(MappingProxyType(columns), reading.language)


def describe_columns(header: Sequence[str], columns: Mapping[Field, int]) -> str:
    """Return what was understood and what was not, in one line."""
    understood = ", ".join(f"{header[index]} → {field}" for field, index in sorted(columns.items(), key=_by_index))
    unused = ", ".join(name for index, name in enumerate(header) if name and index not in columns.values())
    return f"Understood: {understood or 'nothing'}. Not used: {unused or 'nothing'}."


def _by_index(item: tuple[Field, int]) -> int:
    """Order columns as they stand in the file."""
    return item[1]


def _require_given(header: Sequence[str], given: Mapping[Field, str]) -> None:
    """Refuse a mapping that names columns which are not there."""
    unknown = {field: name for field, name in given.items() if name not in header}
    if unknown:
        problems = (FieldProblem(f"/columns/{field}", "column_unknown", name) for field, name in unknown.items())
        raise MappingUnusable(
            "The file has no column {names}. It has: {header}.",
            names=", ".join(unknown.values()),
            header=", ".join(name for name in header if name),
            problems=tuple(problems),
        )


def _require_single(header: Sequence[str], columns: Mapping[Field, int]) -> None:
    """Refuse a header in which a column that is used stands twice."""
    twice = sorted({header[index] for index in columns.values() if header.count(header[index]) > 1})
    if twice:
        raise ColumnAmbiguous("The file has two columns called {names}.", names=", ".join(twice))


def _require_needed(header: Sequence[str], columns: Mapping[Field, int]) -> None:
    """Refuse a header without something that every award has."""
    missing = [group for group in NEEDED if not any(field in columns for field in group)]
    if missing:
        names = "; ".join(" or ".join(group) for group in missing)
        raise ColumnsMissing(
            "No column was found for: {missing}. {understood}",
            missing=names,
            understood=describe_columns(header, columns),
            problems=tuple(FieldProblem(f"/columns/{group[0]}", "column_missing", names) for group in missing),
        )
