"""Which encoding a text file is in: by its mark, by what can be read, and last by what reads like words.

UTF-8 and UTF-16 prove themselves. Eight-bit encodings of Latin letters all read each other's files, so the one is
taken whose reading has the fewest oddities (a sign in the middle of a word, a capital after a small letter); other
alphabets are left to charset-normalizer.
"""

import codecs
import re

from charset_normalizer import from_bytes

from rewards_service.kit.tabular.errors import EncodingUnknown, FileBinary, FileTruncated

LATIN = ("cp1252", "iso8859_15", "cp1250", "iso8859_2", "cp850", "mac_roman")
"""In the order in which a tie is decided: the most usual first."""

OTHERS = ("cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1253", "cp1254", "cp874")

SAMPLE_LINES_MAX = 2_000

UTF16_NUL_SHARE = 8
"""In Latin text every second byte is NUL; every eighth is enough to tell."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SUBSTITUTE_AT_END = "\x1a"
"""What DOS programs put at the end of a text."""

_ODDITIES = re.compile(
    r"[\x80-\x9f]"  # control symbols that nobody types
    r"|(?<=[^\W\d_])[^\w\s\x00-\x7f\u2018\u2019\u00b7\u2010-\u2015\u00ad](?=[^\W\d_])"  # a sign between two letters
    r"|(?<![^\W\d_])[¤¦§¨´¸¼½¾£¥¯³¹¶ƒªº](?=[^\W\d_])|(?<=[^\W\d_])[¤¦§¨´¸¼½¾£¥¯³¹¶ƒªº](?![^\W\d_])"  # … or beside one
    r"|(?<=\d )[¤¦¨´¸¼½¾]|(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŒŠŽŸ]"  # an odd sign after a figure; a capital after a small letter
    r"|(?<=[A-Z])[À-ÖØ-ÞŒŠŽŸ](?=[a-z])"  # the second of two capitals, before a small letter
)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a file and the Python name of its encoding.

    Raises:
        FileBinary: it is no text.
        FileTruncated: it ends in the middle of a symbol.
        EncodingUnknown: none of the usual encodings reads it.
    """
    name = _marked(content) or _unmarked_utf16(content) or _guessed(content)
    try:
        text = content.decode(name)
    except UnicodeDecodeError as error:
        if error.end >= len(error.object):
            raise FileTruncated("The file ends in the middle of a symbol.") from error
        line = error.object[: error.start].decode(name, "ignore").count("\n") + 1
        raise EncodingUnknown(
            "A symbol at line {line} is not {encoding}, which the rest of the file is.", line=line, encoding=name
        ) from error
    text = text.rstrip(_SUBSTITUTE_AT_END)
    if _CONTROLS.search(text):
        raise FileBinary
    return text, name


def _marked(content: bytes) -> str | None:
    """Return the encoding that the byte order mark names."""
    return next((name for mark, name in _MARKS if content.startswith(mark)), None)


def _unmarked_utf16(content: bytes) -> str | None:
    """Return the UTF-16 whose NUL bytes stand on one side only, as they do in Latin text."""
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd) or max(even, odd) * UTF16_NUL_SHARE < len(content):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guessed(content: bytes) -> str:
    """Return the encoding of a text without a mark."""
    if _is_utf8(content):
        return "utf-8"
    if _CONTROLS.search(content.decode("latin-1").rstrip(_SUBSTITUTE_AT_END)):
        raise FileBinary
    telling = b"\n".join([line for line in content.splitlines() if not line.isascii()][:SAMPLE_LINES_MAX])
    best = from_bytes(telling, cp_isolation=[*LATIN, *OTHERS]).best()
    if best is not None and best.encoding in OTHERS:
        return best.encoding
    oddities = {name: count for name in LATIN if (count := _oddities(telling, name)) is not None}
    return min(oddities, key=lambda name: oddities[name])


def _is_utf8(content: bytes) -> bool:
    """Tell whether the content is UTF-8, a symbol cut off at its end forgiven."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def _oddities(telling: bytes, name: str) -> int | None:
    """Return how often a reading looks wrong, or ``None`` when it is impossible."""
    try:
        return len(_ODDITIES.findall(telling.decode(name)))
    except UnicodeDecodeError:
        return None
