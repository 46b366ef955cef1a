"""R3, R5: a code is spent once, a hold is resolved once, and nothing is refunded that was not taken."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from rewards_service.kit.jobs.models import Job
from rewards_service.ledger.models import Hold, Lot
from rewards_service.orders.models import Order
from tests.support.crew import Play, rounds

NOBODY_HAD_ENOUGH = {"insufficient_value", "code_not_usable"}


@pytest.fixture
def item(arrange) -> str:
    """The public id of an item with more stock than anybody needs."""

    def scene(shop):
        item = shop.item()
        shop.stock(item, vouchers=2000)
        return item.public_id

    return arrange(scene)


def tally(outcomes) -> Counter:
    broken = [outcome.told for outcome in outcomes if outcome.kind == "broken"]
    assert broken == []
    return Counter("ok" if outcome.is_ok else outcome.told for outcome in outcomes)


class TestSpendingOneCodeAtOnce:
    """R3: twenty parallel redemptions by four processes; exactly as many win as the code covers."""

    def test_is_done_as_often_as_it_covers(self, players, arrange, look, books, item) -> None:
        for number in range(rounds("R3")):
            code = arrange(lambda shop: shop.code(7000))
            plays = [
                Play("order", {"item_id": item, "external_id": f"R{number}-{player}", "codes": [code]})
                for player in range(20)
            ]
            counted = tally(players.play(plays))
            assert counted.pop("ok") == 2, f"round {number}"
            assert counted.keys() <= NOBODY_HAD_ENOUGH
        held = look(lambda shop: shop.session.scalar(select(func.sum(Hold.units))))
        assert held == rounds("R3") * 5000
        assert books() == []

    def test_is_one_order_when_it_is_the_same_order(self, players, arrange, look, books, item) -> None:
        for number in range(rounds("R6")):
            code = arrange(lambda shop: shop.code(9000))
            plays = [Play("order", {"item_id": item, "external_id": f"SAME-{number}", "codes": [code]})] * 20
            outcomes = players.play(plays)
            assert tally(outcomes) == {"ok": 20}
            assert len({outcome.told for outcome in outcomes}) == 1
        assert look(lambda shop: shop.session.scalar(select(func.count(Order.id)))) == rounds("R6")
        assert books() == []


class TestSpendingManyTogether:
    """Overlapping sets of codes in any order: all or none, no deadlock, nothing lost."""

    def test_keeps_every_unit(self, players, arrange, look, books, item, chance) -> None:
        for number in range(rounds("R4")):
            codes = arrange(lambda shop: [shop.code(1700, days=days) for days in (5, 5, 9, 20, 20, 400)])
            plays = [
                Play(
                    "order",
                    {"item_id": item, "external_id": f"M{number}-{player}", "codes": chance.sample(codes, 3)},
                )
                for player in range(20)
            ]
            counted = tally(players.play(plays))
            assert 1 <= counted.pop("ok") <= 4
            assert counted.keys() <= NOBODY_HAD_ENOUGH
            total = look(lambda shop: shop.session.scalar(select(func.sum(Lot.units_available + Lot.units_held))))
            assert total == (number + 1) * 6 * 1700
        assert books() == []


class TestResolvingOneOrderAtOnce:
    """R5: ten parallel refunds, voids, captures and cancellations of one order."""

    def test_resolves_a_hold_once(self, players, arrange, look, books, item, chance) -> None:
        for number in range(rounds("R5")):
            code = arrange(lambda shop: shop.code(2500))
            (placed,) = players.play([Play("order", {"item_id": item, "external_id": f"H{number}", "codes": [code]})])
            line_id = look(lambda shop, public_id=placed.told: line_of(shop, public_id))
            plays = [Play("fulfil", {"order_line_id": line_id}), Play("cancel", {"public_id": placed.told})] * 5
            chance.shuffle(plays)
            outcomes = players.play(plays)
            assert tally(outcomes).keys() <= {"ok", "order_not_cancellable", "order_already_cancelled"}
            cancelled = [o for o in outcomes if o.is_ok and o.told == "cancelled"]
            hold = look(lambda shop, reference=placed.told: hold_of(shop, reference))
            assert (hold.state, hold.captured_units) in {("captured", 2500), ("voided", 0)}
            assert bool(cancelled) == (hold.state == "voided")
        assert books() == []

    def test_names_every_second_try_below_the_states_of_orders(self, players, arrange, look, item, chance) -> None:
        for number in range(rounds("R5")):
            code = arrange(lambda shop: shop.code(2500))
            (placed,) = players.play([Play("order", {"item_id": item, "external_id": f"L{number}", "codes": [code]})])
            plays = [Play(move, {"line_ref": f"{placed.told}/1"}) for move in ("void", "capture")] * 5
            chance.shuffle(plays)
            assert tally(players.play(plays)) == {"ok": 1, "hold_already_resolved": 9}

    def test_never_refunds_more_than_was_taken(self, players, arrange, look, books, item, chance) -> None:
        for number in range(rounds("R5")):
            codes = arrange(lambda shop: [shop.code(1000, days=5), shop.code(1500, days=9)])
            (placed,) = players.play([Play("order", {"item_id": item, "external_id": f"F{number}", "codes": codes})])
            line_id = look(lambda shop, public_id=placed.told: line_of(shop, public_id))
            players.play([Play("fulfil", {"order_line_id": line_id})])
            parts = [chance.choice([None, 600, 1100, 2500]) for _ in range(10)]
            outcomes = players.play(
                [Play("refund", {"public_id": placed.told, "face_value_minor": part}) for part in parts]
            )
            assert tally(outcomes).keys() <= {"ok", "refund_exceeds_capture", "line_already_refunded"}
            given_back = sum(outcome.told for outcome in outcomes if outcome.is_ok)
            assert 0 < given_back <= 2500
            refunded = look(lambda shop, public_id=placed.told: refunded_of(shop, public_id))
            assert refunded == given_back
        assert books() == []


def line_of(shop, public_id: str) -> int:
    """The key of the first line, by the job that waits for it."""
    order_id = shop.session.scalar(select(Order.id).where(Order.public_id == public_id))
    payloads = shop.session.scalars(select(Job.payload).order_by(Job.id.desc()).limit(1)).all()
    assert order_id is not None
    return payloads[0]["order_line_id"]


def hold_of(shop, reference: str) -> Hold:
    return shop.session.scalars(select(Hold).where(Hold.source_ref == f"{reference}/1")).one()


def refunded_of(shop, reference: str) -> int:
    return shop.session.scalar(select(func.sum(Hold.refunded_units)).where(Hold.source_ref == f"{reference}/1"))
