"""The catalog over HTTP."""

import pytest

from rewards_service.kit.database import unit_of_work
from rewards_service.programs.operations import set_offer
from tests.api.client import pointers, problem
from tests.support.commerce import Commerce, open_denomination


@pytest.fixture
def item(shop):
    """An item with three face values."""
    return shop.item(reference="Coffeehouse", vouchers=0)


class TestSearchCatalog:
    def test_finds_items_with_prices_of_the_program(self, shop, program_api, item):
        (found,) = program_api.read("/catalog/items", q="coffee")["items"]
        assert (found["id"], found["kind"], found["currency"], found["available"]) == (item, "gift_card", "EUR", True)
        assert found["fixed"] == [
            {"face_value_minor": 1_000, "price_units": 1_000},
            {"face_value_minor": 2_500, "price_units": 2_500},
            {"face_value_minor": 5_000, "price_units": 5_000},
        ]
        assert found["open"] is None
        assert "cost_minor" not in str(found)

    def test_has_prices_only_where_a_program_is_named(self, api, item):
        (found,) = api.read("/catalog/items", q="coffee")["items"]
        assert {each["price_units"] for each in found["fixed"]} == {None}
        (found,) = api.read("/catalog/items", q="coffee", program_id="demo")["items"]
        assert {each["price_units"] for each in found["fixed"]} == {1_000, 2_500, 5_000}

    def test_counts_facets(self, program_api, item):
        facets = program_api.read("/catalog/items")["facets"]
        assert facets["total"] == 1
        assert facets["kind"] == [{"value": "gift_card", "count": 1, "title": None}]

    def test_narrows(self, program_api, item):
        assert program_api.read("/catalog/items", kind="gift_card", currency="EUR", min_minor=4_000)["items"]
        assert program_api.read("/catalog/items", min_minor=5_001)["items"] == []
        assert program_api.read("/catalog/items", max_minor=999)["items"] == []
        assert program_api.read("/catalog/items", currency="USD")["items"] == []
        assert program_api.read("/catalog/items", category="nothing")["items"] == []

    def test_goes_page_by_page_in_each_order(self, shop, program_api):
        names = {shop.item(vouchers=0) for _ in range(3)}
        for sort in ("popularity", "price", "price_desc", "title", "newest"):
            first = program_api.read("/catalog/items", sort=sort, limit=2)
            second = program_api.read("/catalog/items", sort=sort, limit=2, cursor=first["next_cursor"])
            assert {each["id"] for each in [*first["items"], *second["items"]]} == names
            assert second["next_cursor"] is None

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ({"sort": "cheapest"}, "/sort"),
            ({"country": "Germany"}, "/country"),
            ({"currency": "eur"}, "/currency"),
            ({"kind": "sofa"}, "/kind"),
            ({"min_minor": "-1"}, "/min_minor"),
            ({"max_minor": "1.5"}, "/max_minor"),
            ({"limit": "101"}, "/limit"),
            ({"cursor": "nonsense"}, "/cursor"),
            ({"q": "x" * 201}, "/q"),
            ({"q": "\x00"}, "/q"),
        ],
    )
    def test_names_the_parameter_that_cannot_be_used(self, program_api, query, pointer):
        assert pointer in pointers(problem(program_api.get("/catalog/items", **query), 422, "validation_failed"))

    @pytest.mark.parametrize("q", ["'; DROP TABLE item; --", '"', "*", "NEAR(a b)", "a AND", "咖啡", "%", "(", "^"])
    def test_survives_any_text(self, program_api, item, q):
        assert program_api.read("/catalog/items", q=q)["items"] == []

    def test_shows_what_the_program_shows(self, shop, program, program_api, item):
        with unit_of_work() as session:
            session.add(program)
            key = Commerce(session, program, shop.vault, shop.now).item("Hidden").id
            set_offer(session, program=program, item_id=key, is_visible=False, margin_bp=None)
        assert [each["id"] for each in program_api.read("/catalog/items")["items"]] == [item]
        assert len(shop.api.read("/catalog/items")["items"]) == 2


class TestReadItem:
    def test_shows_it_whole(self, shop, program_api, program):
        with unit_of_work() as session:
            session.add(program)
            commerce = Commerce(session, program, shop.vault, shop.now)
            item = commerce.item("Open", fixed=(), open=open_denomination())
            set_offer(session, program=program, item_id=item.id, is_visible=True, margin_bp=250)
        found = program_api.read(f"/catalog/items/{item.public_id}")
        assert found["open"] == {
            "min_minor": 500,
            "max_minor": 50_000,
            "min_price_units": 513,
            "max_price_units": 51_250,
        }

    def test_knows_nothing_else(self, program_api, item):
        problem(program_api.get("/catalog/items/itm_nothing"), 404, "not_found")
        problem(program_api.get(f"/catalog/items/{item}", program_id="other"), 404, "not_found")
