"""Fields of requests and answers: strict in what they take, and each with what the API's description says of it.

A wrong value is refused with a stable code and a sentence; nothing is converted silently. Whole numbers are JSON
integers (``1.0``, ``"1"`` and ``true`` are not), texts hold nothing that no message may show, moments carry an offset.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from rewards_service.api.loose_types import Json, Options
from rewards_service.api.sentences import COMMON, Said
from rewards_service.identity.addresses import EMAIL_LENGTH_MAX, normalise_email, normalise_phone
from rewards_service.identity.errors import AddressUnusable

VALUE_MAX = 10**15
"""The largest amount of value in one field: a million million in any currency of two decimals, exact in JavaScript."""

_NEVER = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""What controls, breaks a line or turns the direction of writing: ``delivery.kinds.is_clean`` takes none of it."""
_SYMBOL = rf"[^{_NEVER}]"
_VISIBLE = rf"[^\s{_NEVER}]"
ONE_LINE = rf"^{_VISIBLE}({_SYMBOL}*{_VISIBLE})?$"
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a pair, which JSON can spell and no database keeps."""
_DECIMAL = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

NOT_A_TEXT = Said("not_a_text", "Use a text.")
TOO_LONG = Said("too_long", "Use at most {length_max} characters.")
NOT_AN_INTEGER = Said("not_an_integer", "Use a whole number, without a fraction, an exponent or quotes.")
TOO_SMALL = Said("too_small", "Use a number of at least {minimum}.")
TOO_LARGE = Said("too_large", "Use a number of at most {maximum}.")
NOT_A_BOOLEAN = Said("not_a_boolean", "Use true or false.")
NOT_A_MOMENT = Said("not_a_moment", "Use a date, a time and an offset, such as 2027-01-31T23:00:00Z.")
NOT_A_DAY = Said("not_a_day", "Use a date such as 2027-01-31.")


class Described(fields.Field[Any]):
    """A field whose sentences carry codes, with an example and words for the API's description."""

    facts: ClassVar[Mapping[str, object]] = {}
    sample: ClassVar[object] = None

    def __init__(
        self,
        about: str = "",
        *,
        example: object = None,
        facts: Mapping[str, object] | None = None,
        **options: Options,
    ) -> None:
        described: dict[str, object] = {"description": about} if about else {}
        shown = {"examples": [self.sample if example is None else example]}
        super().__init__(
            metadata={**self.facts, **(facts or {}), **described, **shown}, error_messages=dict(COMMON), **options
        )

    def read(self, value: object) -> object:
        """Return what a JSON value means. Raises ``marshmallow.ValidationError``."""
        return value

    def show(self, value: Json) -> object:
        """Return a value as JSON; never called with None."""
        return value

    def _deserialize(self, value: Json, *_: Options, **__: Options) -> Json:
        """Read a value on its way in."""
        return self.read(value)

    def _serialize(self, value: Json, *_: Options, **__: Options) -> Json:
        """Show a value on its way out."""
        return None if value is None else self.show(value)


class Text(Described):
    """One line of text without control characters, signs that turn the writing around, or spaces at its ends."""

    facts: ClassVar[Mapping[str, object]] = {"type": "string"}
    sample = "text"
    shape: str = (
        "Use one line of text, without control characters, signs that turn the writing around, and spaces at its ends."
    )

    def __init__(
        self,
        about: str = "",
        *,
        length_max: int = 200,
        pattern: str = ONE_LINE,
        **options: Options,
    ) -> None:
        self.length_max, self._pattern = length_max, re.compile(pattern)
        bounds = options.pop("facts", {"minLength": 1, "maxLength": length_max, "pattern": pattern})
        super().__init__(about, facts=bounds, **options)

    def read(self, value: object) -> str:
        """Return the text as it was sent."""
        if not isinstance(value, str):
            raise ValidationError(NOT_A_TEXT)
        if len(value) > self.length_max:
            raise ValidationError(TOO_LONG.format(length_max=self.length_max))
        if not self._pattern.fullmatch(value) or _SURROGATE.search(value):
            raise ValidationError(Said("unusable", self.shape))
        return value


