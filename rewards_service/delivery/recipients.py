"""Addresses that something can be sent to."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from rewards_service.delivery.errors import RecipientUnusable
from rewards_service.delivery.policy import Channel
from rewards_service.kit.errors import NO_EMAIL, NO_PHONE, WRONG_LENGTH


def require_recipient(text: str, *, channel: Channel) -> str:
    """Return ``text`` as an address in NFC, or as a number in E.164.

    Raises:
        RecipientUnusable: it is neither, or has a line break or another control character in it.
    """
    return _email(text) if channel == Channel.EMAIL else _number(text)


def _email(text: str) -> str:
    """Return an email address in its normal form; whether anybody lives there is for the server to say."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise RecipientUnusable(NO_EMAIL) from error


def _number(text: str) -> str:
    """Return a telephone number in E.164."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise RecipientUnusable(NO_PHONE) from error
    if not phonenumbers.is_possible_number(number):
        raise RecipientUnusable(WRONG_LENGTH)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
