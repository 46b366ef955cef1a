"""What users of other reward systems complain about most, each as a story that must end well here."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from rewards_service.codes.entering import check_code
from rewards_service.codes.generation import generate_codes
from rewards_service.codes.guessing import record_guess, require_guesses_left
from rewards_service.codes.models import Code
from rewards_service.kit.crypto import KeyRing, Vault
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.errors import Refusal
from rewards_service.kit.signing import Signer
from rewards_service.kit.throttle import Caller
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.errors import AlreadyPosted, InsufficientValue, MirrorOverdraws
from rewards_service.ledger.queries import explain_lot, holder_statement, lots_of, trial_balance
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, refund_line
from rewards_service.wallets.jobs import expire_chunk
from rewards_service.wallets.models import Award
from rewards_service.wallets.operations import cancel_award, reverse_award
from rewards_service.wallets.queries import awards_by_reference
from tests.support.commerce import GUEST
from tests.support.crew import Play


@pytest.fixture
def item(arrange):
    """An item in stock."""

    def scene(shop):
        item = shop.item()
        shop.stock(item, vouchers=40)
        return item

    return arrange(scene)


def balance(shop, account_id: int) -> int:
    return stored_balances(shop.session, account_ids=[account_id])[account_id]


class TestComplaint1:
    """The same balance spent twice, in two tabs or by parallel calls."""

    def test_two_tabs_spend_a_balance_once(self, players, arrange, look, item, books) -> None:
        wallet_id, account_id = arrange(lambda shop: ids_of(shop.wallet((2500, 60))))
        plays = [
            Play("order", {"item_id": item.public_id, "external_id": f"TAB-{tab}", "wallets": [wallet_id]})
            for tab in range(20)
        ]
        outcomes = players.play(plays)
        assert sum(outcome.is_ok for outcome in outcomes) == 1
        assert {outcome.told for outcome in outcomes if not outcome.is_ok} == {"insufficient_value"}
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert books() == []

    def test_a_doubled_call_is_one_order(self, players, arrange, look, item) -> None:
        wallet_id, account_id = arrange(lambda shop: ids_of(shop.wallet((9000, 60))))
        play = Play("order", {"item_id": item.public_id, "external_id": "CLICK", "wallets": [wallet_id]})
        outcomes = players.play([play] * 20)
        assert len({outcome.told for outcome in outcomes}) == 1
        assert look(lambda shop: balance(shop, account_id)) == 6500


class TestComplaint2:
    """A refund or a cancellation does not give value back, or gives back something else."""

    def test_a_cancelled_order_leaves_balances_and_expiries_as_they_were(self, arrange, look, item, books) -> None:
        def scene(shop):
            wallet = shop.wallet((1500, 10), (9000, 60))
            before = shop.lots(wallet.account_id)
            placed = shop.order(item, wallet, quantity=2)
            order = shop.session.get_one(Order, placed.order.id)
            cancel_order(shop.session, program=shop.program, order=order, actor=GUEST, now=shop.now)
            return before, shop.lots(wallet.account_id), balance(shop, wallet.account_id)

        before, after, left = arrange(scene)
        assert (before, left) == (after, 10_500)
        assert books() == []

    def test_a_refund_gives_each_code_what_it_paid_and_takes_nothing_again(self, arrange, item, books) -> None:
        def scene(shop):
            small, large = shop.code(1000, days=5), shop.code(5000, days=9)
            placed = shop.order(item, small, large)
            shop.fulfil()
            order = shop.session.get_one(Order, placed.order.id)
            refund_line(
                shop.session, program=shop.program, order=order, number=1, reason="void", actor=GUEST, now=shop.now
            )
            accounts = shop.session.scalars(select(Code.account_id).order_by(Code.id)).all()
            return [balance(shop, account_id) for account_id in accounts]

        assert arrange(scene) == [1000, 5000]
        assert books() == []


class TestComplaint3:
    """A purchase is given back, and the points that were earned by it are kept."""

    def test_the_points_of_an_undone_sale_go_and_their_cost_comes_back(self, arrange, look, books) -> None:
        def scene(shop):
            wallet = shop.wallet((2500, 30))
            reverse_award(shop.session, program=shop.program, award=earned(shop, wallet), **undone(shop))
            return wallet.account_id

        account_id = arrange(scene)
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert look(owed)["Expenses:Rewards:Demo:Points"] == 0
        assert books() == []

    def test_what_was_spent_of_them_is_taken_from_what_else_is_there(self, arrange, look, item, books) -> None:
        """The first award paid for a card, so the second one pays for the first."""

        def scene(shop):
            wallet = shop.wallet((2500, 30), (3000, 60))
            first = earned(shop, wallet)
            shop.order(item, wallet)
            shop.fulfil()
            with pytest.raises(MirrorOverdraws), shop.session.begin_nested():
                reverse_award(shop.session, program=shop.program, award=first, **undone(shop))
            cancel_award(
                shop.session, program=shop.program, award=first, units=2500, reference="BACK-1", **undone(shop)
            )
            return wallet.account_id

        account_id = arrange(scene)
        assert look(lambda shop: shop.lots(account_id)) == [(0, 0), (500, 0)]
        assert books() == []

    def test_what_is_left_of_them_goes_when_the_rest_is_spent(self, arrange, look, item, books) -> None:
        def scene(shop):
            wallet = shop.wallet((4000, 30))
            award = earned(shop, wallet)
            shop.order(item, wallet)
            shop.fulfil()
            taken = partial(cancel_award, shop.session, program=shop.program, award=award, **undone(shop))
            with pytest.raises(InsufficientValue), shop.session.begin_nested():
                taken(units=4000, reference="BACK-1")
            taken(units=1500, reference="BACK-2")
            return wallet.account_id

        account_id = arrange(scene)
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert books() == []

    def test_they_go_once_however_often_it_is_told(self, arrange, look) -> None:
        def scene(shop):
            wallet = shop.wallet((2500, 30), (3000, 60))
            taken = partial(cancel_award, shop.session, program=shop.program, award=earned(shop, wallet), units=2500)
            taken(reference="BACK-1", **undone(shop))
            with pytest.raises(AlreadyPosted), shop.session.begin_nested():
                taken(reference="BACK-1", **undone(shop))
            return wallet.account_id

        account_id = arrange(scene)
        assert look(lambda shop: balance(shop, account_id)) == 3000


class TestComplaint4:
    """Several codes in one order are mis-split, or all of them emptied."""

    def test_the_second_code_keeps_what_the_first_one_spared_it(self, arrange, item, books) -> None:
        def scene(shop):
            first, second = shop.code(1000, days=5), shop.code(5000, days=9)
            placed = shop.order(item, second, first)
            accounts = shop.session.scalars(select(Code.account_id).order_by(Code.id)).all()
            shares = [(tender.last4, tender.units) for tender in placed.order.tenders]
            return [first[-4:], second[-4:]], shares, [balance(shop, account_id) for account_id in accounts]

        endings, shares, left = arrange(scene)
        assert shares == [(endings[0], 1000), (endings[1], 1500)]
        assert left == [0, 3500]
        assert books() == []


class TestComplaint5:
    """Balances collapse when an old lot lapses, because nobody knows which part of them was spent."""

    def test_what_was_spent_first_does_not_lapse_again(self, arrange, look, item, now, books) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((2500, 10), (2500, 30))))
        assert look(lambda shop: balance(shop, account_id)) == 2500
        assert transact(lambda session: expire_chunk(session, now=now + timedelta(days=10))).found == 0
        assert look(lambda shop: balance(shop, account_id)) == 2500
        assert transact(lambda session: expire_chunk(session, now=now + timedelta(days=30))).found == 1
        assert look(lambda shop: balance(shop, account_id)) == 0
        assert books() == []

    def test_only_the_lot_that_ends_is_taken(self, arrange, look, item, now, books) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((3000, 10), (2500, 30))))
        transact(lambda session: expire_chunk(session, now=now + timedelta(days=10)))
        assert look(lambda shop: shop.lots(account_id)) == [(0, 0), (2500, 0)]
        assert books() == []


class TestComplaint6:
    """Nobody can say how much is owed, to whom, and why."""

    def test_how_much_is_one_sum_and_to_whom_its_parts(self, arrange, look, item, books) -> None:
        def scene(shop):
            wallet = shop.wallet((4000, 10), (3000, 30))
            shop.code(1000)
            shop.order(item, wallet)
            shop.fulfil()
            shop.order(item, wallet)

        arrange(scene)
        balances = look(owed)
        holders = sorted(amount for name, amount in balances.items() if name.startswith("Liabilities:Value:"))
        assert holders == [-2500, -2000, -1000]  # held for the second order, the wallet, the code
        assert balances["Liabilities:Rewards:Demo:PTS"] == sum(holders)
        assert balances["Liabilities:Payables:Cardo-bookworld"] == -40 * 2300
        assert books() == []

    def test_why_is_told_for_every_point_by_the_award_it_comes_from(self, arrange, look, item) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((4000, 10), (3000, 30))))

        def why(shop):
            lots = lots_of(shop.session, account_id=account_id)
            origins = [explain_lot(shop.session, lot_id=lot.id).award_ref for lot in lots]
            awards = awards_by_reference(shop.session, public_ids=origins)
            told = [(awards[origin].reason, awards[origin].value_units) for origin in origins]
            return [(*each, lot.units_available) for each, lot in zip(told, lots, strict=True)]

        assert look(why) == [("sale", 4000, 1500), ("sale", 3000, 3000)]

    def test_the_statement_of_a_holder_adds_up_to_the_balance(self, arrange, look, item) -> None:
        account_id = arrange(lambda shop: spend_from(shop, item, shop.wallet((4000, 10), (3000, 30))))
        asked = {"account_id": account_id, "signer": Signer([b"k" * 32])}
        lines = look(lambda shop: holder_statement(shop.session, **asked)).items
        told = [(line.kind, line.units, line.balance_units) for line in lines]
        assert told == [("hold", -2500, 4500), ("award", 3000, 7000), ("award", 4000, 4000)]
        assert all(sum(part.units for part in line.parts) == line.units for line in lines)


class TestComplaint15:
    """Codes are drained by whoever guesses them, and their owners find nothing left."""

    def test_guessing_ends_soon_and_costs_no_owner_anything(self, arrange, look, ring, now, item, books) -> None:
        code = arrange(lambda shop: shop.code(2500))
        thief = Caller(session="thief", address="192.0.2.66")
        tries = [enter(guess, ring, thief, now) for guess in [*generate_codes(20), code]]
        assert tries[:5] == ["code_not_usable"] * 5
        assert set(tries[5:]) == {"rate_limited"}
        assert enter(code, ring, Caller(session="owner", address="192.0.2.7"), now) == "2500"
        arrange(lambda shop: shop.order(item, code))
        assert books() == []

    def test_a_used_up_code_tells_a_guesser_nothing(self, arrange, ring, now, item) -> None:
        code = arrange(lambda shop: shop.code(2500))
        arrange(lambda shop: shop.order(item, code))
        told = [enter(text, ring, Caller(session="thief"), now) for text in (code, *generate_codes(1))]
        assert told == ["code_not_usable"] * 2


def enter(text: str, ring: KeyRing, caller: Caller, now: datetime) -> str:
    """Enter a code as the one box for codes does, and return the units it holds or the name of the refusal."""
    try:
        with read_session() as session:
            require_guesses_left(session, caller=caller, now=now)
        return transact(
            lambda session: str(check_code(session, text=text, vault=Vault(ring), now=now).value.usable_units),
            refused=lambda session, refusal: record_guess(session, refusal, caller=caller, now=now),
        )
    except Refusal as refusal:
        return refusal.code


def earned(shop, wallet) -> Award:
    """The first award of a wallet."""
    return shop.session.scalars(select(Award).where(Award.wallet_id == wallet.id).order_by(Award.id)).first()


def undone(shop) -> dict[str, Any]:
    """Why and by whom an award is taken back."""
    return {"reason": "the sale was returned", "actor": GUEST, "now": shop.now}


def owed(shop) -> dict[str, int]:
    """The balance of every account by name, positive = debit."""
    rows = trial_balance(shop.session, organization_id=shop.program.organization_id)
    return {row.book_name: row.amount_units for row in rows}


def ids_of(wallet) -> tuple[str, int]:
    return wallet.public_id, wallet.account_id


def spend_from(shop, item, wallet) -> int:
    """Buy one card for 25.00 from a wallet and return its account."""
    shop.order(item, wallet)
    shop.fulfil()
    return wallet.account_id
