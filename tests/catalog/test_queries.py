import pytest
from sqlalchemy import event, select

from catalog import (
    Cost,
    FaceValueNotOffered,
    FixedDenomination,
    ItemNotAvailable,
    ItemNotFound,
    ItemState,
    OpenDenomination,
    Visibility,
    get_item,
    get_items_by_id,
    get_orderable_item,
    item_cost,
)
from catalog import visibility as catalog_visibility
from catalog.tables import item
from tests.catalog.samples import BOOK, CAFE, WORLD, like

STRANGE_IDS = ["", "itm_none", "\0", "'; DROP TABLE item --", "x" * 10_000, "\ud800", "%"]


def public_id_of(connection, key: int) -> str:
    return connection.scalar(select(item.c.public_id).where(item.c.id == key))


class TestGetItem:
    def test_finds_what_is_not_available_too(self, connection, fill):
        keys = fill(like(BOOK, "B", state=ItemState.UNAVAILABLE))
        found = get_item(connection, public_id=public_id_of(connection, keys["B"]))
        assert (found.id, found.state) == (keys["B"], ItemState.UNAVAILABLE)

    @pytest.mark.parametrize("public_id", STRANGE_IDS)
    def test_refuses_what_is_no_id(self, connection, public_id):
        with pytest.raises(ItemNotFound):
            get_item(connection, public_id=public_id)

    def test_shows_an_owners_item_to_its_owner_alone(self, connection, fill):
        keys = fill(BOOK, owner_key="org_1")
        public_id = public_id_of(connection, keys["BOOK"])
        assert (
            get_item(connection, public_id=public_id, visibility=Visibility(frozenset({"org_1"}))).owner_key == "org_1"
        )
        for visibility in (Visibility(), Visibility(frozenset({"org_2"}))):
            with pytest.raises(ItemNotFound):
                get_item(connection, public_id=public_id, visibility=visibility)

    def test_respects_both_lists(self, connection, fill):
        key = fill(BOOK)["BOOK"]
        public_id = public_id_of(connection, key)
        seen = [Visibility(only=[key]), Visibility(hidden=[]), Visibility(only=select(item.c.id))]
        unseen = [Visibility(only=[]), Visibility(hidden=[key]), Visibility(hidden=select(item.c.id))]
        assert all(get_item(connection, public_id=public_id, visibility=each).id == key for each in seen)
        for visibility in unseen:
            with pytest.raises(ItemNotFound):
                get_item(connection, public_id=public_id, visibility=visibility)

    def test_asks_for_a_long_list_as_a_statement(self, monkeypatch):
        monkeypatch.setattr(catalog_visibility, "ITEM_LIST_MAX", 1)
        with pytest.raises(AssertionError, match="as a select"):
            Visibility(only=[1, 2])


class TestGetItemsById:
    def test_keeps_the_order_asked_for(self, connection, fill):
        keys = fill(BOOK, CAFE)
        found = get_items_by_id(connection, [keys["CAFE"], 10**9, keys["BOOK"]])
        assert [each.supplier_reference for each in found] == ["CAFE", "BOOK"]

    def test_of_nothing_is_nothing(self, connection):
        assert get_items_by_id(connection, []) == []


class TestGetOrderableItem:
    def test_takes_one_statement(self, connection, fill):
        public_id = public_id_of(connection, fill(BOOK)["BOOK"])
        statements = []
        event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        found = get_orderable_item(connection, public_id=public_id, face_value_minor=2500)
        assert (found.face_value_minor, found.cost, found.currency) == (2500, Cost(2300, "USD"), "EUR")
        assert (found.public_id, found.supplier_reference, found.kind) == (public_id, "BOOK", "gift_card")
        assert len(statements) == 1

    @pytest.mark.parametrize(("face_value_minor", "cost_minor"), [(500, 478), (1001, 956), (5000, 4775)])
    def test_costs_a_share_of_an_open_face_value(self, connection, fill, face_value_minor, cost_minor):
        public_id = public_id_of(connection, fill(CAFE)["CAFE"])
        found = get_orderable_item(connection, public_id=public_id, face_value_minor=face_value_minor)
        assert found.cost == Cost(cost_minor, "USD")

    @pytest.mark.parametrize("face_value_minor", [499, 5001, 0, -1, 10**30])
    def test_refuses_a_face_value_not_offered(self, connection, fill, face_value_minor):
        public_id = public_id_of(connection, fill(CAFE)["CAFE"])
        with pytest.raises(FaceValueNotOffered, match=r"offered in 5.00–50.00 USD") as refused:
            get_orderable_item(connection, public_id=public_id, face_value_minor=face_value_minor)
        assert refused.value.face_value_minor == face_value_minor

    def test_refuses_what_the_supplier_does_not_offer_now(self, connection, fill):
        public_id = public_id_of(connection, fill(like(BOOK, "B", state=ItemState.UNAVAILABLE))["B"])
        with pytest.raises(ItemNotAvailable):
            get_orderable_item(connection, public_id=public_id, face_value_minor=1000)

    def test_sells_an_owners_item_to_its_owner_alone(self, connection, fill):
        public_id = public_id_of(connection, fill(BOOK, owner_key="org_1")["BOOK"])
        assert get_orderable_item(connection, public_id=public_id, face_value_minor=1000, owner_keys=["org_1"]).title
        with pytest.raises(ItemNotFound):
            get_orderable_item(connection, public_id=public_id, face_value_minor=1000, owner_keys=["org_2"])

    @pytest.mark.parametrize("public_id", STRANGE_IDS)
    def test_refuses_what_is_no_id(self, connection, public_id):
        with pytest.raises(ItemNotFound):
            get_orderable_item(connection, public_id=public_id, face_value_minor=1000)


class TestItemCost:
    def test_prefers_the_cost_of_a_fixed_denomination(self, connection, fill):
        both = like(WORLD, "BOTH", fixed=(FixedDenomination(300, 250, "EUR"),), open=OpenDenomination(100, 900, 9999))
        (found,) = get_items_by_id(connection, [fill(both)["BOTH"]])
        assert item_cost(found, 300) == Cost(250, "EUR")
        assert item_cost(found, 301) == Cost(301, "JPY")

    def test_refuses_a_face_value_not_offered(self, connection, fill):
        (found,) = get_items_by_id(connection, [fill(BOOK)["BOOK"]])
        with pytest.raises(FaceValueNotOffered, match=r"10.00, 25.00 EUR"):
            item_cost(found, 1500)
