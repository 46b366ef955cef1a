"""What somebody means to order."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from rewards_service.identity.models import Member
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.audit.models import AuditEvent
from rewards_service.kit.database import read_session, transact, unit_of_work
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.operations import (
    empty_basket,
    merge_members_with_baskets,
    move_basket,
    put_in_basket,
    set_basket_quantity,
)
from rewards_service.orders.policy import UNITS_MAX, member_basket_key
from rewards_service.orders.queries import basket_of
from rewards_service.orders.requests import WantedLine
from rewards_service.programs.models import Program
from tests.support.commerce import Commerce
from tests.support.turns import before_its_commit

ANA, GUEST = "member:mbr_1", "session:ses_1"


def put(shop, item_id: str, quantity: int = 1, *, face: int = 2500, holder: str = ANA) -> list[tuple[str, int, int]]:
    line = WantedLine(item_id, face, quantity)
    return shown(put_in_basket(shop.session, program=shop.program, holder_key=holder, line=line, now=shop.now))


def shown(lines) -> list[tuple[str, int, int]]:
    return [(line.item_id, line.face_value_minor, line.quantity) for line in lines]


def kept(shop, holder: str = ANA) -> list[tuple[str, int, int]]:
    return shown(basket_of(shop.session, program_id=shop.program.id, holder_key=holder))


class TestPutInBasket:
    def test_adds_up_what_is_the_same(self, shop) -> None:
        put(shop, "itm_a")
        put(shop, "itm_b", face=1000)
        assert put(shop, "itm_a", 2) == [("itm_a", 2500, 3), ("itm_b", 1000, 1)] == kept(shop)

    def test_refuses_more_than_an_order_may_have(self, shop) -> None:
        put(shop, "itm_a", UNITS_MAX)
        with pytest.raises(OrderInvalid):
            put(shop, "itm_b")

    @pytest.mark.parametrize("quantity", [0, -3])
    def test_adds_nothing_that_is_nothing(self, shop, quantity) -> None:
        with pytest.raises(OrderInvalid):
            put(shop, "itm_a", quantity)

    def test_keeps_holders_and_programs_apart(self, shop, other_program) -> None:
        put(shop, "itm_a")
        assert kept(shop, GUEST) == []
        assert basket_of(shop.session, program_id=other_program.id, holder_key=ANA) == []


class TestSetBasketQuantity:
    @pytest.mark.parametrize(
        ("quantity", "left"), [(5, [("itm_b", 2500, 1), ("itm_a", 2500, 5)]), (0, [("itm_b", 2500, 1)])]
    )
    def test_changes_or_removes_a_line(self, shop, quantity, left) -> None:
        put(shop, "itm_a")
        put(shop, "itm_b")
        line = WantedLine("itm_a", 2500, quantity)
        set_basket_quantity(shop.session, program=shop.program, holder_key=ANA, line=line, now=shop.now)
        assert kept(shop) == left


class TestMoveBasket:
    def test_joins_a_guests_basket_to_the_members(self, shop) -> None:
        put(shop, "itm_a", holder=GUEST)
        put(shop, "itm_a", 2)
        put(shop, "itm_b", holder=GUEST)
        move_basket(shop.session, program=shop.program, from_key=GUEST, to_key=ANA, now=shop.now)
        assert (kept(shop), kept(shop, GUEST)) == ([("itm_a", 2500, 3), ("itm_b", 2500, 1)], [])

    def test_leaves_out_what_one_order_does_not_take_and_says_what(self, shop) -> None:
        put(shop, "itm_a", UNITS_MAX - 2)
        put(shop, "itm_a", 3, holder=GUEST)
        put(shop, "itm_b", 4, holder=GUEST)
        given = {"program": shop.program, "from_key": GUEST, "to_key": ANA, "now": shop.now}
        assert shown(move_basket(shop.session, **given)) == [("itm_a", 2500, 1), ("itm_b", 2500, 4)]
        assert (kept(shop), kept(shop, GUEST)) == ([("itm_a", 2500, UNITS_MAX)], [])


class TestMergeMembersWithBaskets:
    @pytest.fixture
    def merge(self, shop) -> Callable[[], list[WantedLine]]:
        """Make the member ``twin`` one with ``ana``."""
        kept, merged = shop.member("ana"), shop.member("twin", email=None, phone="+4915112345678")
        given = {"program": shop.program, "reason": "one person", "actor": SYSTEM, "now": shop.now}
        self.ana, self.twin = (member_basket_key(member.public_id) for member in (kept, merged))
        return lambda: merge_members_with_baskets(shop.session, kept=kept, merged=merged, **given)

    def test_joins_what_both_meant_to_order(self, shop, merge) -> None:
        put(shop, "itm_a", 2, holder=self.ana)
        put(shop, "itm_a", 3, holder=self.twin)
        put(shop, "itm_a", face=1000, holder=self.twin)
        assert merge() == []
        assert kept(shop, self.ana) == [("itm_a", 2500, 5), ("itm_a", 1000, 1)]
        assert kept(shop, self.twin) == []

    def test_keeps_as_much_as_one_order_takes_their_own_first(self, shop, merge) -> None:
        put(shop, "itm_a", UNITS_MAX - 2, holder=self.ana)
        for item_id in ("itm_a", "itm_b"):
            put(shop, item_id, UNITS_MAX // 2, holder=self.twin)
        left_out = merge()
        assert kept(shop, self.ana) == [("itm_a", 2500, UNITS_MAX)]
        assert shown(left_out) == [("itm_a", 2500, UNITS_MAX // 2 - 2), ("itm_b", 2500, UNITS_MAX // 2)]
        shop.session.flush()
        (event,) = shop.session.scalars(select(AuditEvent).where(AuditEvent.action == "basket.left_out"))
        assert (event.object_id, event.reason) == (self.ana.removeprefix("member:"), "one person")
        assert event.detail == {"lines": [list(line) for line in shown(left_out)]}

    def test_is_done_once(self, shop, merge) -> None:
        merge()
        put(shop, "itm_a", holder=self.twin)
        merge()
        assert kept(shop, self.ana) == []


class TestEmptyBasket:
    def test_leaves_nothing(self, shop) -> None:
        put(shop, "itm_a")
        empty_basket(shop.session, program=shop.program, holder_key=ANA, now=shop.now)
        assert kept(shop) == []


class TestBasketsOfMembersBeingMerged:
    def test_join_also_what_is_put_in_just_now(self, app, program, vault, now) -> None:
        with unit_of_work() as session:
            shop = Commerce(session, session.merge(program), vault, now)
            ana, twin = shop.member("ana"), shop.member("twin", email=None, phone="+4915112345678")

        def merge(session) -> None:
            given = {"program": session.get_one(Program, program.id), "reason": "one person", "actor": SYSTEM}
            kept, merged = (session.get_one(Member, member.id) for member in (ana, twin))
            merge_members_with_baskets(session, kept=kept, merged=merged, now=now, **given)

        with before_its_commit(app, lambda: transact(merge)) as session:
            shop = Commerce(session, session.get_one(Program, program.id), vault, now)
            put(shop, "itm_a", holder=member_basket_key(twin.public_id))
        with read_session() as session:
            shop = Commerce(session, session.get_one(Program, program.id), vault, now)
            assert kept(shop, member_basket_key(ana.public_id)) == [("itm_a", 2500, 1)]
            assert kept(shop, member_basket_key(twin.public_id)) == []
