"""Vouchers come in: sealed, once, and with what they cost."""

import base64

import pytest
from sqlalchemy import inspect, select, text

from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.crypto import Vault, new_key_ring, with_new_key
from rewards_service.ledger.accounts import supplier_owner
from rewards_service.ledger.models import Account, Entry, Posting
from rewards_service.stock.errors import ItemNotStockable, ThresholdUnusable, TooManyRows
from rewards_service.stock.models import StockItem, Voucher
from rewards_service.stock.operations import importing, set_low_stock_threshold
from rewards_service.stock.queries import stock_breaks, stock_item_of, stock_levels

HEADER = ["number", "pin", "value", "cost", "vat", "expires"]


def postings(session) -> list[tuple[str, str, int]]:
    """Every posting as (debit, credit, units)."""
    names = dict(session.execute(select(Account.id, Account.book_name)).all())
    rows = session.scalars(select(Posting).order_by(Posting.id))
    return [(names[row.debit_account_id], names[row.credit_account_id], row.units) for row in rows]


class TestImportStock:
    def test_keeps_what_they_cost_against_what_the_supplier_is_owed(self, shop) -> None:
        done = shop.stock(shop.item("Bookworld"), vouchers=10, cost="23.00")
        assert (done.rows, done.new, done.already_there, done.refused, done.cost_minor) == (10, 10, 0, [], 23000)
        assert postings(shop.session) == [("Assets:Stock:Bookworld", "Liabilities:Payables:Cardo-bookworld", 23000)]
        entry = shop.session.scalars(select(Entry)).one()
        assert (entry.kind, entry.source_type, entry.source_ref) == ("stock", "stock_import", done.import_id)

    def test_keeps_the_tax_apart(self, shop) -> None:
        shop.stock(shop.item("Cinema"), vouchers=5, cost="16.00", vat="3.04")
        assert sorted(postings(shop.session)) == [
            ("Assets:Stock:Cinema", "Liabilities:Payables:Cardo-cinema", 8000),
            ("Assets:Vat:Input", "Liabilities:Payables:Cardo-cinema", 1520),
        ]

    def test_owes_a_supplier_whose_name_no_book_can_carry(self, shop) -> None:
        shop.stock(shop.item("卡", supplier="供应商"), vouchers=1, cost="20.00")
        ((stock, owed, units),) = postings(shop.session)
        assert stock.startswith("Assets:Stock:ITM-")
        assert (owed, units) == (f"Liabilities:Payables:{supplier_owner('供应商')}", 2000)

    def test_posts_nothing_for_what_cost_nothing(self, shop) -> None:
        done = shop.stock(shop.item(), vouchers=2, cost="0")
        assert (done.new, postings(shop.session)) == (2, [])

    def test_changes_nothing_the_second_time(self, shop) -> None:
        item = shop.item()
        rows = [HEADER, ["A-1", "1", "25", "23", "", "2027-12-31"], ["A-2", "2", "25", "23", "", ""]]
        first, again = shop.import_rows(item, rows), shop.import_rows(item, rows)
        assert (first.new, again.new, again.already_there) == (2, 0, 2)
        assert (again.import_id, again.cost_minor) == (None, 0)
        assert len(postings(shop.session)) == 1

    def test_takes_only_what_is_new_of_a_longer_file(self, shop) -> None:
        item = shop.item()
        rows = [HEADER, ["A1", "1", "25", "23", "", ""]]
        shop.import_rows(item, rows)
        done = shop.import_rows(item, [*rows, ["A2", "2", "25", "20", "", ""]])
        assert (done.new, done.already_there, done.cost_minor) == (1, 1, 2000)

    @pytest.mark.parametrize(
        "change", [["B-1", "9", "25"], ["B-1", "1", "50"], ["b1", "1", "25", "", "", "2028-01-01"]]
    )
    def test_refuses_a_number_that_is_there_with_other_content(self, shop, change) -> None:
        item = shop.item()
        shop.import_rows(item, [HEADER, ["B-1", "1", "25", "", "", ""]])
        done = shop.import_rows(item, [HEADER, [*change, *[""] * (6 - len(change))]])
        assert [(row.line, row.column, row.code) for row in done.refused] == [(2, "number", "number_in_stock")]
        assert done.new == 0

    def test_takes_good_rows_and_names_bad_ones_in_the_order_of_the_file(self, shop) -> None:
        item = shop.item()
        shop.import_rows(item, [HEADER, ["C9", "", "25", "", "", ""]])
        done = shop.import_rows(
            item, [HEADER, ["C1", "", "24", "", "", ""], ["C9", "1", "25", "", "", ""], ["C3", "", "25", "", "", ""]]
        )
        assert [(row.line, row.code) for row in done.refused] == [(2, "face_value_not_offered"), (3, "number_in_stock")]
        assert (done.rows, done.new) == (3, 1)

    def test_finds_a_duplicate_after_the_look_up_key_was_rotated(self, shop) -> None:
        item, ring = shop.item(), new_key_ring()
        rows = [HEADER, ["A1", "1", "25", "", "", ""]]
        shop.vault = Vault(ring)
        shop.import_rows(item, rows)
        shop.vault = Vault(with_new_key(ring, "lookup"))
        assert shop.import_rows(item, rows).already_there == 1

    def test_keeps_no_number_and_no_pin_in_clear(self, shop) -> None:
        number, pin = "6035CANARY7110PLUMAGE", "4711CANARYPIN"
        shop.import_rows(shop.item(), [HEADER, [number, pin, "25", "", "", ""]])
        dump = everything_in(shop.session)
        for secret in (number, pin):
            for form in (secret, secret[::-1], secret.encode().hex(), base64.b64encode(secret.encode()).decode()):
                assert form.lower() not in dump.lower()
        assert "MAGE" in dump

    def test_keeps_two_organizations_apart(self, shop, other_program) -> None:
        item = shop.item()
        content = b"number;value\nA1;25\n"
        mine, theirs = shop.import_bytes(item, content), shop.import_bytes(item, content, program=other_program)
        assert (mine.new, theirs.new) == (1, 1)
        owners = shop.session.execute(select(Voucher.organization_id).order_by(Voucher.organization_id)).scalars().all()
        assert owners == sorted([shop.program.organization_id, other_program.organization_id])

    def test_names_a_second_item_of_the_same_reference_by_its_id_in_the_books(self, shop) -> None:
        first, second = shop.item("Same!"), shop.item("Same?")
        shop.stock(first)
        shop.stock(second)
        owners = shop.session.scalars(select(StockItem.book_owner).order_by(StockItem.id)).all()
        assert owners == ["Same", second.public_id.upper().replace("_", "-")]

    def test_refuses_an_item_in_a_currency_that_is_not_kept(self, shop) -> None:
        with pytest.raises(ItemNotStockable):
            shop.stock(shop.item("Dollars", currency="USD", fixed=()))

    def test_refuses_a_kind_that_no_stock_is_kept_of(self, shop, monkeypatch) -> None:
        item = shop.item()
        monkeypatch.setattr(importing, "STOCKED_KINDS", frozenset())
        with pytest.raises(ItemNotStockable):
            shop.stock(item)

    def test_refuses_a_file_longer_than_one_transaction_takes(self, shop, monkeypatch) -> None:
        item = shop.item()
        monkeypatch.setattr(importing, "IMPORT_ROWS_MAX", 2)
        with pytest.raises(TooManyRows):
            shop.stock(item, vouchers=3)

    def test_says_who_imported_what(self, shop) -> None:
        done = shop.stock(shop.item(), vouchers=2, cost="20")
        shop.session.flush()
        (event,) = audit_of_object(
            shop.session,
            organization_id=shop.program.organization_id,
            object_type="stock_import",
            object_id=done.import_id,
        )
        assert (event.action, event.detail) == ("stock.imported", {"vouchers": 2, "cost_minor": 4000, "vat_minor": 0})


