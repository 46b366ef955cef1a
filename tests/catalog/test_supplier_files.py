import json

import pytest

from catalog import CatalogFileRefused, FixedDenomination, ItemState, OpenDenomination, read_catalog
from tests.catalog.samples import FILES


def changed(name: str, old: str, new: str) -> bytes:
    text = (FILES / name).read_text(encoding="utf8")
    assert old in text
    return text.replace(old, new).encode()


def problems_of(content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(CatalogFileRefused) as refused:
        read_catalog(content)
    return [(problem.row, problem.field, problem.code) for problem in refused.value.problems]


class TestReadTango:
    def test_reads_what_is_digital_and_carried(self):
        file = read_catalog((FILES / "tango.json").read_bytes())
        assert file.shape == "tango"
        assert [draft.supplier_reference for draft in file.drafts] == ["U100001", "U100002", "U200001"]
        assert [(note.row, note.code) for note in file.passed_over] == [(3, "not_digital"), (4, "type_not_carried")]

    def test_takes_texts_from_the_brand_as_plain_text(self):
        draft = read_catalog((FILES / "tango.json").read_bytes()).drafts[0]
        assert draft.description == "Millions of items."
        assert draft.terms == "Restrictions apply.\n\n- No refunds\n\n- Tom & Jerry\n\nSee the site."
        assert draft.how_to_use == "- Open the site\n- Type the code"
        assert draft.image_reference == "https://img.example/1200.png"
        assert (draft.brand, draft.title, draft.category) == ("Riverbank", "Riverbank eGift", "Gift cards")
        assert draft.countries == ("GB", "IE")

    def test_counts_amounts_in_smallest_units_of_each_currency(self):
        pounds, yen, dollars = read_catalog((FILES / "tango.json").read_bytes()).drafts
        assert pounds.open == OpenDenomination(1, 100_000)
        assert yen.fixed == (FixedDenomination(3000, 3000, "JPY"),)
        assert dollars.open == OpenDenomination(500, 100_000)

    def test_is_available_when_item_and_brand_are_active(self):
        states = [draft.state for draft in read_catalog((FILES / "tango.json").read_bytes()).drafts]
        assert states == [ItemState.AVAILABLE, ItemState.UNAVAILABLE, ItemState.UNAVAILABLE]

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            (
                '"valueType": "VARIABLE_VALUE", "rewardType": "cash',
                '"rewardType": "cash',
                (5, "valueType", "value_unknown"),
            ),
            ('"minValue": 0.01', '"minValue": 0.001', (1, "minValue", "amount_precision")),
            ('"faceValue": 3000', '"faceValue": 3000.5', (2, "faceValue", "amount_precision")),
            ('"brandName": "Promo Prepaid"', '"brandName": null', (5, "brand.brandName", "missing")),
            ('"currencyCode": "GBP"', '"currencyCode": "GBX"', (1, "currencyCode", "currency_unknown")),
            ('"countries": ["GB", "IE"]', '"countries": {"GB": 1}', (1, "countries", "list_expected")),
        ],
    )
    def test_names_what_is_wrong(self, old, new, problem):
        assert problem in problems_of(changed("tango.json", old, new))

    def test_names_brands_that_are_none(self):
        assert problems_of(b'{"brands": [7, {"items": ["x"]}]}') == [
            (1, "brands", "object_expected"),
            (1, "items", "object_expected"),
        ]

    def test_reads_pictures_of_unknown_sizes_and_none(self):
        brands = json.loads((FILES / "tango.json").read_text(encoding="utf8"))
        brands["brands"][0]["imageUrls"] = {"large": "https://img.example/large.png"}
        brands["brands"][1]["imageUrls"] = None
        drafts = read_catalog(json.dumps(brands).encode()).drafts
        assert [drafts[0].image_reference, drafts[2].image_reference] == ["https://img.example/large.png", None]


class TestReadReloadly:
    def test_reads_products(self):
        file = read_catalog((FILES / "reloadly.json").read_bytes())
        pets, flowers, games = file.drafts
        assert (file.shape, [draft.supplier_reference for draft in file.drafts]) == ("reloadly", ["1", "13960", "310"])
        assert (pets.title, pets.brand, pets.category) == ("Pet Supplies", "Pet Supplies", "Fashion and Retails")
        assert (pets.countries, flowers.countries, games.countries) == (("US",), ("KW",), ())
        assert (pets.how_to_use, flowers.how_to_use, games.how_to_use) == (
            "Visit the website and enter the code at checkout.",
            "Enter online",
            "",
        )
        assert (pets.image_reference, flowers.image_reference) == ("https://img.example/b.png", None)
        assert [draft.state for draft in file.drafts] == ["available", "available", "unavailable"]

    def test_costs_what_the_map_says_in_the_senders_currency(self):
        pets = read_catalog((FILES / "reloadly.json").read_bytes()).drafts[0]
        assert pets.fixed == (FixedDenomination(2500, 2310, "EUR"), FixedDenomination(5000, 4620, "EUR"))

    def test_takes_the_discount_off_where_no_cost_is_named(self):
        _, flowers, games = read_catalog((FILES / "reloadly.json").read_bytes()).drafts
        assert flowers.open == OpenDenomination(125, 100_000, 9587)
        assert games.fixed == (FixedDenomination(999, 950, "USD"), FixedDenomination(2000, 1940, "USD"))

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"totalElements": 3', '"totalElements": 500', (0, "totalElements", "file_incomplete")),
            ('"isoName": "kw"', '"isoName": "??"', (2, "country.isoName", "country_unknown")),
            ('"country": {"isoName": "kw"}', '"country": null', (2, "country.isoName", "country_unknown")),
            ("[50.0, 25.0]", "[50.0, -25.0]", (1, "fixedRecipientDenominations", "amount_too_small")),
            ('{"25.00": 23.10}', '{"25.00": "?"}', (1, "fixedRecipientToSenderDenominationsMap", "amount_invalid")),
            ('{"25.00": 23.10}', '"none"', (1, "fixedRecipientToSenderDenominationsMap", "object_expected")),
            ('"discountPercentage": 3,', '"discountPercentage": -3,', (3, "discountPercentage", "percent_invalid")),
            ('"denominationType": "RANGE"', '"denominationType": "ANY"', (2, "denominationType", "value_unknown")),
        ],
    )
    def test_names_what_is_wrong(self, old, new, problem):
        assert problem in problems_of(changed("reloadly.json", old, new))

    def test_reads_a_file_that_does_not_count_itself(self):
        assert len(read_catalog(changed("reloadly.json", '"totalElements": 3,', "")).drafts) == 3

    def test_names_products_that_are_none(self):
        assert problems_of(b'{"content": [7]}') == [(1, "content", "object_expected")]
