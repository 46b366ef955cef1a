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
        email_is_first = "@" in cells.raw(Field.ADDRESS)
        email = self._email_in(cells, Field.EMAIL) or (self._email_in(cells, Field.ADDRESS) if email_is_first else None)
        phone = self._phone_in(cells, Field.PHONE) or (None if email_is_first else self._phone_in(cells, Field.ADDRESS))
        number = cells.text(Field.MEMBER_NUMBER, characters_max=NAME_CHARACTERS_MAX) or None
        if not (email or phone or number):
            wanted = next(known for known in _RECIPIENT_FIELDS if known in cells.columns)
            raise cells.refused(wanted, "recipient_missing", "an email address or a telephone number")
        return Person(
            email=email,
            phone=phone,
            member_number=number,
            name=_name(cells),
            partner_number=cells.text(Field.PARTNER_NUMBER, characters_max=PARTNER_NUMBER_CHARACTERS_MAX) or None,
            company=cells.text(Field.COMPANY, characters_max=NAME_CHARACTERS_MAX) or None,
            language=cells.text(Field.LANGUAGE, characters_max=LANGUAGE_CHARACTERS_MAX) or None,
        )

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
    """Return ``known`` with what only ``other`` says."""
    number = known.partner_number
    keep = number is not None and (not is_formula(number) or other.partner_number is None)
    return replace(
        known,
        phone=known.phone or other.phone,
        name=known.name or other.name,
        partner_number=number if keep else other.partner_number,
        company=known.company if keep else other.company,
        language=known.language or other.language,
    )


def _name(cells: Cells) -> str | None:
    """Return the name of a row, given whole or in two parts."""
    parts = [cells.text(part, characters_max=NAME_CHARACTERS_MAX) for part in (Field.FIRST_NAME, Field.LAST_NAME)]
    whole = cells.text(Field.NAME, characters_max=NAME_CHARACTERS_MAX) or " ".join(filter(None, parts))
    return whole[:NAME_CHARACTERS_MAX] or None
