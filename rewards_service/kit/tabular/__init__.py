"""Tables that people send: CSV in any usual encoding and separator, and XLSX.

What was found (encoding, separator) is told, never guessed in silence; each row keeps the number of its line in the
file, so that a reason can point at it. A file that cannot be read as a whole is refused whole; a row that does not fit
is named in ``Table.problems`` and left out of ``Table.rows``.
"""

from pathlib import Path

from rewards_service.kit.tabular.errors import (
    EncodingUnknown,
    FileBinary,
    FileEmpty,
    FileTooLarge,
    FileTruncated,
    FileUnreadable,
)
from rewards_service.kit.tabular.separated import read_separated
from rewards_service.kit.tabular.spreadsheet import XLSX_MAGIC, read_spreadsheet
from rewards_service.kit.tabular.table import (
    CELL_CHARACTERS_MAX,
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    ROWS_MAX,
    UNPACKED_BYTES_MAX,
    RowProblem,
    Table,
    TableRow,
)

__all__ = [
    "CELL_CHARACTERS_MAX",
    "COLUMNS_MAX",
    "FILE_BYTES_MAX",
    "ROWS_MAX",
    "UNPACKED_BYTES_MAX",
    "EncodingUnknown",
    "FileBinary",
    "FileEmpty",
    "FileTooLarge",
    "FileTruncated",
    "FileUnreadable",
    "RowProblem",
    "Table",
    "TableRow",
    "read_table",
]


def read_table(source: Path | bytes) -> Table:
    """Return the table in a file, or in the bytes of one.

    Raises:
        FileEmpty: it holds no row below a header.
        FileTooLarge: it is larger, longer or wider than the named limits.
        FileTruncated: it ends in the middle of a row or of a symbol.
        FileBinary: it is no text and no XLSX workbook.
        EncodingUnknown: no usual encoding reads it.
        OSError: the file cannot be opened.
    """
    content = source if isinstance(source, bytes) else _read_file(source)
    _require_size(len(content))
    if not content.strip():
        raise FileEmpty
    return read_spreadsheet(content) if content.startswith(XLSX_MAGIC) else read_separated(content)


def _read_file(path: Path) -> bytes:
    """Return the content of a file that is small enough to be read at once."""
    _require_size(path.stat().st_size)
    return path.read_bytes()


def _require_size(size_bytes: int) -> None:
    """Refuse more than ``FILE_BYTES_MAX``."""
    if size_bytes > FILE_BYTES_MAX:
        raise FileTooLarge(
            "The file has {found} bytes; {limit} are read at most.", found=size_bytes, limit=FILE_BYTES_MAX
        )
