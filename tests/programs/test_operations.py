from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from rewards_service.kit.errors import ValidationFailed
from rewards_service.programs.models import Organization, Program
from rewards_service.programs.operations import (
    CurrencyNotKept,
    ExternalIdTaken,
    create_budget,
    create_organization,
    create_program,
    ensure_partner,
    set_rate,
)
from rewards_service.programs.queries import (
    ProgramNotFound,
    UnitNotOfProgram,
    program_by_reference,
    rate_in_force,
    rate_of_unit,
    rates_in_force,
    unit_by_symbol,
    value_unit,
)


class TestCreateOrganization:
    def test_refuses_an_external_id_that_is_taken(self, session: Session, program: Program, now: datetime) -> None:
        with pytest.raises(ExternalIdTaken):
            organization(session, now, external_id="demo")

    @pytest.mark.parametrize(("field", "value"), [("functional_currency", "XXQ"), ("time_zone", "Mars/Olympus")])
    def test_refuses_what_nobody_knows(self, session: Session, now: datetime, field: str, value: str) -> None:
        with pytest.raises(ValidationFailed), session.begin_nested():
            organization(session, now, **{field: value})


class TestCreateProgram:
    def test_gives_it_points_promises_and_a_rate(self, session: Session, program: Program, now: datetime) -> None:
        assert (program.points_unit.symbol, program.promise_unit.symbol) == ("PTS", "VEUR")
        assert program.promise_unit.api_name == "EUR"
        rate = rate_in_force(session, program_id=program.id, now=now)
        assert (rate.units, rate.minor, rate.version) == (100, 100, 1)

    def test_gives_the_promises_of_later_programs_names_of_their_own(
        self, session: Session, program: Program, now: datetime
    ) -> None:
        home = session.get_one(Organization, program.organization_id)
        second = make(session, home, now, external_id="second", unit="STARS")
        third = make(session, home, now, external_id="third", unit="MOONS")
        assert [each.promise_unit.symbol for each in (second, third)] == ["VEURB", "VEURC"]

    @pytest.mark.parametrize("external_id", ["demo", "Demo"])
    def test_refuses_a_name_that_is_taken_here_or_in_the_books(
        self, session: Session, program: Program, now: datetime, external_id: str
    ) -> None:
        home = session.get_one(Organization, program.organization_id)
        with pytest.raises(ExternalIdTaken):
            make(session, home, now, external_id=external_id, unit="STARS")

    def test_refuses_another_currency_than_its_organization_keeps(self, session: Session, now: datetime) -> None:
        with pytest.raises(CurrencyNotKept):
            make(session, organization(session, now), now, currency="USD")

    @pytest.mark.parametrize(
        ("field", "value", "pointer"),
        [
            ("unit", "EUR", "/unit"),
            ("unit", "pts", "/unit"),
            ("unit", "P", "/unit"),
            ("locale", "xx-nowhere", "/locale"),
            ("external_id", "!!", "/external_id"),
            ("rate_units", 0, "/rate"),
            ("rate_minor", -1, "/rate"),
            ("rate_units", 10**9 + 1, "/rate"),
            ("time_zone", "Mars/Olympus", "/time_zone"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(
        self, session: Session, now: datetime, field: str, value: object, pointer: str
    ) -> None:
        with pytest.raises(ValidationFailed) as refused:
            make(session, organization(session, now), now, **{field: value})
        assert [problem.pointer for problem in refused.value.problems] == [pointer]

    def test_refuses_the_points_of_another_program(self, session: Session, program: Program, now: datetime) -> None:
        home = session.get_one(Organization, program.organization_id)
        with pytest.raises(ValidationFailed) as refused:
            make(session, home, now, external_id="second", unit="PTS")
        assert refused.value.problems[0].code == "unit_taken"


class TestSetRate:
    def test_counts_from_the_moment_it_says(self, session: Session, program: Program, now: datetime) -> None:
        later = now + timedelta(days=1)
        set_rate(session, program=program, rate_units=125, rate_minor=100, valid_from=later)
        assert rate_in_force(session, program_id=program.id, now=later - timedelta(microseconds=1)).version == 1
        assert rate_in_force(session, program_id=program.id, now=later).units == 125

    def test_is_found_for_many_programs_at_once(self, session: Session, program: Program, now: datetime) -> None:
        later = now + timedelta(days=1)
        set_rate(session, program=program, rate_units=125, rate_minor=100, valid_from=later)
        for moment, units in ((now, 100), (later, 125)):
            assert rates_in_force(session, program_ids=[program.id], now=moment)[program.id].units == units

    def test_leaves_promises_at_par(self, session: Session, program: Program, now: datetime) -> None:
        rate = rate_of_unit(session, unit=program.promise_unit, now=now)
        assert (rate.units, rate.minor) == (1, 1)


class TestQueries:
    def test_finds_units_as_callers_name_them(self, program: Program) -> None:
        assert [value_unit(program, name=name).symbol for name in (None, "PTS", "EUR", "VEUR")] == [
            "PTS",
            "PTS",
            "VEUR",
            "VEUR",
        ]

    def test_refuses_units_of_nobody(self, session: Session, program: Program) -> None:
        with pytest.raises(UnitNotOfProgram):
            value_unit(program, name="USD")
        with pytest.raises(UnitNotOfProgram):
            unit_by_symbol(session, organization_id=program.organization_id, symbol="USD")

    def test_does_not_see_programs_of_another_organization(
        self, session: Session, program: Program, other_program: Program
    ) -> None:
        found = program_by_reference(session, organization_id=program.organization_id, reference="demo")
        assert found.id == program.id
        with pytest.raises(ProgramNotFound):
            program_by_reference(session, organization_id=program.organization_id, reference=other_program.public_id)


class TestBudgetsAndPartners:
    def test_refuses_a_second_budget_of_one_name(self, session: Session, program: Program, now: datetime) -> None:
        given = {"program_id": program.id, "external_id": "B2026", "currency": "EUR", "now": now}
        create_budget(session, organization_id=program.organization_id, **given)
        with pytest.raises(ExternalIdTaken):
            create_budget(session, organization_id=program.organization_id, **given)

    def test_knows_a_partner_again_by_the_senders_number(
        self, session: Session, program: Program, now: datetime
    ) -> None:
        given = {"organization_id": program.organization_id, "external_id": "H10", "now": now}
        first = ensure_partner(session, name="Müller Solar", **given)
        assert ensure_partner(session, name="Mueller Solar", **given).id == first.id


def organization(session: Session, now: datetime, **changed: Any) -> Organization:
    given = {"external_id": "acme", "name": "Acme", "functional_currency": "EUR", "time_zone": "Europe/Berlin"}
    return create_organization(session, **{**given, **changed}, now=now)


def make(session: Session, home: Organization, now: datetime, **changed: Any) -> Program:
    given: dict[str, Any] = {
        "external_id": "club",
        "name": "Club",
        "unit": "STARS",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "locale": "de-DE",
        "rate_units": 100,
        "rate_minor": 100,
    }
    return create_program(session, organization=home, **{**given, **changed}, now=now)
