"""Who an imported award goes to: a member that is known, one registered from the row, or an address that waits."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from babel import Locale, UnknownLocaleError
from sqlalchemy.orm import Session

from rewards_service.earning.award_files.people import Person
from rewards_service.earning.queries import members_known_as
from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.identity.queries import living_member
from rewards_service.programs.models import Program
from rewards_service.programs.operations import ensure_partner
from rewards_service.wallets.operations import Recipient

PHONE_OF_ANOTHER = "phone_of_another_member"


class Recipients:
    """The members that one chunk of rows is about, looked up at once and completed as the chunk goes on."""

    def __init__(self, session: Session, *, program: Program, people: Iterable[Person]) -> None:
        self._session = session
        self._program = program
        wanted = list(people)
        self._by_number: dict[str, Member] = {}
        self._by_email: dict[str, Member] = {}
        self._by_phone: dict[str, Member] = {}
        known = members_known_as(
            session,
            program_id=program.id,
            external_ids={person.member_number for person in wanted if person.member_number},
            emails={person.email for person in wanted if person.email},
            phones={person.phone for person in wanted if person.phone},
        )
        for member in known:
            self._remember(member)

    def find(self, person: Person) -> Member | None:
        """Return the member that ``person`` is, if one is registered.

        The sender's number decides, then the email address. A phone alone names its member; beside an email address
        it does only while that member has none, because people share and hand on telephones.
        """
        by_phone = self._known(self._by_phone, person.phone)
        if by_phone is not None and person.email is not None and by_phone.email not in {None, person.email}:
            by_phone = None
        by_number = self._known(self._by_number, person.member_number)
        return by_number or self._known(self._by_email, person.email) or by_phone

    def settle(self, person: Person, *, now: datetime) -> tuple[Recipient, tuple[str, ...]]:
        """Return where the value of ``person`` goes, and notes about it; whoever is named is registered.

        An address without a name waits for whoever proves it.

        Raises:
            AddressTaken: somebody else registered the address at the same moment.
        """
        member = self.find(person)
        if member is None and not person.is_named:
            return Recipient(address=person.email or person.phone), ()
        owner = self._known(self._by_phone, person.phone)
        if member is None:
            member = self._register(person, phone=None if owner else person.phone, now=now)
        return Recipient(member=member), (PHONE_OF_ANOTHER,) if owner not in {None, member} else ()

    def _known(self, members: Mapping[str, Member], name: str | None) -> Member | None:
        """Return which of ``members`` is found by ``name``, unless the row that registered it was undone."""
        member = members.get(name or "")
        return member if member is not None and member in self._session else None

    def _register(self, person: Person, *, phone: str | None, now: datetime) -> Member:
        """Register a person whom the file names."""
        member = register_member(
            self._session,
            organization_id=self._program.organization_id,
            program_id=self._program.id,
            name=person.name or person.member_number or "",
            locale=_locale(person.language, default=self._program.locale),
            external_id=person.member_number,
            email=person.email,
            phone=phone,
            partner_id=self._partner_id(person, now=now),
            now=now,
        )
        self._remember(member)
        return member

    def _partner_id(self, person: Person, *, now: datetime) -> int | None:
        """Return the company a person works for, new or known; ``None`` where the file gives it no number."""
        if person.partner_number is None:
            return None
        return ensure_partner(
            self._session,
            organization_id=self._program.organization_id,
            external_id=person.partner_number,
            name=person.company or person.partner_number,
            now=now,
        ).id

    def _remember(self, member: Member) -> None:
        """Let later rows of the chunk find ``member``, or who took the member's place, by any of the addresses."""
        kept = living_member(self._session, member=member)
        for known, name in (
            (self._by_number, member.external_id),
            (self._by_email, member.email),
            (self._by_phone, member.phone),
        ):
            if name is not None:
                known[name] = kept


def _locale(language: str | None, *, default: str) -> str:
    """Return the language that a row names, where it is one that exists, else the program's."""
    if language is None:
        return default
    try:
        return str(Locale.parse(language.replace("-", "_")).language)
    except (UnknownLocaleError, ValueError):
        return default
