"""Rows of a file become awards, each once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.earning.award_files.cells import RefusedRow
from rewards_service.earning.award_files.file import AwardFile, open_award_file
from rewards_service.earning.operations import ImportedRows, import_award_rows
from rewards_service.identity.models import Member
from rewards_service.identity.operations import register_member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.tabular import read_table
from rewards_service.programs.models import Partner, Program
from rewards_service.programs.operations import set_rate
from rewards_service.wallets.models import Award, Wallet
from rewards_service.wallets.operations import welcome_member
from tests.conftest import NOW
from tests.earning.files import GOOD, HABITS, award_file, with_cell
from tests.support.source import ROOT

LATER = NOW + timedelta(hours=1)


def imported(
    session: Session, program: Program, file: AwardFile, *, now: datetime = NOW, known: dict | None = None
) -> ImportedRows:
    return import_award_rows(
        session, program=program, file=file, rows=list(file.rows()), known=known or {}, actor=SYSTEM, now=now
    )


def outcome(done: ImportedRows) -> tuple[int, int, list[tuple[int, str]]]:
    return (done.new, done.already_there, sorted((row.line, row.code) for row in done.refused))


def only_award(session: Session) -> Award:
    return session.scalars(select(Award)).one()


def members(session: Session) -> list[tuple[str, str | None, str | None]]:
    return [(m.name, m.email, m.phone) for m in session.scalars(select(Member).order_by(Member.id))]


class TestImportAwardRows:
    def test_takes_an_erp_export_and_names_each_row_it_refuses(self, session: Session, program: Program):
        path = ROOT / "tests" / "data" / "awards" / "praemien.csv"
        file = open_award_file(read_table(path), name=path.name, habits=HABITS)

        done = imported(session, program, file)

        assert outcome(done) == (
            4,
            1,
            [
                (6, "currency_unknown"),
                (7, "amount_missing"),
                (8, "date_impossible"),
                (9, "amount_negative"),
                (10, "email_unusable"),
                (11, "external_id_conflict"),
            ],
        )
        assert done.notes == {"formula_kept_as_text": 1}
        assert done.new_units == 2500 + 193743 + 1000 + 500

    def test_tells_the_member_where_the_value_comes_from(self, session: Session, program: Program):
        imported(session, program, award_file(GOOD, name="october.csv"))

        award = only_award(session)
        assert (award.external_id, award.value_units, award.reason) == ("A-1", 2500, "Launch")
        assert award.source_row == "october.csv:2"
        assert award.earned_on == datetime(2026, 10, 30, 23, tzinfo=UTC)
        assert award.expires_at == datetime(2026, 12, 31, 23, tzinfo=UTC)

    def test_changes_nothing_the_second_time(self, session: Session, program: Program):
        file = award_file(GOOD, with_cell(0, "A-2"))
        imported(session, program, file)

        again = imported(session, program, file, now=NOW + timedelta(days=1))

        assert outcome(again) == (0, 2, [])
        assert session.scalar(select(func.count()).select_from(Award)) == 2

    def test_knows_an_award_again_though_the_rate_has_changed(self, session: Session, program: Program):
        imported(session, program, award_file(GOOD))
        set_rate(session, program=program, rate_units=200, rate_minor=100, valid_from=LATER)

        again = imported(session, program, award_file(GOOD), now=LATER)

        assert outcome(again) == (0, 1, [])

    @pytest.mark.parametrize(
        ("column", "text"),
        [
            (2, "ben@example.com"),
            (4, "Something else"),
            (5, "26,00"),
            (7, "30.10.2026"),
            (8, "30.12.2026"),
            (8, ""),
        ],
    )
    def test_refuses_a_known_reference_with_other_content(
        self, session: Session, program: Program, column: int, text: str
    ):
        imported(session, program, award_file(GOOD))
        changed = award_file(with_cell(column, text), with_cell(0, "A-2"))

        done = imported(session, program, changed)

        assert outcome(done) == (1, 0, [(2, "external_id_conflict")])
        assert [row.column for row in done.refused] == ["Reference"]

    def test_holds_the_rest_of_a_file_against_its_beginning(self, session: Session, program: Program):
        first = imported(session, program, award_file(GOOD))

        rest = imported(session, program, award_file(with_cell(5, "9,00")), known=first.contents)

        assert outcome(rest) == (0, 0, [(2, "external_id_conflict")])

    def test_lets_a_good_row_follow_a_refused_one_of_its_reference(self, session: Session, program: Program):
        done = imported(session, program, award_file(with_cell(5, "-1"), GOOD))

        assert outcome(done) == (1, 0, [(2, "amount_negative")])

    def test_makes_points_of_points(self, session: Session, program: Program):
        imported(session, program, award_file("A-1;ana@example.com;1.500", header="Ref;Email;Points"))

        assert only_award(session).value_units == 1500

    def test_makes_points_of_money_half_up_at_the_rate_in_force(self, session: Session, program: Program):
        set_rate(session, program=program, rate_units=1, rate_minor=10, valid_from=LATER)

        imported(session, program, award_file(with_cell(5, "0,25")), now=LATER)

        assert only_award(session).value_units == 3

    def test_refuses_what_is_worth_less_than_a_point_and_leaves_no_trace(self, session: Session, program: Program):
        set_rate(session, program=program, rate_units=1, rate_minor=1000, valid_from=LATER)

        done = imported(session, program, award_file(with_cell(5, "0,01")), now=LATER)

        assert [row.line for row in done.refused] == [2]
        assert (members(session), session.scalar(select(func.count()).select_from(Award))) == ([], 0)

    def test_refuses_value_that_has_ended_and_goes_on(self, session: Session, program: Program):
        ended = with_cell(8, "20.11.2026").replace("A-1", "A-0")

        done = imported(session, program, award_file(ended, GOOD))

        assert outcome(done) == (1, 0, [(2, "already_expired")])
        assert len(members(session)) == 1

    def test_notes_a_day_that_has_not_come(self, session: Session, program: Program):
        done = imported(session, program, award_file(with_cell(7, "22.11.2026")))

        assert done.notes == {"earned_in_the_future": 1}


class TestRecipients:
    def test_registers_whom_a_row_names(self, session: Session, program: Program):
        lines = ("1;ana@example.com;Ana;H10;Solar;de;5", "2;ana@example.com;Ana;H10;Solar;de;5")
        imported(session, program, award_file(*lines, header="Ref;Email;Name;Dealer no;Company;Language;Points"))

        member = session.scalars(select(Member)).one()
        partner = session.get_one(Partner, member.partner_id)
        assert (member.name, member.locale, partner.external_id, partner.name) == ("Ana", "de", "H10", "Solar")
        assert member.email_verified_at is None

    @pytest.mark.parametrize(("language", "locale"), [("nl-BE", "nl"), ("klingon", "en"), ("", "en")])
    def test_writes_to_people_in_a_language_that_exists(
        self, session: Session, program: Program, language: str, locale: str
    ):
        imported(
            session, program, award_file(f"1;a@example.com;Ana;{language};5", header="Ref;Email;Name;Language;Points")
        )

        assert session.scalars(select(Member.locale)).one() == locale

    def test_lets_value_wait_at_an_address_without_a_name(self, session: Session, program: Program):
        lines = ("1;+4915117982458;5", "2;+4915117982458;6")
        imported(session, program, award_file(*lines, header="Ref;Mobile;Points"))

        assert [(w.member_id, w.pending_address) for w in session.scalars(select(Wallet))] == [(None, "+4915117982458")]

    def test_knows_an_award_again_after_its_recipient_came(self, session: Session, program: Program):
        file = award_file("1;ana@example.com;5", header="Ref;Email;Points")
        imported(session, program, file)
        member = self.register(session, program, name="Ana", email="ana@example.com")
        before = imported(session, program, file)
        member.email_verified_at = NOW
        welcome_member(session, program=program, member=member, actor=SYSTEM, now=NOW)

        assert [outcome(before), outcome(imported(session, program, file))] == [(0, 1, []), (0, 1, [])]

    def test_finds_members_by_number_before_any_address(self, session: Session, program: Program):
        self.register(session, program, name="Ana", external_id="M1")
        self.register(session, program, name="Ben", email="ben@example.com")

        imported(session, program, award_file("1;M1;ben@example.com;5", header="Ref;Member id;Email;Points"))

        assert session.scalars(select(Member.name).join(Wallet)).all() == ["Ana"]

    def test_registers_a_number_that_is_new(self, session: Session, program: Program):
        imported(session, program, award_file("1;M1;5", header="Ref;Member id;Points"))

        assert session.scalars(select(Member.external_id)).all() == ["M1"]

    def test_finds_a_member_by_phone_who_has_no_email_yet(self, session: Session, program: Program):
        self.register(session, program, name="Ana", phone="+4915117982458")

        imported(session, program, award_file(GOOD))

        assert members(session) == [("Ana", None, "+4915117982458")]

    def test_does_not_take_a_shared_phone_for_a_person(self, session: Session, program: Program):
        self.register(session, program, name="Ben", email="ben@example.com", phone="+4915117982458")

        done = imported(session, program, award_file(GOOD, with_cell(0, "A-2")))

        assert members(session)[1:] == [("Ana Weiß", "ana@example.com", None)]
        assert done.notes == {"phone_of_another_member": 2}

    def test_does_not_look_into_other_programs(self, session: Session, program: Program, other_program: Program):
        self.register(session, other_program, name="Other Ana", email="ana@example.com")

        imported(session, program, award_file(GOOD))

        assert [name for name, _, _ in members(session)] == ["Other Ana", "Ana Weiß"]

    def test_forgets_who_was_registered_for_a_row_that_was_undone(self, session: Session, program: Program):
        ended = with_cell(8, "20.11.2026").replace("A-1", "A-0")

        imported(session, program, award_file(ended, GOOD, with_cell(0, "A-2")))

        assert session.scalar(select(func.count()).select_from(Award).join(Wallet).join(Member)) == 2

    def register(self, session: Session, program: Program, *, name: str, **facts: str) -> Member:
        return register_member(
            session,
            organization_id=program.organization_id,
            program_id=program.id,
            name=name,
            locale="en",
            now=NOW,
            **facts,
        )


class TestImportedRows:
    def test_adds_up(self):
        refusal = RefusedRow(2, "", "x", "", "")
        total = ImportedRows(new=1, new_units=5, already_there=1, contents={"a": ()})

        total.add(ImportedRows(new=2, new_units=6, already_there=3, refused=[refusal], contents={"b": ()}))

        assert (total.new, total.new_units, total.already_there, total.refused) == (3, 11, 4, [refusal])
        assert set(total.contents) == {"a", "b"}
