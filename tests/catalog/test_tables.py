import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from catalog.tables import brand, fixed_denomination, item, open_denomination

ROW = {
    "public_id": "itm_1",
    "supplier": "acme",
    "supplier_reference": "R",
    "kind": "gift_card",
    "title": "T",
    "description": "",
    "terms": "",
    "how_to_use": "",
    "currency": "EUR",
    "barcode_type": "none",
    "state": "available",
    "popularity": 0,
}


@pytest.fixture
def add(connection, now):
    def add_item(**changes):
        key = connection.execute(insert(brand).values(name="B", name_key=str(changes))).inserted_primary_key[0]
        moments = {"created_at": now, "updated_at": now}
        return connection.execute(
            insert(item).values(ROW | moments | {"brand_id": key} | changes)
        ).inserted_primary_key[0]

    return add_item


class TestItem:
    @pytest.mark.parametrize("owner_key", [None, "org_1"])
    def test_is_named_once_by_a_supplier_for_each_owner(self, add, owner_key):
        add(owner_key=owner_key)
        add(owner_key="org_2", public_id="itm_2")
        with pytest.raises(IntegrityError):
            add(owner_key=owner_key, public_id="itm_3")

    @pytest.mark.parametrize(
        "changes", [{"state": "lost"}, {"popularity": -1}, {"popularity": 2**24}, {"owner_key": ""}]
    )
    def test_refuses_what_it_cannot_be(self, add, changes):
        with pytest.raises(IntegrityError):
            add(**changes)

    def test_keeps_moments_in_utc(self, add, connection):
        there = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=5)))
        add(created_at=there)
        kept = connection.scalar(select(item.c.created_at))
        assert (kept, kept.tzinfo) == (there, UTC)


class TestDenominations:
    @pytest.mark.parametrize(
        "row",
        [
            {"face_value_minor": 0, "cost_minor": 1, "cost_currency": "EUR"},
            {"face_value_minor": 1, "cost_minor": -1, "cost_currency": "EUR"},
        ],
    )
    def test_refuse_amounts_that_are_none(self, add, connection, row):
        with pytest.raises(IntegrityError):
            connection.execute(insert(fixed_denomination).values(item_id=add(), **row))

    @pytest.mark.parametrize(
        "row",
        [
            {"min_minor": 5, "max_minor": 4, "cost_basis_points": 10000},
            {"min_minor": 0, "max_minor": 4, "cost_basis_points": 10000},
            {"min_minor": 1, "max_minor": 4, "cost_basis_points": 20001},
        ],
    )
    def test_refuse_ranges_that_are_none(self, add, connection, row):
        with pytest.raises(IntegrityError):
            connection.execute(insert(open_denomination).values(item_id=add(), **row))

    def test_never_keep_a_fraction(self, add, connection):
        add_row = text("INSERT INTO open_denomination VALUES (:item_id, '1.5', 2, 3)")
        with pytest.raises(DBAPIError):
            connection.execute(add_row, {"item_id": add()})


class TestPackage:
    def test_loads_nothing_of_the_application_and_no_flask(self):
        program = (
            "import catalog, sys; "
            "print(sorted({name.partition('.')[0] for name in sys.modules} & {'flask', 'werkzeug', 'rewards_service'}))"
        )
        loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert loaded.stdout.strip() == "[]"
