"""One spelling for each address: email in lower-case NFC, telephone numbers in E.164.

The same function serves people who type, files that are imported and keys that call, so an address found in one place
is found in all.
"""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rewards_service.identity.errors import AddressUnusable
from rewards_service.kit.errors import FieldProblem

EMAIL_LENGTH_MAX = 254


def normalise_email(text: str) -> str:
    """Return ``text`` as a lower-case NFC address; nobody is asked whether it can be delivered to.

    Raises:
        AddressUnusable: not an address, or one with a line break or another control character in it.
    """
    try:
        checked = validate_email(text.strip(" \t\u00a0"), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressUnusable(problems=(FieldProblem("/email", "email_unusable", str(error)),)) from error
    return checked.normalized.lower()


def normalise_phone(text: str, *, region: str | None = None) -> str:
    """Return ``text`` in E.164, e.g. ``+4915112345678``; ``region`` (ISO 3166) is assumed for national notation.

    A possible length is enough: an unassigned range may have been assigned yesterday.

    Raises:
        AddressUnusable: no telephone number, too short, too long, or national without a region.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise _phone_unusable(str(error)) from error
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise _phone_unusable("This cannot be a telephone number: its length is wrong")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phone_unusable(reason: str) -> AddressUnusable:
    """Return the refusal of a telephone number with its reason."""
    return AddressUnusable(problems=(FieldProblem("/phone", "phone_unusable", reason),))
