"""How a program's codes look and last: its own choice, within what cannot be guessed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import BatchConflicts, CodeNotRecoverable, ShortCodeWorthTooMuch
from rewards_service.codes.format import normal_form
from rewards_service.codes.models import CodeBatch
from rewards_service.codes.operations import (
    CodeTerms,
    code_settings,
    create_batch,
    export_batch,
    issue_chunk,
    merge_codes,
    open_code,
    reissue_code,
    set_code_settings,
    split_code,
)
from rewards_service.codes.operations.setting import CodeSettingsUnusable
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import audit_of_object
from tests.codes.conftest import Desk
from tests.codes.test_wiping import run, spend
from tests.conftest import NOW


def change(desk: Desk, *, short: bool = False, **changes: object) -> None:
    settings = replace(code_settings(desk.program), **changes)
    set_code_settings(
        desk.session,
        program=desk.program,
        settings=settings,
        actor=SYSTEM,
        now=NOW,
        are_short_codes_meant=short,
    )


def batch(
    desk: Desk,
    *,
    now: datetime = NOW,
    units: int = 100,
    external_id: str = "B1",
    expires_at: datetime | None = None,
) -> CodeBatch:
    terms = CodeTerms(units, desk.program.points_unit, expires_at)
    return create_batch(
        desk.session, program=desk.program, external_id=external_id, count=2, terms=terms, actor=SYSTEM, now=now
    )


class TestSetCodeSettings:
    def test_is_as_it_always_was_until_it_is_changed(self, desk: Desk):
        settings = code_settings(desk.program)
        assert (settings.prefix, settings.symbols, settings.days, settings.copy_days) == ("", 16, None, 90)
        assert settings.bits == 75

    @pytest.mark.parametrize(
        "unusable",
        [
            {"symbols": 11},
            {"symbols": 15},
            {"symbols": 25},
            {"prefix": "A"},
            {"prefix": "ACMES"},
            {"prefix": "acme"},
            {"prefix": "HELL"},
            {"prefix": "A1"},
            {"prefix": "SEX"},
            {"days": 0},
            {"copy_days": -1},
        ],
    )
    def test_refuses_what_could_be_guessed_mistyped_or_is_no_number_of_days(self, desk: Desk, unusable):
        before = code_settings(desk.program)
        with pytest.raises(CodeSettingsUnusable) as refusal:
            change(desk, **unusable)
        assert [problem.pointer for problem in refusal.value.problems] == [f"/{next(iter(unusable))}"]
        assert code_settings(desk.program) == before

    def test_takes_short_codes_only_when_they_are_meant(self, desk: Desk):
        change(desk, symbols=12, short=True)
        assert code_settings(desk.program).bits == 55
        change(desk, days=30)
        with pytest.raises(CodeSettingsUnusable):
            change(desk, symbols=11, short=True)

    def test_refuses_short_codes_while_one_that_is_worth_much_can_be_used(self, desk: Desk):
        large = desk.issue(10_001)
        with pytest.raises(CodeSettingsUnusable) as refusal:
            change(desk, symbols=12, short=True)
        assert [problem.code for problem in refusal.value.problems] == ["short_code_worth_too_much"]
        change(desk, symbols=20)
        change(desk, symbols=16)
        split_code(desk.session, code=large.code, parts_units=[10_000, 1], vault=desk.vault, actor=SYSTEM, now=NOW)
        change(desk, symbols=12, short=True)

    def test_is_in_the_trail(self, desk: Desk):
        change(desk, prefix="ACME", symbols=20)
        desk.session.flush()
        (event,) = audit_of_object(
            desk.session,
            organization_id=desk.program.organization_id,
            object_type="program",
            object_id=desk.program.public_id,
        )
        assert event.detail == {"prefix": "ACME", "symbols": 20, "days": None, "copy_days": 90}


class TestShortCodes:
    """Of 12 symbols; 10,000 points are 100 euro."""

    @pytest.fixture(autouse=True)
    def program_of_short_codes(self, desk: Desk) -> None:
        change(desk, symbols=12, short=True)

    def test_are_worth_little(self, desk: Desk):
        assert len(normal_form(desk.issue(10_000).text.reveal())) == 12
        for ask in (lambda: desk.issue(10_001), lambda: batch(desk, units=10_001)):
            with pytest.raises(ShortCodeWorthTooMuch) as refusal:
                ask()
            assert [problem.pointer for problem in refusal.value.problems] == ["/value_units"]

    def test_of_a_promise_are_worth_as_little(self, desk: Desk):
        promise = desk.program.promise_unit
        assert promise is not None
        terms = CodeTerms(10_001, promise)
        with pytest.raises(ShortCodeWorthTooMuch):
            create_batch(
                desk.session, program=desk.program, external_id="B1", count=1, terms=terms, actor=SYSTEM, now=NOW
            )

    def test_are_no_longer_short_where_the_batch_was_asked_for_before_they_were(self, desk: Desk):
        change(desk, symbols=16)
        asked = batch(desk, units=10_001)
        change(desk, symbols=12, short=True)
        issue_chunk(desk.session, batch=asked, chunk=1, issued=0, vault=desk.vault, actor=SYSTEM, now=NOW)
        exported = export_batch(desk.session, batch=asked, vault=desk.vault, now=NOW)
        assert {len(normal_form(each.text.reveal())) for each in exported} == {16}

    def test_that_are_merged_into_much_become_a_longer_one(self, desk: Desk):
        codes = [desk.issue(6_000).code for _ in range(2)]
        merged = merge_codes(desk.session, codes=codes, vault=desk.vault, actor=SYSTEM, now=NOW)
        assert len(normal_form(merged.text.reveal())) == 16
        assert desk.value(merged.code).usable_units == 12_000


class TestCodesOfAProgram:
    @pytest.mark.parametrize(("prefix", "symbols"), [("", 24), ("AC", 16), ("ACM", 13), ("ACME", 20)])
    def test_have_its_prefix_and_its_length_and_are_accepted(self, desk: Desk, prefix, symbols):
        old = desk.issue()
        change(desk, prefix=prefix, symbols=symbols, short=True)
        new = desk.issue().text.reveal()
        assert new.startswith(prefix)
        assert len(normal_form(new)) == len(prefix) + symbols
        for text in (new, new.lower(), new.replace("-", " "), old.text.reveal()):
            assert check_code(desk.session, text=text, vault=desk.vault, now=NOW).value.usable_units == 100

    def test_are_like_that_in_a_batch_and_when_reissued(self, desk: Desk):
        old = desk.issue()
        change(desk, prefix="ACME", symbols=20)
        asked = batch(desk)
        issue_chunk(desk.session, batch=asked, chunk=1, issued=0, vault=desk.vault, actor=SYSTEM, now=NOW)
        exported = export_batch(desk.session, batch=asked, vault=desk.vault, now=NOW)
        new = reissue_code(desk.session, code=old.code, vault=desk.vault, actor=SYSTEM, reason="lost", now=NOW)
        texts = [*(each.text.reveal() for each in exported), new.text.reveal()]
        assert [len(normal_form(text)) for text in texts] == [24, 24, 24]
        assert all(text.startswith("ACME-") for text in texts)

    def test_end_when_the_program_says_unless_they_have_an_end_of_their_own(self, desk: Desk):
        desk.program.time_zone = "Europe/Berlin"
        change(desk, days=30)
        end = datetime(2026, 12, 21, 23, 0, tzinfo=UTC)
        assert desk.issue().code.expires_at == end
        assert desk.issue(expires_at=NOW + timedelta(days=3)).code.expires_at == NOW + timedelta(days=3)
        assert batch(desk).expires_at == end

    def test_of_a_batch_that_is_told_again_later_are_the_same(self, desk: Desk):
        change(desk, days=30)
        first = batch(desk)
        for days in (30, 31, None):
            change(desk, days=days)
            assert batch(desk, now=NOW + timedelta(days=2)) == first

    def test_of_a_batch_are_the_same_when_the_end_that_they_have_is_asked_for(self, desk: Desk):
        change(desk, days=30)
        first = batch(desk)
        assert batch(desk, expires_at=first.expires_at) == first
        with pytest.raises(BatchConflicts):
            batch(desk, expires_at=first.expires_at + timedelta(days=1))

    def test_of_a_batch_are_others_without_the_end_that_was_asked_for(self, desk: Desk):
        change(desk, days=30)
        end = batch(desk).expires_at
        ended = batch(desk, external_id="B2", expires_at=end)
        change(desk, days=31)
        assert batch(desk, external_id="B2", expires_at=end) == ended
        with pytest.raises(BatchConflicts):
            batch(desk, external_id="B2")

    def test_are_sent_again_for_as_long_as_the_program_says(self, desk: Desk):
        change(desk, copy_days=0)
        used, unused = desk.issue(), desk.issue()
        spend(desk, used.code)
        run(desk, at=NOW)
        assert open_code(desk.session, code=unused.code, vault=desk.vault) == unused.text
        with pytest.raises(CodeNotRecoverable):
            open_code(desk.session, code=used.code, vault=desk.vault)