class Choice(Text):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], about: str = "", **options: Options) -> None:
        self.shape = f"Use one of {', '.join(words)}."
        pattern = "|".join(map(re.escape, words))
        super().__init__(about, pattern=pattern, example=words[0], facts={"enum": list(words)}, **options)


class Whole(Described):
    """A JSON integer within bounds."""

    facts: ClassVar[Mapping[str, object]] = {"type": "integer"}
    sample = 1

    def __init__(
        self,
        about: str = "",
        *,
        minimum: int = 1,
        maximum: int = VALUE_MAX,
        **options: Options,
    ) -> None:
        self.minimum, self.maximum = minimum, maximum
        super().__init__(about, facts={"minimum": minimum, "maximum": maximum}, **options)

    def read(self, value: object) -> int:
        """Return the number that was sent; a boolean, which Python counts among the integers, is none."""
        if type(value) is not int:
            raise ValidationError(NOT_AN_INTEGER)
        if value < self.minimum:
            raise ValidationError(TOO_SMALL.format(minimum=self.minimum))
        if value > self.maximum:
            raise ValidationError(TOO_LARGE.format(maximum=self.maximum))
        return value


class WholeInQuery(Whole):
    """A whole number in an address: its decimal digits."""

    def read(self, value: object) -> int:
        """Return the number that the digits make."""
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise ValidationError(NOT_AN_INTEGER)
        return super().read(int(value))


class Flag(Described):
    """``true`` or ``false``."""

    facts: ClassVar[Mapping[str, object]] = {"type": "boolean"}
    sample = True

    def read(self, value: object) -> bool:
        """Return the truth value that was sent."""
        if not isinstance(value, bool):
            raise ValidationError(NOT_A_BOOLEAN)
        return value


class Moment(Described):
    """A moment by RFC 3339: any offset comes in, UTC goes out."""

    facts: ClassVar[Mapping[str, object]] = {"type": "string", "format": "date-time"}
    sample = "2027-01-31T23:00:00Z"

    def read(self, value: object) -> datetime:
        """Return the moment in UTC."""
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise ValidationError(NOT_A_MOMENT)
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError(NOT_A_MOMENT) from error

    def show(self, value: datetime) -> str:
        """Return the moment in UTC, to the microsecond where it has any."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Day(Described):
    """A calendar day by RFC 3339."""

    facts: ClassVar[Mapping[str, object]] = {"type": "string", "format": "date"}
    sample = "2027-01-31"

    def read(self, value: object) -> date:
        """Return the day."""
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError(NOT_A_DAY)
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(NOT_A_DAY) from error

    def show(self, value: date) -> str:
        """Return the day as it is written."""
        return value.isoformat()


class Email(Text):
    """An email address; what the database keeps is lower-case NFC."""

    sample = "ana@example.com"
    shape = "Use an email address."

    def __init__(self, about: str = "", **options: Options) -> None:
        facts = {"format": "email", "maxLength": EMAIL_LENGTH_MAX}
        super().__init__(about, length_max=EMAIL_LENGTH_MAX, facts=facts, **options)

    def read(self, value: object) -> str:
        """Return the address as it is stored."""
        try:
            return normalise_email(super().read(value))
        except AddressUnusable as error:
            raise ValidationError([Said(problem.code, problem.message) for problem in error.problems]) from error


class Phone(Text):
    """A telephone number in international notation; what the database keeps is E.164."""

    sample = "+4915112345678"
    shape = "Use a telephone number that begins with + and the country's code."

    def __init__(self, about: str = "", **options: Options) -> None:
        super().__init__(about, length_max=40, pattern=r"^\+[0-9 ()./-]*[0-9]$", **options)

    def read(self, value: object) -> str:
        """Return the number as it is stored."""
        try:
            return normalise_phone(super().read(value))
        except AddressUnusable as error:
            raise ValidationError([Said(problem.code, problem.message) for problem in error.problems]) from error
