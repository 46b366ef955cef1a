"""Why a file is refused whole."""

from rewards_service.kit.errors import ValidationFailed


class FileUnreadable(ValidationFailed):
    """The file cannot be read as a table."""

    code = "file_unreadable"
    title = "This file cannot be read"


class FileEmpty(FileUnreadable):
    """The file holds nothing, or a header and no row."""

    code = "file_empty"
    title = "This file has no rows"


class FileTooLarge(FileUnreadable):
    """The file is larger, longer or wider than what is read at once."""

    code = "file_too_large"
    title = "This file is too large"


class FileTruncated(FileUnreadable):
    """The file ends in the middle of a row or of a symbol: the rest was lost on its way."""

    code = "file_truncated"
    title = "The end of this file is missing"


class FileBinary(FileUnreadable):
    """The file is neither text nor an XLSX workbook."""

    code = "file_binary"
    title = "This is no table"


class EncodingUnknown(FileUnreadable):
    """None of the usual encodings reads the file."""

    code = "encoding_unknown"
    title = "The symbols of this file cannot be read"
