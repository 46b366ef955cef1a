"""Two members who prove to be one person: one balance, one history, and what comes back finds the way."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from rewards_service.codes.operations import claim_code
from rewards_service.codes.queries import codes_by_last4
from rewards_service.delivery.models import Message
from rewards_service.earning.award_files.people import Person
from rewards_service.earning.recipients import Recipients
from rewards_service.finance.verify import verify_books
from rewards_service.identity.errors import MergeRefused
from rewards_service.identity.models import Member
from rewards_service.identity.queries import find_member, members_of_person
from rewards_service.kit.actor import SYSTEM, Actor
from rewards_service.kit.audit import audit_of_object
from rewards_service.kit.database import read_session, transact, unit_of_work
from rewards_service.ledger.balances import stored_balances
from rewards_service.orders.models import Order
from rewards_service.orders.operations import cancel_order, refund_line
from rewards_service.orders.queries import Holder, orders_of_holder
from rewards_service.orders.requests import PayByWallet
from rewards_service.programs.models import Program
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.operations import AwardTerms, Recipient, award_value, merge_members
from rewards_service.wallets.queries import former_wallets, living_wallet, wallet_view, wallets_of_member
from tests.conftest import NOW
from tests.support.commerce import Commerce

EMAIL, PHONE = "ana@example.com", "+4915112345678"
STAFF = Actor("staff", "stf_1")
ROUNDS = 8
PUSHES = 5


@pytest.fixture
def ana(shop) -> Member:
    """Ana as the file told of her, with an email address."""
    return shop.member("ana")


@pytest.fixture
def twin(shop) -> Member:
    """Ana as somebody else registered her, with a telephone."""
    return shop.member("twin", email=None, phone=PHONE, external_id="P-7")


def merge(shop: Commerce, kept: Member, merged: Member) -> bool:
    return merge_members(
        shop.session, program=shop.program, kept=kept, merged=merged, reason="one person", actor=STAFF, now=shop.now
    )


def parts(shop: Commerce, wallet: Wallet) -> list[tuple[int, int, str]]:
    """Units, days to live and award of each part of a balance."""
    lots = wallet_view(shop.session, wallet=wallet, now=shop.now).lots
    return [(lot.units, (lot.expires_at - shop.now).days, lot.award_ref) for lot in lots]


def only_wallet(shop: Commerce, member: Member) -> Wallet:
    (wallet,) = wallets_of_member(shop.session, member_id=member.id)
    return wallet


class TestMergeMembers:
    def test_moves_each_lot_with_its_award_and_its_expiry(self, shop, ana, twin):
        own = shop.wallet((10, 30), member=ana)
        other = shop.wallet((20, 5), (30, 90), member=twin)
        before = sorted([*parts(shop, own), *parts(shop, other)])
        assert merge(shop, ana, twin)
        assert sorted(parts(shop, own)) == before
        assert stored_balances(shop.session, account_ids=[other.account_id]) == {other.account_id: 0}
        assert living_wallet(shop.session, wallet=other) == own
        assert former_wallets(shop.session, wallets=[own]) == [other]
        assert all(result.holds for result in verify_books(shop.session, now=shop.now))

    def test_hands_a_wallet_over_as_it_is_where_there_is_no_other(self, shop, ana, twin):
        other = shop.wallet((20, 5), member=twin)
        merge(shop, ana, twin)
        assert only_wallet(shop, ana) == other
        assert wallets_of_member(shop.session, member_id=twin.id) == []

    def test_is_found_by_every_address_and_number_of_both(self, shop, ana, twin):
        merge(shop, ana, twin)
        for facts in ({"email": EMAIL}, {"phone": PHONE}, {"external_id": "P-7"}, {"public_id": twin.public_id}):
            assert find_member(shop.session, program_id=shop.program.id, **facts) == ana
        person = Person(None, PHONE, "P-7", None, None, None, None)
        assert Recipients(shop.session, program=shop.program, people=[person]).find(person) == ana

    @pytest.mark.parametrize("named", ["member", "address"])
    def test_receives_what_is_awarded_to_the_other(self, shop, ana, twin, named):
        merge(shop, ana, twin)
        recipient = Recipient(member=twin) if named == "member" else Recipient(address=PHONE)
        terms = AwardTerms(7, shop.program.points_unit, "sale")
        award_value(
            shop.session,
            program=shop.program,
            recipient=recipient,
            terms=terms,
            external_id="later",
            actor=SYSTEM,
            now=shop.now,
        )
        assert wallet_view(shop.session, wallet=only_wallet(shop, ana), now=shop.now).balance_units == 7

    def test_knows_an_award_again_that_was_told_before(self, shop, ana, twin):
        shop.wallet((1, 30), member=ana)
        given = {
            "program": shop.program,
            "recipient": Recipient(address=PHONE),
            "terms": AwardTerms(7, shop.program.points_unit, "sale"),
            "external_id": "told twice",
            "actor": SYSTEM,
            "now": shop.now,
        }
        award_value(shop.session, **given)
        merge(shop, ana, twin)
        assert not award_value(shop.session, **given).is_new

    def test_claims_a_code_for_an_old_wallet_into_the_living_one(self, shop, ana, twin):
        own, other = shop.wallet((10, 30), member=ana), shop.wallet((20, 30), member=twin)
        merge(shop, ana, twin)
        (code,) = codes_by_last4(shop.session, organization_id=shop.program.organization_id, last4=shop.code(5)[-4:])
        claim_code(shop.session, code=code, wallet=other, actor=SYSTEM, now=shop.now)
        assert wallet_view(shop.session, wallet=own, now=shop.now).balance_units == 35

    def test_changes_nothing_the_second_time(self, shop, ana, twin):
        merge(shop, ana, twin)
        assert not merge(shop, ana, twin)
        assert actions(shop, ana) == ["member.took_over"]

    def test_is_in_the_trail_of_both_with_its_reason(self, shop, ana, twin):
        merge(shop, ana, twin)
        assert (actions(shop, ana), actions(shop, twin)) == (["member.took_over"], ["member.merged"])
        (event,) = trail(shop, twin)
        assert (event.reason, event.detail, event.actor_reference) == ("one person", {"into": ana.public_id}, "stf_1")

    def test_leads_everybody_to_the_last_one_kept(self, shop, ana, twin):
        eva = shop.member("eva")
        wallets = [shop.wallet((units, 30), member=member) for units, member in ((1, twin), (2, ana), (4, eva))]
        merge(shop, ana, twin)
        merge(shop, eva, ana)
        assert members_of_person(shop.session, member_id=eva.id) == [eva, ana, twin]
        assert {living_wallet(shop.session, wallet=wallet) for wallet in wallets} == {wallets[2]}
        assert former_wallets(shop.session, wallets=[wallets[2]]) == wallets[:2]
        assert wallet_view(shop.session, wallet=wallets[2], now=shop.now).balance_units == 7

    def test_refuses_what_cannot_be_one(self, shop, ana, twin, other_program):
        foreign = Commerce(shop.session, other_program, shop.vault, shop.now).member("foreign")
        eva = shop.member("eva")
        merge(shop, ana, twin)
        for kept, merged in ((ana, ana), (ana, foreign), (foreign, ana), (twin, ana), (twin, eva), (eva, twin)):
            with pytest.raises(MergeRefused):
                merge(shop, kept, merged)
        assert foreign.merged_into_id is eva.merged_into_id is None


class TestOrdersOfAMergedMember:
    @pytest.fixture
    def placed(self, shop, twin):
        """An order of the member who is merged later, paid from the wallet."""
        item = shop.item()
        shop.stock(item)
        return shop.order(item, PayByWallet(shop.wallet((3_000, 30), member=twin).public_id), member=twin)

    def test_are_the_kept_members_own(self, shop, ana, twin, placed):
        merge(shop, ana, twin)
        (found,) = orders_of_holder(shop.session, program_id=shop.program.id, holder=Holder(member_id=ana.id))
        assert found.id == placed.order.id

    def test_give_back_to_the_kept_member_what_they_held(self, shop, ana, twin, placed):
        own = shop.wallet((1, 30), member=ana)
        merge(shop, ana, twin)
        assert wallet_view(shop.session, wallet=own, now=shop.now).balance_units == 501
        order = self.order(shop, placed)
        cancel_order(shop.session, program=shop.program, order=order, reason="late", actor=STAFF, now=shop.now)
        assert wallet_view(shop.session, wallet=own, now=shop.now).balance_units == 3_001

    def test_are_refunded_to_the_kept_member(self, shop, ana, twin, placed):
        own = shop.wallet((1, 30), member=ana)
        shop.fulfil()
        merge(shop, ana, twin)
        order, later = self.order(shop, placed), shop.now + timedelta(days=1)
        refund_line(shop.session, program=shop.program, order=order, number=1, reason="void", actor=STAFF, now=later)
        assert wallet_view(shop.session, wallet=own, now=later).balance_units == 3_001
        assert all(result.holds for result in verify_books(shop.session, now=later))

    def test_are_fulfilled_from_what_they_held(self, shop, ana, twin, placed):
        shop.wallet((1, 30), member=ana)
        merge(shop, ana, twin)
        shop.fulfil()
        assert self.order(shop, placed).state == "complete"
        assert shop.session.scalars(select(Message.recipient)).all() == [EMAIL]

    def order(self, shop, placed) -> Order:
        return shop.session.get_one(Order, placed.order.id)


class TestAwardsUnderWay:
    def test_reach_the_kept_member_however_they_meet_the_merge(self, app, program: Program, vault):
        for number in range(ROUNDS):
            members = self._two_members(program, vault, number)
            barrier = threading.Barrier(PUSHES + 1)
            steps = [self._award(program, members[1], f"R{number}-{push}") for push in range(PUSHES)]
            threads = [threading.Thread(target=run, args=(app, barrier, step)) for step in steps]
            threads.append(threading.Thread(target=run, args=(app, barrier, self._merge(program, members))))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self._require_all_with_the_kept(members)

    def _two_members(self, program: Program, vault, number: int) -> tuple[int, int]:
        """Register two members; in every other round only the first has a wallet."""
        with unit_of_work() as session:
            shop = Commerce(session, session.merge(program), vault, NOW)
            kept = shop.member(f"kept{number}")
            merged = shop.member(f"merged{number}")
            for member in (kept, merged)[: 1 + number % 2]:
                terms = AwardTerms(100, shop.program.points_unit, "sale")
                award_value(
                    session,
                    program=shop.program,
                    recipient=Recipient(member=member),
                    terms=terms,
                    external_id=f"first-{member.public_id}",
                    actor=SYSTEM,
                    now=NOW,
                )
            return kept.id, merged.id

    def _award(self, program: Program, member_id: int, external_id: str):
        """Return the step that awards one unit to a member."""
        return lambda session: award_value(
            session,
            program=session.get_one(Program, program.id),
            recipient=Recipient(member=session.get_one(Member, member_id)),
            terms=AwardTerms(1, session.get_one(Program, program.id).points_unit, "sale"),
            external_id=external_id,
            actor=SYSTEM,
            now=NOW,
        )

    def _merge(self, program: Program, members: tuple[int, int]):
        """Return the step that merges the two."""
        return lambda session: merge_members(
            session,
            program=session.get_one(Program, program.id),
            kept=session.get_one(Member, members[0]),
            merged=session.get_one(Member, members[1]),
            reason="one person",
            actor=SYSTEM,
            now=NOW,
        )

    def _require_all_with_the_kept(self, members: tuple[int, int]) -> None:
        """Every unit is in the one living wallet."""
        with read_session() as session:
            (kept,) = wallets_of_member(session, member_id=members[0])
            old = wallets_of_member(session, member_id=members[1])
            assert all(wallet_view(session, wallet=wallet, now=NOW).balance_units == 0 for wallet in old)
            assert wallet_view(session, wallet=kept, now=NOW).balance_units % 100 == PUSHES


def run(app, barrier: threading.Barrier, step) -> None:
    """Take one step with the others, in a transaction of its own."""
    with app.app_context():
        barrier.wait(60)
        transact(step)


def trail(shop: Commerce, member: Member):
    shop.session.flush()
    return audit_of_object(
        shop.session,
        organization_id=member.organization_id,
        object_type="member",
        object_id=member.public_id,
    )


def actions(shop: Commerce, member: Member) -> list[str]:
    return [event.action for event in trail(shop, member)]
