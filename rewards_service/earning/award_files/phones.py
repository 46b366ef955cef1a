"""The country that telephone numbers without a country code are of: the one in which most of them exist."""

from collections import Counter
from collections.abc import Iterable, Sequence

import phonenumbers

REGIONS_OF_LANGUAGE = {
    "en": ("GB", "US", "IE", "CA", "AU", "NZ", "SG", "MY", "ZA", "IN"),
    "de": ("DE", "AT", "CH"),
    "nl": ("NL", "BE"),
    "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR", "CO", "CL"),
    "it": ("IT", "CH"),
    "ms": ("MY", "SG"),
}
SAMPLES_MAX = 500


def detect_region(texts: Iterable[str], *, country: str | None, language: str) -> str | None:
    """Return the ISO 3166 code in which most of the national numbers are assigned, ``None`` if there is none to ask.

    Tried in this order, which decides ties: the program's ``country``, those of the header's ``language``, those of
    the international numbers beside them.
    """
    samples = list(dict.fromkeys(text.strip() for text in texts if text.strip()))[:SAMPLES_MAX]
    national = [text for text in samples if not _is_international(text)]
    candidates = _candidates([text for text in samples if _is_international(text)], country=country, language=language)
    if not national or not candidates:
        return next(iter(candidates), None)
    return max(candidates, key=lambda region: sum(_is_assigned(text, region) for text in national))


def is_assigned(number: str) -> bool:
    """Tell whether an E.164 number is in a range that its country has given out."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def _candidates(international: Sequence[str], *, country: str | None, language: str) -> list[str]:
    """Return the regions to try, each once, in the order that decides ties."""
    seen = Counter(region for text in international if (region := _region_of(text)))
    regions = [country, *REGIONS_OF_LANGUAGE.get(language, ()), *(region for region, _ in seen.most_common())]
    return list(dict.fromkeys(region for region in regions if region))


def _is_international(text: str) -> bool:
    """Tell whether a number brings its country code."""
    return text.startswith(("+", "00"))


def _region_of(text: str) -> str | None:
    """Return the region of an international number."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse("+" + text.lstrip("+0")))
    except phonenumbers.NumberParseException:
        return None


def _is_assigned(text: str, region: str) -> bool:
    """Tell whether a national number exists in ``region``."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False
