"""Reading suppliers' files. The shape is recognised; amounts are read as decimals; every problem is named at once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from catalog.errors import CatalogFileRefused, RowProblem
from catalog.imports import own, own_csv, reloadly, tango
from catalog.imports.drafts import CatalogFile, ItemDraft
from catalog.imports.json_text import parse_json
from catalog.imports.rows import Row, rows_in

__all__ = ["CatalogFile", "ItemDraft", "read_catalog"]

FILE_BYTES_MAX = 64 * 2**20
ITEMS_MAX = 200_000


def read_catalog(content: bytes) -> CatalogFile:
    """Return the items in a supplier's file: our CSV or JSON, or JSON in the shape of Tango or Reloadly.

    Raises:
        CatalogFileRefused: the file is not one of these, holds no item, or any of its items is wrong; it names them.
    """
    text = _decode(content)
    if text.lstrip()[:1] in {"{", "["}:
        return _read_json(parse_json(text))
    problems: list[RowProblem] = []
    rows = (Row(values, line, problems) for line, values in own_csv.read_lines(text))
    return CatalogFile("own_csv", _read_all(rows, own.read_item, problems))


def _decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, with or without a byte-order mark."""
    if len(content) > FILE_BYTES_MAX:
        raise _refusal("file_too_large", f"{len(content)} bytes are more than the {FILE_BYTES_MAX} that are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal("encoding_invalid", f"the file is not UTF-8: byte {error.start} cannot be read") from error
    if not text.strip():
        raise _refusal("file_empty", "the file is empty")
    return text


def _read_json(parsed: object) -> CatalogFile:
    """Return the items of a JSON file, by the field that each shape begins with."""
    values = parsed if isinstance(parsed, dict) else {}
    problems: list[RowProblem] = []
    if "brands" in values:
        rows = list(tango.read_brands(values, problems))
        notes = [tango.passed_over(row) for row in rows]
        carried = (row for row, note in zip(rows, notes, strict=True) if note is None)
        return CatalogFile("tango", _read_all(carried, tango.read_item, problems), tuple(filter(None, notes)))
    if "content" in values:
        return CatalogFile(
            "reloadly", _read_all(reloadly.read_products(values, problems), reloadly.read_item, problems)
        )
    if "items" in values:
        return CatalogFile("own_json", _read_all(rows_in(Row(values, 0, problems), "items"), own.read_item, problems))
    raise _refusal(
        "shape_unknown", "a catalog in JSON is an object with 'items', 'brands' (Tango) or 'content' (Reloadly)"
    )


def _read_all(
    rows: Iterable[Row], read_item: Callable[[Row], ItemDraft], problems: list[RowProblem]
) -> tuple[ItemDraft, ...]:
    """Return the items of ``rows``, or refuse the file with all that is wrong in any of them.

    Raises:
        CatalogFileRefused: anything is.
    """
    drafts = [_checked(read_item(row), row) for row in islice(rows, ITEMS_MAX + 1)]
    if len(drafts) > ITEMS_MAX:
        raise _refusal("items_too_many", f"a file may hold {ITEMS_MAX} items")
    problems += _repeated_references(drafts)
    if not drafts and not problems:
        raise _refusal("file_empty", "the file holds no item that this catalog carries")
    if problems:
        raise CatalogFileRefused(sorted(problems, key=lambda problem: problem.row))
    return tuple(drafts)


def _repeated_references(drafts: Iterable[ItemDraft]) -> list[RowProblem]:
    """Return a problem for each item after the first with the same reference."""
    rows: dict[str, int] = {}
    problems = []
    for draft in drafts:
        first = rows.setdefault(draft.supplier_reference, draft.row)
        if first != draft.row:
            message = f"{draft.supplier_reference!r} stands in row {first} already"
            problems.append(RowProblem(draft.row, "", "reference_repeated", message))
    return problems


def _checked(draft: ItemDraft, row: Row) -> ItemDraft:
    """Return ``draft`` with its face values in order, noting in ``row`` what is wrong with them as a whole."""
    if row.has_problems:
        return draft
    _check_face_values(draft, row)
    return replace(draft, fixed=tuple(sorted(draft.fixed, key=lambda each: each.face_value_minor)))


def _check_face_values(draft: ItemDraft, row: Row) -> None:
    """Note in ``row`` where the item has no face value, one of them twice, or a range with nothing in it."""
    if not draft.fixed and draft.open is None:
        row.refuse("", "denomination_missing", "an item needs at least one face value or a range")
    if len({each.face_value_minor for each in draft.fixed}) < len(draft.fixed):
        row.refuse("", "denomination_repeated", "a face value stands more than once")
    if draft.open and draft.open.min_minor > draft.open.max_minor:
        row.refuse("", "range_empty", "the lowest face value is above the highest")


def _refusal(code: str, message: str) -> CatalogFileRefused:
    """Return the refusal of a file as a whole."""
    return CatalogFileRefused([RowProblem(0, "", code, message)])
