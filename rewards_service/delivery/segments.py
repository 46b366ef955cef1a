"""How many messages a network makes of a text (3GPP TS 23.038 and 23.040)."""

import unicodedata

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each of these takes two places."""
GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67
SEGMENTS_MAX = 6

_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u00ad": "",
    }
)


def segments(text: str) -> int:
    """Return how many segments ``text`` takes: one symbol beyond GSM-7 makes all of it UCS-2."""
    if all(symbol in GSM_BASIC or symbol in GSM_EXTENDED for symbol in text):
        return _parts([2 if symbol in GSM_EXTENDED else 1 for symbol in text], GSM_SINGLE, GSM_PART)
    return _parts([len(symbol.encode("utf-16-be")) // 2 for symbol in text], UCS2_SINGLE, UCS2_PART)


def plain(text: str) -> str:
    """Return ``text`` with fancy quotes, dashes and spaces as the plain ones that cost nothing extra."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def _parts(widths: list[int], single: int, part: int) -> int:
    """Return how many parts symbols of those widths fill; no symbol is torn in two."""
    if sum(widths) <= single:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > part:
            parts, used = parts + 1, 0
        used += width
    return parts
