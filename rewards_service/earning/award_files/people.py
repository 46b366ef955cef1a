"""Who a row is about: normalised addresses, a name, a company; and what other rows of the file add to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from rewards_service.earning.award_files.aliases import Field
from rewards_service.earning.award_files.cells import Cells
from rewards_service.earning.award_files.phones import is_assigned
from rewards_service.identity.addresses import normalise_email, normalise_phone
from rewards_service.identity.errors import AddressUnusable
from rewards_service.kit.tabular.formulas import is_formula

NAME_CHARACTERS_MAX = 200
PARTNER_NUMBER_CHARACTERS_MAX = 100
LANGUAGE_CHARACTERS_MAX = 16
CACHED_ADDRESSES_MAX = 131_072

PHONE_UNASSIGNED = "phone_unassigned"

PersonKey = tuple[str | None, str | None]
_RECIPIENT_FIELDS = (Field.EMAIL, Field.PHONE, Field.ADDRESS, Field.MEMBER_NUMBER)


@dataclass(frozen=True, slots=True)
class Person:
    """Who earned something, as far as the file says; addresses come normalised."""

    email: str | None
    phone: str | None
    member_number: str | None
    name: str | None
    partner_number: str | None
    company: str | None
    language: str | None

    @property
    def key(self) -> PersonKey:
        """What tells this person from others."""
        return (self.member_number, self.email or self.phone)

    @property
    def is_named(self) -> bool:
        """Whether the file says more than an address, so that a member can be registered."""
        return self.name is not None or self.member_number is not None


class PersonReader:
    """Reads the people of one file; addresses that come again are not worked out again."""

    def __init__(self, *, region: str | None) -> None:
        self._region = region
        self._email = lru_cache(CACHED_ADDRESSES_MAX)(normalise_email)
        self._phone = lru_cache(CACHED_ADDRESSES_MAX)(normalise_phone)
        self._is_assigned = lru_cache(CACHED_ADDRESSES_MAX)(is_assigned)

    def read(self, cells: Cells) -> Person:
        """Return who a row is about.

        Raises:
            RowRefused: an address is unusable, a text too long, or the row names nobody.
        """
        email, phone = self._addresses_in(cells)
        number = _text(cells, Field.MEMBER_NUMBER, characters_max=NAME_CHARACTERS_MAX)
        if not (email or phone or number):
            wanted = next(known for known in _RECIPIENT_FIELDS if known in cells.columns)
            raise cells.refused(wanted, "recipient_missing", "an email address or a telephone number")
        return Person(
            email=email,
            phone=phone,
            member_number=number,
            name=_name(cells),
            partner_number=_text(cells, Field.PARTNER_NUMBER, characters_max=PARTNER_NUMBER_CHARACTERS_MAX),
            company=_text(cells, Field.COMPANY, characters_max=NAME_CHARACTERS_MAX),
            language=_text(cells, Field.LANGUAGE, characters_max=LANGUAGE_CHARACTERS_MAX),
        )

    def _addresses_in(self, cells: Cells) -> tuple[str | None, str | None]:
        """Return the email address and the number of a row; a column that may hold either stands in for one of them."""
        if "@" in cells.raw(Field.ADDRESS):
            email = self._email_in(cells, Field.EMAIL) or self._email_in(cells, Field.ADDRESS)
            return email, self._phone_in(cells, Field.PHONE)
        email = self._email_in(cells, Field.EMAIL)
        return email, self._phone_in(cells, Field.PHONE) or self._phone_in(cells, Field.ADDRESS)

    def _email_in(self, cells: Cells, wanted: Field) -> str | None:
        """Return the address in a column, ``None`` where it is blank."""
        text = cells.raw(wanted).strip()
        try:
            return self._email(text) if text else None
        except AddressUnusable as error:
            raise cells.refused(wanted, "email_unusable", "an email address such as ana@example.com") from error

    def _phone_in(self, cells: Cells, wanted: Field) -> str | None:
        """Return the number in a column, ``None`` where it is blank; one that nobody was given yet is noted."""
        text = cells.raw(wanted).strip()
        if not text:
            return None
        try:
            number = self._phone(text, region=self._region)
        except AddressUnusable as error:
            expected = f"a telephone number of {self._region or 'a country'} or one that begins with +"
            raise cells.refused(wanted, "phone_unusable", expected) from error
        if not self._is_assigned(number):
            cells.notes.append(PHONE_UNASSIGNED)
        return number


def gather_people(people: Iterable[Person]) -> Mapping[PersonKey, Person]:
    """Return each person once, with what any of the rows says; the first row that says something decides.

    A formula in the place of a partner's number says nothing where another row has a number.
    """
    gathered: dict[PersonKey, Person] = {}
    for person in people:
        gathered[person.key] = _completed(gathered.get(person.key, person), person)
    return gathered


def _completed(known: Person, other: Person) -> Person:
    """Return ``known`` with what only ``other`` says; a partner's number and company come from one row."""
    of_partner = known if _names_partner(known, beside=other) else other
    return replace(
        known,
        phone=known.phone or other.phone,
        name=known.name or other.name,
        partner_number=of_partner.partner_number,
        company=of_partner.company,
        language=known.language or other.language,
    )


def _names_partner(known: Person, *, beside: Person) -> bool:
    """Tell whether ``known`` has a partner's number: a formula is one only where the other row has none."""
    number = known.partner_number
    return number is not None and (not is_formula(number) or beside.partner_number is None)


def _text(cells: Cells, wanted: Field, *, characters_max: int) -> str | None:
    """Return the text in a column, ``None`` where it is blank."""
    return cells.text(wanted, characters_max=characters_max) or None


def _name(cells: Cells) -> str | None:
    """Return the name of a row, given whole or in two parts."""
    parts = [cells.text(part, characters_max=NAME_CHARACTERS_MAX) for part in (Field.FIRST_NAME, Field.LAST_NAME)]
    whole = cells.text(Field.NAME, characters_max=NAME_CHARACTERS_MAX) or " ".join(filter(None, parts))
    return whole[:NAME_CHARACTERS_MAX] or None
