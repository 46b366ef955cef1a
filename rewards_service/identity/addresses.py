"""One spelling for each address: email in lower-case NFC, telephone numbers in E.164.

The same function serves people who type, files that are imported and keys that call, so an address found in one place
is found in all.
"""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rewards_service.identity.errors import AddressUnusable
from rewards_service.kit.errors import NO_EMAIL, NO_PHONE, WRONG_LENGTH, FieldProblem

EMAIL_LENGTH_MAX = 254


def normalise_address(text: str, *, region: str | None = None, field: str = "address") -> str:
    """Return an email address or a telephone number, whichever ``text`` looks like, as it is stored.

    Digits without a letter or an @ are a number. ``field`` is what a problem points to.

    Raises:
        AddressUnusable: it is neither.
    """
    if _looks_like_phone(text.strip()):
        return normalise_phone(text, region=region, field=field)
    return normalise_email(text, field=field)


def is_email(address: str) -> bool:
    """Tell an email address from a telephone number; both come normalised."""
    return "@" in address


def normalise_email(text: str, *, field: str = "email") -> str:
    """Return ``text`` as a lower-case NFC address; nobody is asked whether it can be delivered to.

    Raises:
        AddressUnusable: not an address, or one with a line break or another control character in it.
    """
    try:
        checked = validate_email(text.strip(" \t\u00a0"), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressUnusable(problems=(FieldProblem(f"/{field}", "email_unusable", NO_EMAIL),)) from error
    return checked.normalized.lower()


def normalise_phone(text: str, *, region: str | None = None, field: str = "phone") -> str:
    """Return ``text`` in E.164, e.g. ``+4915112345678``; ``region`` (ISO 3166) is assumed for national notation.

    A possible length is enough: an unassigned range may have been assigned yesterday.

    Raises:
        AddressUnusable: no telephone number, too short, too long, or national without a region.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise AddressUnusable(problems=(FieldProblem(f"/{field}", "phone_unusable", NO_PHONE),)) from error
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise AddressUnusable(problems=(FieldProblem(f"/{field}", "phone_unusable", WRONG_LENGTH),))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _looks_like_phone(text: str) -> bool:
    """Tell whether there are digits, and nothing that a number is never written with."""
    never = any(symbol.isalpha() or symbol in "@\uff20" or unicodedata.category(symbol) == "Cc" for symbol in text)
    return not never and any(symbol.isdigit() for symbol in text)
