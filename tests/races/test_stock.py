"""R9: a stock voucher is handed out once."""

from collections import Counter

from sqlalchemy import select

from rewards_service.kit.audit.models import AuditEvent
from rewards_service.stock.models import Voucher
from tests.support.crew import Play, crew, rounds

ASKED, IN_STOCK = 50, 30


class TestHandingOutAtOnce:
    def test_gives_thirty_vouchers_to_fifty_lines_once_each(self, stage, arrange, look) -> None:
        with crew(stage, processes=5, threads=10) as players:
            for number in range(rounds("R9")):
                item_id, line_ids = arrange(lambda shop, number=number: pool_and_lines(shop, number))
                plays = [Play("hand_out", {"item_id": item_id, "order_line_id": line_id}) for line_id in line_ids]
                outcomes = players.play(plays)
                assert [o.told for o in outcomes if o.kind == "broken"] == []
                assert Counter(o.kind for o in outcomes) == {"ok": IN_STOCK, "refused": ASKED - IN_STOCK}
                assert {o.told for o in outcomes if not o.is_ok} == {"out_of_stock"}
                assert len({o.told for o in outcomes if o.is_ok}) == IN_STOCK
                assert look(lambda shop, item_id=item_id: states_of(shop, item_id)) == {"issued": IN_STOCK}
        assert look(low_events) == rounds("R9")


def pool_and_lines(shop, number: int) -> tuple[int, list[int]]:
    """An item with thirty vouchers, and fifty lines that were promised something else."""
    item, other = shop.item(f"Pool{number}"), shop.item(f"Other{number}")
    shop.numbers = iter(range(number * 1000, number * 1000 + 999))
    shop.stock(item, vouchers=IN_STOCK)
    shop.stock(other, vouchers=ASKED)
    order = shop.order(other, shop.wallet((ASKED * 2500, 60)), quantity=ASKED).order
    return item.id, [line.id for line in order.lines]


def states_of(shop, item_id: int) -> Counter:
    return Counter(shop.session.scalars(select(Voucher.state).where(Voucher.item_id == item_id)))


def low_events(shop) -> int:
    return len(shop.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "stock.low")).all())
