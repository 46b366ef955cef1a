"""XLSX workbooks, read without macros, links or formulas: what counts is the value that was stored."""

import io
import zipfile
from datetime import date, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from rewards_service.kit.tabular.errors import FileBinary, FileEmpty, FileTooLarge, FileTruncated
from rewards_service.kit.tabular.table import UNPACKED_BYTES_MAX, Table, TableRow, build_table

XLSX_MAGIC = b"PK\x03\x04"
XLSX_ENCODING = "xlsx"


def read_spreadsheet(content: bytes) -> Table:
    """Return the first sheet that is not empty; a row's line is its number in the sheet.

    Raises:
        FileUnreadable: one of its kinds, as ``read_table`` promises.
    """
    _require_harmless(content)
    try:
        sheets = _sheets(content)
    except CalamineError as error:
        raise FileBinary("The file is packed like a workbook, but holds none.") from error
    filled = next((rows for rows in sheets if any(any(cell != "" for cell in row) for row in rows)), None)
    if filled is None:
        raise FileEmpty
    records = [TableRow(line, tuple(map(_text, row))) for line, row in enumerate(filled, start=1)]
    return build_table(encoding=XLSX_ENCODING, separator=None, records=records)


def _require_harmless(content: bytes) -> None:
    """Refuse an archive that is cut short or unfolds to more than ``UNPACKED_BYTES_MAX``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FileTruncated("The workbook is damaged or its end is missing.") from error
    if unpacked > UNPACKED_BYTES_MAX:
        raise FileTooLarge(
            "The workbook unfolds to {found} bytes; {limit} are read at most.",
            found=unpacked,
            limit=UNPACKED_BYTES_MAX,
        )


def _sheets(content: bytes) -> list[list[list[Any]]]:
    """Return the rows of every sheet, from the first row and column on."""
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        return [workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names]


def _text(cell: float | str | bool | date | time | timedelta) -> str:  # noqa: FBT001 — a cell's value
    """Return a cell as text: whole numbers without a point, moments in ISO 8601."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
