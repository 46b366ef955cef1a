"""Vouchers go out: each to one line, ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.crypto import SealBroken
from rewards_service.stock.errors import OutOfStock, VoucherNotFound
from rewards_service.stock.models import Voucher
from rewards_service.stock.operations import (
    hand_out_voucher,
    reveal_voucher,
    set_low_stock_threshold,
    void_vouchers_of_line,
)
from rewards_service.stock.policy import ALLOWED_MOVES, CONTENDED_MAX, VoucherState
from rewards_service.stock.queries import stock_item_of, voucher_of_line

HEADER = ["number", "pin", "value", "expires"]


@pytest.fixture
def item(shop):
    """An item without stock."""
    return shop.item()


@pytest.fixture
def lines(shop, item) -> list[int]:
    """The keys of lines that wait for a voucher each."""
    other = shop.item("Other")
    shop.stock(other, vouchers=8)
    wallet = shop.wallet((100_000, 60))
    placed = shop.order(other, wallet, quantity=8)
    return [line.id for line in placed.order.lines]


def hand_out(shop, item, line_id: int, **given):
    return hand_out_voucher(
        shop.session,
        item_id=item.id,
        order_line_id=line_id,
        **{
            "organization_id": shop.program.organization_id,
            "face_value_minor": 2500,
            "today": shop.now.date(),
            "now": shop.now,
            **given,
        },
    )


def low_events(shop) -> list[dict]:
    shop.session.flush()
    return list(shop.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "stock.low")))


class TestHandOutVoucher:
    def test_takes_the_one_that_ends_soonest(self, shop, item, lines) -> None:
        shop.import_rows(
            item, [HEADER, ["N1", "", "25", ""], ["N2", "", "25", "2027-05-01"], ["N3", "", "25", "2027-03-01"]]
        )
        numbers = [revealed(shop, hand_out(shop, item, line).public_id).number.reveal() for line in lines[:3]]
        assert numbers == ["N3", "N2", "N1"]

    def test_gives_out_each_once_and_then_says_so(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=2)
        given = {hand_out(shop, item, line).voucher_id for line in lines[:2]}
        assert len(given) == 2
        with pytest.raises(OutOfStock):
            hand_out(shop, item, lines[2])

    def test_does_not_give_out_what_is_over(self, shop, item, lines) -> None:
        shop.import_rows(item, [HEADER, ["N1", "", "25", "2026-11-21"]])
        with pytest.raises(OutOfStock):
            hand_out(shop, item, lines[0], today=shop.now.date() + timedelta(days=1))
        assert hand_out(shop, item, lines[0])

    def test_gives_no_other_face_value_and_nothing_of_others(self, shop, item, lines, other_program) -> None:
        shop.stock(item, face_value_minor=5000)
        with pytest.raises(OutOfStock):
            hand_out(shop, item, lines[0])
        with pytest.raises(OutOfStock):
            hand_out(shop, item, lines[0], face_value_minor=5000, organization_id=other_program.organization_id)

    def test_never_gives_a_line_a_second_one(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=2)
        hand_out(shop, item, lines[0])
        with pytest.raises(IntegrityError), shop.session.begin_nested():
            hand_out(shop, item, lines[0])

    def test_carries_what_it_cost(self, shop, item, lines) -> None:
        shop.stock(item, cost="22.22", vat="4.22")
        handed_out = hand_out(shop, item, lines[0])
        assert (handed_out.cost_minor, handed_out.vat_minor) == (2222, 422)


class TestLowStock:
    def test_is_told_once_when_the_threshold_is_met(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=12)
        events = [len(low_events(shop)) for line in lines[:5] if hand_out(shop, item, line)]
        assert events == [0, 1, 1, 1, 1]
        assert low_events(shop) == [{"face_value_minor": 2500, "available": 10, "threshold": 10}]

    def test_is_told_again_after_more_has_come(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=11)
        hand_out(shop, item, lines[0])
        shop.stock(item, vouchers=1)
        hand_out(shop, item, lines[1])
        assert len(low_events(shop)) == 2

    def test_stays_told_while_not_enough_has_come(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=6)
        hand_out(shop, item, lines[0])
        shop.stock(item, vouchers=2)
        hand_out(shop, item, lines[1])
        assert len(low_events(shop)) == 1

    def test_is_not_looked_for_closely_while_there_is_plenty(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=CONTENDED_MAX + 12)
        hand_out(shop, item, lines[0])
        assert low_events(shop) == []

    def test_is_never_told_with_a_threshold_of_zero(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=1)
        set_threshold(shop, item, 0)
        hand_out(shop, item, lines[0])
        assert low_events(shop) == []

    def test_is_counted_anew_when_the_threshold_changes(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=9)
        hand_out(shop, item, lines[0])
        set_threshold(shop, item, 5)
        for line in lines[1:4]:
            hand_out(shop, item, line)
        assert [event["available"] for event in low_events(shop)] == [8, 5]


class TestVoidVouchersOfLine:
    def test_ends_a_voucher_for_good(self, shop, item, lines) -> None:
        shop.stock(item, vouchers=1)
        hand_out(shop, item, lines[0])
        assert void_vouchers_of_line(shop.session, order_line_id=lines[0], now=shop.now) == 1
        assert void_vouchers_of_line(shop.session, order_line_id=lines[0], now=shop.now) == 0
        with pytest.raises(OutOfStock):
            hand_out(shop, item, lines[1])

    def test_leads_nowhere_back(self) -> None:
        assert not any(VoucherState.AVAILABLE in targets for targets in ALLOWED_MOVES.values())


class TestRevealVoucher:
    def test_returns_number_and_pin_as_they_came(self, shop, item, lines) -> None:
        shop.import_rows(item, [HEADER, ["60-35 77", "0815", "25", "2027-05-01"]])
        credentials = revealed(shop, hand_out(shop, item, lines[0]).public_id)
        assert (credentials.number.reveal(), credentials.pin.reveal()) == ("60-35 77", "0815")
        assert (credentials.expires_on.isoformat(), credentials.barcode_type) == ("2027-05-01", "none")

    def test_has_no_pin_and_no_end_where_there_is_none(self, shop, item, lines) -> None:
        shop.import_rows(item, [HEADER, ["N1", "", "25", ""]])
        credentials = revealed(shop, hand_out(shop, item, lines[0]).public_id)
        assert (credentials.pin, credentials.expires_on) == (None, None)

    def test_opens_no_secret_of_another_row(self, shop, item) -> None:
        shop.stock(item, vouchers=2)
        first, second = shop.session.scalars(select(Voucher).where(Voucher.item_id == item.id).order_by(Voucher.id))
        first.sealed_number = second.sealed_number
        with pytest.raises(SealBroken):
            reveal_voucher(shop.session, voucher=first, vault=shop.vault)


class TestVoucherOfLine:
    def test_is_refused_where_there_is_none(self, shop, lines) -> None:
        with pytest.raises(VoucherNotFound):
            voucher_of_line(shop.session, order_line_id=lines[0])


def revealed(shop, public_id: str):
    voucher = shop.session.scalars(select(Voucher).where(Voucher.public_id == public_id)).one()
    return reveal_voucher(shop.session, voucher=voucher, vault=shop.vault)


def set_threshold(shop, item, threshold: int) -> None:
    stock_item = stock_item_of(shop.session, organization_id=shop.program.organization_id, item_id=item.id)
    set_low_stock_threshold(shop.session, stock_item=stock_item, threshold=threshold, actor=SYSTEM, now=shop.now)
