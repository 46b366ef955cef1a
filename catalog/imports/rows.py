"""Typed access to one item of a supplier's file: what is wrong is noted, so that one reading finds every problem."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from catalog.countries import COUNTRIES
from catalog.currencies import EXPONENTS, to_minor
from catalog.errors import AmountRefused, RowProblem
from catalog.imports.plain_text import clean_text, html_to_text
from catalog.items import BASIS_POINTS

Values = Mapping[str, object]
"""A JSON object whose decimals are ``Decimal``."""

LINE_MAX = 200
TEXT_MAX = 50_000
PERCENT_MAX = 200
_PLAIN_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,10})?")
_IMAGE = re.compile(r"https://[^\s\"'<>\\]+|(?!\.)[\w-]+(?:[./][\w-]+)*")
IMAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One item, or a part of one, of a file being read.

    A getter returns a usable value, or notes a problem and returns an empty one; a row with problems is never used.
    Fields are dotted paths: ``brand.brandName``.

    Attributes:
        values: the object as the file has it.
        number: where it stands in the file, from 1.
        problems: where every problem of the file is noted.
        prefix: what stands before the field names of a part, such as ``fixed[0].``.
    """

    values: Values
    number: int
    problems: list[RowProblem]
    prefix: str = ""

    @property
    def has_problems(self) -> bool:
        """Whether anything was noted about this row, the last one read so far."""
        return bool(self.problems) and self.problems[-1].row == self.number

    def refuse(self, field: str, code: str, message: str) -> None:
        """Note a problem of ``field``."""
        self.problems.append(RowProblem(self.number, self.prefix + field, code, message))

    def get(self, field: str) -> object:
        """Return the value at a dotted path, ``None`` where the path leads nowhere."""
        value: object = self.values
        for name in field.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def line(self, field: str, *, length_max: int = LINE_MAX) -> str:
        """Return a required text of one line; a whole number counts as text, since suppliers number their items."""
        value = self.get(field)
        named = isinstance(value, str | int) and not isinstance(value, bool)
        text = " ".join(clean_text(str(value)).split()) if named else ""
        if not text:
            self.refuse(field, "missing", "a text is needed here")
        return self._within(field, text, length_max)

    def optional_line(self, field: str, *, length_max: int = LINE_MAX) -> str | None:
        """Return an optional text of one line, ``None`` where there is none."""
        return self._within(field, " ".join(clean_text(self._optional_string(field)).split()), length_max) or None

    def text(self, field: str, *, length_max: int = TEXT_MAX) -> str:
        """Return an optional plain text, empty where there is none."""
        return self._within(field, clean_text(self._optional_string(field)), length_max)

    def html(self, field: str) -> str:
        """Return an optional HTML text as plain text, empty where there is none."""
        return self._within(field, html_to_text(self._optional_string(field)), TEXT_MAX)

    def choice(self, field: str, allowed: Sequence[str], *, default: str | None = None) -> str:
        """Return one of ``allowed``; ``default`` where there is none."""
        value = self.get(field)
        if _is_blank(value) and default is not None:
            return default
        if isinstance(value, str) and value in allowed:
            return value
        self.refuse(field, "value_unknown", f"{str(value)[:40]!r} is none of {', '.join(allowed)}")
        return allowed[0]

    def currency(self, field: str) -> str:
        """Return an ISO 4217 code; one in lower case is accepted."""
        value = str(self.get(field)).upper()
        if value in EXPONENTS:
            return value
        self.refuse(field, "currency_unknown", f"{value[:40]!r} is not a currency of ISO 4217")
        return ""

    def countries(self, field: str) -> tuple[str, ...]:
        """Return the ISO 3166-1 codes of an optional list, sorted, each once."""
        return tuple(sorted({self.country_of(value, field) for value in self.items(field)}))

    def country_of(self, value: object, field: str) -> str:
        """Return ``value``, which stands at ``field``, as an ISO 3166-1 code; one in lower case is accepted."""
        code = str(value).upper()
        if code not in COUNTRIES:
            self.refuse(field, "country_unknown", f"{code[:40]!r} is not a country of ISO 3166-1")
        return code

    def items(self, field: str) -> list[object]:
        """Return an optional list, empty where there is none."""
        value = self.get(field)
        if value is None or isinstance(value, list):
            return value or []
        self.refuse(field, "list_expected", "a list is needed here")
        return []

    def image(self, field: str) -> str | None:
        """Return an optional https address or a name with a path, never another scheme."""
        text = self.text(field, length_max=IMAGE_MAX)
        if text and not _IMAGE.fullmatch(text):
            self.refuse(field, "image_invalid", "an image is an https address or a plain file name")
        return text or None

    def integer(self, field: str, *, maximum: int) -> int | None:
        """Return an optional whole number from 0 to ``maximum``; digits in a string count too."""
        value = self.get(field)
        if _is_blank(value):
            return None
        if re.fullmatch(r"[0-9]{1,18}", str(value)) and int(str(value)) <= maximum:
            return int(str(value))
        self.refuse(field, "number_invalid", f"{str(value)[:40]!r} is not a whole number from 0 to {maximum}")
        return None

    def amount(self, field: str, currency: str, *, minimum_minor: int = 1) -> int:
        """Return a required amount in smallest units of ``currency``, at least ``minimum_minor``."""
        return self.amount_of(self.get(field), field, currency, minimum_minor=minimum_minor)

    def amount_of(self, value: object, field: str, currency: str, *, minimum_minor: int = 1) -> int:
        """Return ``value``, which stands at ``field``, in smallest units of ``currency``."""
        amount = self._decimal(value, field)
        if amount is None or currency not in EXPONENTS:
            return minimum_minor
        try:
            amount_minor = to_minor(amount, currency)
        except AmountRefused as error:
            self.refuse(field, error.reason, str(error))
            return minimum_minor
        if amount_minor < minimum_minor:
            self.refuse(field, "amount_too_small", f"{amount} {currency} is too little here")
        return amount_minor

    def percent(self, field: str, *, default: int, maximum: int = PERCENT_MAX) -> int:
        """Return an optional percentage from 0 to ``maximum`` in basis points, halves rounded up."""
        value = self.get(field)
        if _is_blank(value):
            return default
        percent = self._decimal(value, field)
        if percent is None:
            return default
        if not 0 <= percent <= maximum:
            self.refuse(field, "percent_invalid", f"{str(value)[:40]} is not a percentage from 0 to {maximum}")
            return default
        return int((percent * BASIS_POINTS / 100).to_integral_value(ROUND_HALF_UP))

    def part(self, field: str, values: object) -> "Row":
        """Return the part ``values`` of this row, which stands at ``field``; its problems are noted under that name."""
        if not isinstance(values, Mapping):
            self.refuse(field, "object_expected", "an object is needed here")
        return Row(values if isinstance(values, Mapping) else {}, self.number, self.problems, f"{self.prefix}{field}.")

    def _decimal(self, value: object, field: str) -> Decimal | None:
        """Return ``value`` as a finite decimal; a JSON number, or digits with a point in a string."""
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and _PLAIN_DECIMAL.fullmatch(value.strip()):
            return Decimal(value.strip())
        code, found = ("amount_missing", "nothing") if _is_blank(value) else ("amount_invalid", repr(str(value)[:40]))
        self.refuse(field, code, f"a number such as 25.00 is needed here, not {found}")
        return None

    def _optional_string(self, field: str) -> str:
        """Return a string, empty where there is none."""
        value = self.get(field)
        if value is None or isinstance(value, str):
            return value or ""
        self.refuse(field, "text_expected", "a text is needed here")
        return ""

    def _within(self, field: str, text: str, length_max: int) -> str:
        """Return ``text``, noting when it is longer than the catalog keeps."""
        if len(text) > length_max:
            self.refuse(field, "too_long", f"{len(text)} characters are more than the {length_max} that are kept")
        return text


def rows_in(holder: Row, field: str, *, first: int = 1) -> Iterator[Row]:
    """Yield a row for each object in the list at ``field``, numbered from ``first``; anything else in it is noted."""
    for number, values in enumerate(holder.items(field), first):
        if isinstance(values, Mapping):
            yield Row(values, number, holder.problems)
        else:
            Row({}, number, holder.problems).refuse(field, "object_expected", "an object is needed here")


def _is_blank(value: object) -> bool:
    """Tell whether a file says nothing: JSON null, or an empty cell."""
    return value is None or value == ""
