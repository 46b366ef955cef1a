"""An order as it is shown: who paid, by line and in all."""

from datetime import UTC, datetime

from rewards_service.orders.views import LineView, OrderView, TenderView

MOMENT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WALLET, CODE = TenderView("wal_1", "", "PTS", 1000, 100), TenderView("cod_1", "RBN3", "PTS", 1500, 0)


def line(number: int, *tenders: TenderView) -> LineView:
    return LineView(
        id=number,
        number=number,
        item_id="itm_1",
        kind="gift_card",
        title="Card",
        face_value_minor=2500,
        currency="EUR",
        price_units=2500,
        unit="PTS",
        margin_bp=0,
        rate_units=100,
        rate_minor=100,
        details={},
        state="held",
        state_reason=None,
        refunded_face_minor=0,
        revealed_at=None,
        tenders=tenders,
    )


class TestPayerView:
    def test_is_a_code_where_it_has_an_ending(self) -> None:
        assert (CODE.is_code, CODE.code_id, CODE.wallet_id, CODE.code_ending) == (True, "cod_1", None, "RBN3")

    def test_is_a_wallet_otherwise(self) -> None:
        assert (WALLET.is_code, WALLET.code_id, WALLET.wallet_id, WALLET.code_ending) == (False, None, "wal_1", None)


class TestOrderView:
    def test_adds_up_what_each_paid_and_got_back_in_the_order_of_use(self) -> None:
        order = OrderView(
            id=1,
            public_id="ord_1",
            external_id="E1",
            program_id=1,
            program_reference="prg_1",
            member_id=None,
            member_reference=None,
            state="processing",
            unit="PTS",
            total_units=5000,
            recipient_name=None,
            recipient_email=None,
            recipient_phone=None,
            placed_at=MOMENT,
            lines=[line(1, CODE, WALLET), line(2, WALLET)],
            timeline=[],
        )
        assert order.tenders == [CODE, TenderView("wal_1", "", "PTS", 2000, 200)]
