"""How the columns of a file are recognised."""

import pytest

from rewards_service.earning.award_files.aliases import Field, aliases, languages, normalise_name, read_header
from rewards_service.earning.award_files.columns import ColumnAmbiguous, ColumnsMissing, MappingUnusable, find_columns

GERMAN = ["Beleg-Nr.", "Händler-Nr.", "Firma", "Vorname", "Nachname", "E-Mail", "Mobil", "Aktion", "Menge", "Prämie"]


class TestReadHeader:
    def test_understands_german(self):
        reading = read_header(GERMAN)

        assert reading.language == "de"
        assert {field: GERMAN[index] for field, index in reading.columns.items()} == {
            Field.REFERENCE: "Beleg-Nr.",
            Field.PARTNER_NUMBER: "Händler-Nr.",
            Field.COMPANY: "Firma",
            Field.FIRST_NAME: "Vorname",
            Field.LAST_NAME: "Nachname",
            Field.EMAIL: "E-Mail",
            Field.PHONE: "Mobil",
            Field.REASON: "Aktion",
            Field.AMOUNT: "Prämie",
        }

    @pytest.mark.parametrize(
        ("header", "language"),
        [
            (["Reference", "Email address", "Award (EUR)"], "en"),
            (["Kenmerk", "E-mailadres", "Premie"], "nl"),
            (["Référence", "Courriel", "Prime"], "fr"),
            (["Referencia", "Correo electrónico", "Importe"], "es"),
            (["Riferimento", "Posta elettronica", "Importo"], "it"),
            (["Rujukan", "Emel", "Amaun"], "ms"),
            (["BELEG NR", "e-mail-adresse", "  PRÄMIE in EUR "], "de"),
        ],
    )
    def test_understands_the_same_in_every_language(self, header: list[str], language: str):
        reading = read_header(header)

        assert (reading.language, dict(reading.columns)) == (
            language,
            {Field.REFERENCE: 0, Field.EMAIL: 1, Field.AMOUNT: 2},
        )

    def test_takes_the_more_telling_of_two_names(self):
        assert read_header(["Datum", "Belegdatum"]).columns == {Field.EARNED_ON: 1}

    def test_finds_a_name_within_a_longer_one_that_says_nothing_else(self):
        assert read_header(["Email of the buyer", "Amount in EUR"]).columns == {Field.EMAIL: 0, Field.AMOUNT: 1}

    def test_does_not_guess_between_two_longer_names(self):
        assert read_header(["Email of the buyer", "Email of the seller"]).columns == {}

    def test_understands_nothing_of_nothing(self):
        assert read_header(["", "?"]).columns == {}


class TestAliases:
    def test_name_every_field_in_every_language(self):
        spoken = {(alias.field, alias.language) for known in aliases().values() for alias in known}

        assert spoken == {(field, language) for field in Field for language in languages()}

    def test_are_compared_without_case_accents_and_brackets(self):
        assert normalise_name(" Straße (Nº 1) ÉTÉ-2 ") == "strasse ete 2"


class TestFindColumns:
    def test_lets_what_is_given_go_before_any_guess(self):
        header = ["Reference", "Email", "Other email", "Amount"]

        assert find_columns(header, given={Field.EMAIL: "Other email"}).columns[Field.EMAIL] == 2

    def test_takes_a_column_away_from_the_guess(self):
        header = ["Reference", "Email", "Amount", "Bonus value"]

        columns = find_columns(header, given={Field.POINTS: "Amount"}).columns

        assert (columns[Field.POINTS], Field.AMOUNT in columns and columns[Field.AMOUNT]) == (2, False)

    def test_refuses_a_mapping_to_a_column_that_is_not_there(self):
        with pytest.raises(MappingUnusable, match=r"no column Mail\. It has: Reference, Email, Amount"):
            find_columns(["Reference", "Email", "Amount", ""], given={Field.EMAIL: "Mail"})

    def test_names_what_is_missing_and_lists_what_was_understood(self):
        with pytest.raises(ColumnsMissing) as refusal:
            find_columns(["Wert", "Menge", "Vorname"], given={})

        assert "reference; email or phone or address or member_number" in str(refusal.value)
        assert "Wert → amount, Vorname → first_name. Not used: Menge." in str(refusal.value)
        assert [problem.pointer for problem in refusal.value.problems] == ["/columns/reference", "/columns/email"]

    def test_says_so_where_nothing_was_understood(self):
        with pytest.raises(ColumnsMissing, match=r"Understood: nothing\. Not used: x\."):
            find_columns(["x"], given={})

    def test_refuses_a_needed_column_that_is_there_twice(self):
        with pytest.raises(ColumnAmbiguous, match="E-Mail"):
            find_columns(["Beleg", "E-Mail", "E-Mail", "Betrag"], given={})

    def test_does_not_mind_two_columns_that_nobody_needs(self):
        assert find_columns(["Beleg", "E-Mail", "Betrag", "x", "x"], given={}).columns[Field.AMOUNT] == 2