class TestStockLevels:
    def test_count_what_is_left_of_each_face_value(self, shop) -> None:
        item = shop.item()
        shop.stock(item, vouchers=12)
        shop.stock(item, vouchers=3, face_value_minor=5000)
        levels = stock_levels(shop.session, organization_id=shop.program.organization_id, today=shop.now.date())
        assert [(level.face_value_minor, level.available, level.is_low) for level in levels] == [
            (2500, 12, False),
            (5000, 3, True),
        ]


class TestStockBreaks:
    def test_are_none_while_the_books_agree(self, shop) -> None:
        shop.stock(shop.item(), vouchers=3, cost="20")
        assert stock_breaks(shop.session, organization_id=shop.program.organization_id) == []

    def test_name_the_item_whose_account_is_off(self, shop) -> None:
        shop.stock(shop.item("Bookworld"), vouchers=3, cost="20")
        shop.session.execute(
            text("UPDATE voucher SET cost_minor = cost_minor + 1 WHERE id = (SELECT min(id) FROM voucher)")
        )
        (found,) = stock_breaks(shop.session, organization_id=shop.program.organization_id)
        assert (found.book_owner, found.booked_minor, found.vouchers_minor) == ("Bookworld", 6000, 6001)


class TestSetLowStockThreshold:
    @pytest.mark.parametrize("threshold", [-1, 1_000_001])
    def test_refuses_what_is_no_threshold(self, shop, threshold) -> None:
        with pytest.raises(ThresholdUnusable):
            set_low_stock_threshold(
                shop.session, stock_item=stocked(shop), threshold=threshold, actor=SYSTEM, now=shop.now
            )

    def test_is_audited(self, shop) -> None:
        stock_item = stocked(shop)
        set_low_stock_threshold(shop.session, stock_item=stock_item, threshold=3, actor=SYSTEM, now=shop.now)
        assert stock_item.low_stock_threshold == 3


def stocked(shop) -> StockItem:
    """An item in stock."""
    item = shop.item()
    shop.stock(item)
    return stock_item_of(shop.session, organization_id=shop.program.organization_id, item_id=item.id)


def everything_in(session) -> str:
    """Every cell of every table as text; bytes as hexadecimal digits and as what they would be as Latin text."""
    cells = []
    for name in inspect(session.connection()).get_table_names():
        for row in session.execute(text(f'SELECT * FROM "{name}"')):
            cells += [
                f"{bytes(cell).hex()} {bytes(cell).decode('latin-1')}"
                if isinstance(cell, bytes | memoryview)
                else str(cell)
                for cell in row
            ]
    return "\n".join(cells)
