"""Writes of organizations and programs."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.kit.errors import Conflict, FieldProblem, ValidationFailed
from rewards_service.kit.ids import new_public_id
from rewards_service.kit.money import exponent
from rewards_service.programs.models import Budget, Offer, Organization, Partner, Program, RateVersion, Unit
from rewards_service.programs.policy import SYMBOL_PATTERN, book_component, known_time_zone
from rewards_service.programs.queries import partner_by_external_id

GRACE_DAYS_DEFAULT = 30
RATE_MAX = 10**9


class ExternalIdTaken(Conflict):
    """Another thing of the same sort already carries this external id."""

    code = "external_id_conflict"
    title = "This external id is taken"


class CurrencyNotKept(ValidationFailed):
    """A program's liability is kept in its organization's functional currency."""

    code = "currency_not_kept"
    title = "The program and its organization keep different currencies"


def create_organization(
    session: Session, *, external_id: str, name: str, functional_currency: str, time_zone: str, now: datetime
) -> Organization:
    """Create an organization and its unit of money.

    Raises:
        ExternalIdTaken: the external id is in use.
        ValidationFailed: the currency or the time zone is not known.
    """
    if session.scalar(select(Organization.id).where(Organization.external_id == external_id)) is not None:
        raise ExternalIdTaken
    organization = Organization(
        public_id=new_public_id("org", now=now),
        external_id=external_id,
        name=name,
        functional_currency=functional_currency,
        time_zone=known_time_zone(time_zone),
        created_at=now,
    )
    session.add(organization)
    session.flush()
    add_money_unit(session, organization_id=organization.id, currency=functional_currency)
    return organization


def add_money_unit(session: Session, *, organization_id: int, currency: str) -> Unit:
    """Let an organization keep books in ``currency``; a second time changes nothing.

    Raises:
        UnknownCurrency: the code is not in ISO 4217.
    """
    decimals = exponent(currency)
    found = session.scalar(select(Unit).where(Unit.organization_id == organization_id, Unit.symbol == currency))
    if found is not None:
        return found
    unit = Unit(organization_id=organization_id, symbol=currency, kind="money", currency=currency, exponent=decimals)
    session.add(unit)
    session.flush()
    return unit


def create_program(
    session: Session,
    *,
    organization: Organization,
    external_id: str,
    name: str,
    unit: str,
    currency: str,
    time_zone: str,
    locale: str,
    rate_units: int,
    rate_minor: int,
    now: datetime,
    default_margin_bp: int = 0,
) -> Program:
    """Create a program with its points (``unit``), its promises in ``currency``, and its first rate.

    Raises:
        ExternalIdTaken: the organization has a program of that external id, or one whose name in the books is the same.
        ValidationFailed: a field has no usable value; ``problems`` names each.
    """
    _require_usable(unit=unit, locale=locale, external_id=external_id, rate_units=rate_units, rate_minor=rate_minor)
    _require_functional(organization, currency=currency)
    _require_free(session, organization=organization, external_id=external_id, unit=unit)
    program = Program(
        public_id=new_public_id("prg", now=now),
        organization_id=organization.id,
        external_id=external_id,
        name=name,
        book_name=book_component(external_id),
        currency=currency,
        money_unit=add_money_unit(session, organization_id=organization.id, currency=currency),
        time_zone=known_time_zone(time_zone),
        locale=locale,
        catalog_mode="all",
        default_margin_bp=default_margin_bp,
        grace_days=GRACE_DAYS_DEFAULT,
        country=Locale.parse(locale.replace("-", "_")).territory,
        is_test=False,
        created_at=now,
    )
    session.add(program)
    session.flush()
    _give_units(session, program=program, points=unit)
    set_rate(session, program=program, rate_units=rate_units, rate_minor=rate_minor, valid_from=now)
    return program


def set_rate(
    session: Session, *, program: Program, rate_units: int, rate_minor: int, valid_from: datetime
) -> RateVersion:
    """Say what points are worth from ``valid_from`` on, for all open value that is not held.

    Raises:
        ValidationFailed: the rate is no pair of positive integers, or begins before the one that it follows.
    """
    _require_usable_rate(rate_units=rate_units, rate_minor=rate_minor)
    newest = session.scalar(
        select(RateVersion).where(RateVersion.program_id == program.id).order_by(RateVersion.version.desc()).limit(1)
    )
    if newest is not None and valid_from <= newest.valid_from:
        message = "A rate begins after the one that it follows."
        raise ValidationFailed(problems=(FieldProblem("/valid_from", "rate_out_of_order", message),))
    version = RateVersion(
        program_id=program.id,
        version=newest.version + 1 if newest else 1,
        valid_from=valid_from,
        units=rate_units,
        minor=rate_minor,
    )
    session.add(version)
    session.flush()
    return version


def create_budget(
    session: Session, *, organization_id: int, program_id: int | None, external_id: str, currency: str, now: datetime
) -> Budget:
    """Create a budget that holds nothing yet; the ledger grants it its money.

    Raises:
        ExternalIdTaken: the organization has a budget of that external id.
    """
    taken = select(Budget.id).where(Budget.organization_id == organization_id, Budget.external_id == external_id)
    if session.scalar(taken) is not None:
        raise ExternalIdTaken
    budget = Budget(
        public_id=new_public_id("bud", now=now),
        organization_id=organization_id,
        program_id=program_id,
        external_id=external_id,
        currency=currency,
        created_at=now,
    )
    session.add(budget)
    session.flush()
    return budget


def set_offer(session: Session, *, program: Program, item_id: int, is_visible: bool, margin_bp: int | None) -> Offer:
    """Say whether a program shows an item, and at which margin in basis points (none: the program's own)."""
    offer = session.scalar(select(Offer).where(Offer.program_id == program.id, Offer.item_id == item_id))
    if offer is None:
        offer = Offer(program_id=program.id, item_id=item_id)
        session.add(offer)
    offer.is_visible = is_visible
    offer.margin_bp = margin_bp
    session.flush()
    return offer


def ensure_partner(session: Session, *, organization_id: int, external_id: str, name: str, now: datetime) -> Partner:
    """Return the partner with the sender's number; a new number makes a new partner."""
    found = partner_by_external_id(session, organization_id=organization_id, external_id=external_id)
    if found is not None:
        return found
    partner = Partner(
        public_id=new_public_id("par", now=now),
        organization_id=organization_id,
        external_id=external_id,
        name=name,
        created_at=now,
    )
    session.add(partner)
    session.flush()
    return partner


def _give_units(session: Session, *, program: Program, points: str) -> None:
    """Make the program's points and its promises, and tie them to it."""
    program.points_unit = Unit(
        organization_id=program.organization_id, program_id=program.id, symbol=points, kind="points", exponent=0
    )
    program.promise_unit = Unit(
        organization_id=program.organization_id,
        program_id=program.id,
        symbol=_promise_symbol(session, organization_id=program.organization_id, currency=program.currency),
        kind="promise",
        currency=program.currency,
        exponent=exponent(program.currency),
    )
    session.add_all([program.points_unit, program.promise_unit])
    session.flush()


def _promise_symbol(session: Session, *, organization_id: int, currency: str) -> str:
    """Return ``VEUR`` for the first program of an organization, ``VEURB``, ``VEURC`` … for later ones."""
    prefix = f"V{currency}"
    taken = session.scalar(
        select(func.count()).where(Unit.organization_id == organization_id, Unit.symbol.startswith(prefix))
    )
    number, suffix = taken or 0, ""
    while number:
        number, letter = divmod(number, 26)
        suffix = chr(ord("A") + letter) + suffix
    return prefix + suffix


def _require_functional(organization: Organization, *, currency: str) -> None:
    """Refuse a currency in which the organization does not keep its books."""
    if currency != organization.functional_currency:
        raise CurrencyNotKept(
            "This organization keeps its books in {functional}, not in {currency}.",
            functional=organization.functional_currency,
            currency=currency,
        )


def _require_free(session: Session, *, organization: Organization, external_id: str, unit: str) -> None:
    """Refuse an external id, a name in the books, or a unit symbol that the organization already uses."""
    book_name = book_component(external_id)
    taken = select(Program.id).where(
        Program.organization_id == organization.id,
        (Program.external_id == external_id) | (Program.book_name == book_name),
    )
    if session.scalar(taken) is not None:
        raise ExternalIdTaken
    if session.scalar(select(Unit.id).where(Unit.organization_id == organization.id, Unit.symbol == unit)) is not None:
        raise ValidationFailed(
            problems=(FieldProblem("/unit", "unit_taken", "{unit} is another program's unit.", {"unit": unit}),)
        )


def _require_usable(*, unit: str, locale: str, external_id: str, rate_units: int, rate_minor: int) -> None:
    """Refuse values that no program can have, all of them at once."""
    problems = []
    if not SYMBOL_PATTERN.match(unit) or _is_currency(unit):
        problems.append(
            FieldProblem("/unit", "unit_unusable", "A unit is 3 to 12 capital letters and no ISO currency.")
        )
    if not book_component(external_id):
        problems.append(FieldProblem("/external_id", "external_id_unusable", "Use letters, digits and dashes."))
    try:
        Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        problems.append(FieldProblem("/locale", "locale_unknown", "Use a language tag such as en or de-DE."))
    if problems:
        raise ValidationFailed(problems=tuple(problems))
    _require_usable_rate(rate_units=rate_units, rate_minor=rate_minor)


def _require_usable_rate(*, rate_units: int, rate_minor: int) -> None:
    """Refuse a rate that is not a pair of positive integers within ``RATE_MAX``."""
    if not (0 < rate_units <= RATE_MAX and 0 < rate_minor <= RATE_MAX):
        raise ValidationFailed(
            problems=(FieldProblem("/rate", "rate_unusable", "A rate is a pair of whole numbers above zero."),)
        )


def _is_currency(symbol: str) -> bool:
    """Tell whether ``symbol`` is an ISO 4217 code, which a value unit must not be."""
    try:
        exponent(symbol)
    except ValidationFailed:
        return False
    return True
