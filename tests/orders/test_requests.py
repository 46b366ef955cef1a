"""What is refused before any database is asked: shapes of lines, tenders, references and recipients."""

import pytest

from rewards_service.codes.errors import CodeMistyped
from rewards_service.kit.money import MINOR_MAX
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.policy import TENDERS_CODES_MAX, TENDERS_WALLETS_MAX, UNITS_MAX
from rewards_service.orders.recipients import OrderRecipient, usable_recipient
from rewards_service.orders.requests import (
    OrderRequest,
    PayByCode,
    PayByProvedCode,
    PayByWallet,
    WantedLine,
    require_usable_lines,
    require_usable_reference,
    require_usable_tenders,
)

CODE = "7K3Q-H2M9-XW4T-RBN3"


def problems(refusal) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in refusal.value.problems]


class TestRequireUsableLines:
    def test_lets_good_ones_pass(self) -> None:
        require_usable_lines([WantedLine("itm_1", 2500), WantedLine("itm_2", 1, UNITS_MAX - 1, {"colour": "red"})])

    @pytest.mark.parametrize("face", [0, -2500, 2500.0, MINOR_MAX + 1, True, None, "2500"])
    def test_refuses_a_face_value_that_is_none(self, face) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_lines([WantedLine("itm_1", face)])
        assert problems(refusal) == [("/lines/0/face_value_minor", "face_value_unusable")]

    @pytest.mark.parametrize(
        ("quantity", "code"),
        [
            (0, "quantity_unusable"),
            (-1, "quantity_unusable"),
            (1.0, "quantity_unusable"),
            (False, "quantity_unusable"),
            (UNITS_MAX + 1, "too_many_units"),
        ],
    )
    def test_refuses_a_quantity_that_is_none_or_too_large(self, quantity, code) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_lines([WantedLine("itm_1", 2500, quantity)])
        assert problems(refusal) == [("/lines/0/quantity", code)]

    def test_refuses_more_units_in_all_than_an_order_has(self) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_lines([WantedLine("itm_1", 2500, UNITS_MAX), WantedLine("itm_1", 5000)])
        assert problems(refusal) == [("/lines", "too_many_units")]

    @pytest.mark.parametrize("number", [0, 101])
    def test_refuses_none_and_too_many(self, number) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_lines([WantedLine("itm_1", 2500)] * number)
        assert problems(refusal) == [("/lines", "lines_unusable")]

    def test_refuses_details_that_are_too_long(self) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_lines([WantedLine("itm_1", 2500, details={"x": "y" * 4000})])
        assert problems(refusal) == [("/lines/0/details", "details_too_long")]


class TestRequireUsableTenders:
    def test_lets_good_ones_pass(self) -> None:
        require_usable_tenders([PayByWallet("wal_1", 5), PayByCode(CODE), PayByProvedCode(1)])

    @pytest.mark.parametrize("units", [0, -1, 1.5, True, MINOR_MAX + 1, "100"])
    def test_refuses_units_that_are_none(self, units) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_tenders([PayByWallet("wal_1", units)])
        assert problems(refusal) == [("/tenders/0/units", "units_unusable")]

    @pytest.mark.parametrize(
        ("tenders", "code"),
        [
            ([], "tenders_missing"),
            ([PayByWallet(f"wal_{number}") for number in range(TENDERS_WALLETS_MAX + 1)], "too_many_wallets"),
            ([PayByProvedCode(number) for number in range(TENDERS_CODES_MAX + 1)], "too_many_codes"),
        ],
    )
    def test_refuses_none_and_too_many(self, tenders, code) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_tenders(tenders)
        assert problems(refusal) == [("/tenders", code)]

    @pytest.mark.parametrize(
        "tenders",
        [
            [PayByWallet("wal_1"), PayByWallet("wal_1", 5)],
            [PayByCode(CODE), PayByCode(CODE.replace("-", "").lower())],
            [PayByProvedCode(1), PayByProvedCode(1)],
        ],
    )
    def test_refuses_one_that_is_there_already(self, tenders) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_tenders(tenders)
        assert problems(refusal) == [("/tenders/1", "tender_repeated")]

    def test_refuses_a_mistyped_code(self) -> None:
        with pytest.raises(CodeMistyped):
            require_usable_tenders([PayByCode(CODE[:-1] + "4")])


class TestRequireUsableReference:
    @pytest.mark.parametrize("external_id", ["", "x" * 101, "a\nb", "a\x00b"])
    def test_refuses_what_cannot_be_one(self, external_id) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            require_usable_reference(external_id)
        assert problems(refusal) == [("/external_id", "external_id_unusable")]


class TestUsableRecipient:
    def test_returns_addresses_in_their_one_spelling(self) -> None:
        given = OrderRecipient("Ana", " Ana@Example.com", "01511 2345678", "de")
        assert usable_recipient(given, region="DE") == OrderRecipient("Ana", "ana@example.com", "+4915112345678", "de")

    def test_names_everything_that_no_message_could_carry(self) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            usable_recipient(OrderRecipient("Ana\r\nBcc: x@y.z", "ana@@example", "12"), region=None)
        assert problems(refusal) == [
            ("/recipient/name", "name_unusable"),
            ("/recipient/email", "email_unusable"),
            ("/recipient/phone", "phone_unusable"),
        ]

    @pytest.mark.parametrize("name", ["Z\u200ded Ali", "Ali\u200creza", "O\u00adkonkwo"])
    def test_may_have_a_name_whose_letters_join_as_they_are_written(self, name) -> None:
        assert usable_recipient(OrderRecipient(name), region=None).name == name

    def test_has_no_name_that_turns_the_writing_around(self) -> None:
        with pytest.raises(OrderInvalid) as refusal:
            usable_recipient(OrderRecipient("Ana \u202eSoto"), region=None)
        assert problems(refusal) == [("/recipient/name", "name_unusable")]

    def test_may_be_nobody(self) -> None:
        assert usable_recipient(OrderRecipient(), region=None) == OrderRecipient()


class TestFingerprints:
    def test_do_not_depend_on_how_a_code_was_typed_or_the_order_of_tenders(self, vault) -> None:
        assert fingerprint(vault, PayByWallet("wal_1"), PayByCode(CODE)) == fingerprint(
            vault, PayByCode(CODE.lower()), PayByWallet("wal_1")
        )

    @pytest.mark.parametrize(
        "change",
        [
            {"lines": [WantedLine("itm_1", 2500, 2)]},
            {"lines": [WantedLine("itm_1", 2500, details={"a": 1})]},
            {"tenders": [PayByWallet("wal_1", 2500)]},
            {"recipient": OrderRecipient(email="ana@example.com")},
        ],
    )
    def test_differ_with_the_content(self, vault, change) -> None:
        same = {"external_id": "E1", "lines": [WantedLine("itm_1", 2500)], "tenders": [PayByWallet("wal_1")]}
        assert OrderRequest(**same).fingerprints(vault) != OrderRequest(**{**same, **change}).fingerprints(vault)


def fingerprint(vault, *tenders):
    return OrderRequest("E1", [WantedLine("itm_1", 2500)], tenders).fingerprints(vault)
