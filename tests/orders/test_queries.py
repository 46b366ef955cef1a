"""Who may know of which orders, and lists of them."""

import pytest
from sqlalchemy import select

from rewards_service.codes.models import Code
from rewards_service.orders.errors import LineNotFound, OrderNotFound
from rewards_service.orders.models import Order
from rewards_service.orders.queries import (
    Holder,
    line_by_number,
    order_by_reference,
    order_of_holder,
    order_views,
    orders_of_holder,
    orders_of_organization,
)


@pytest.fixture
def item(shop):
    """An item in stock."""
    item = shop.item()
    shop.stock(item)
    return item


def ids(orders) -> list[int]:
    return [order.id for order in orders]


class TestOrderByReference:
    def test_finds_by_public_id_and_within_a_program_by_external_id(self, shop, item) -> None:
        placed = shop.order(item, shop.code(2500), external_id="WEB-1")
        organization_id = shop.program.organization_id
        for reference in (placed.order.public_id, "WEB-1"):
            found = order_by_reference(
                shop.session, organization_id=organization_id, program_id=shop.program.id, reference=reference
            )
            assert found.id == placed.order.id
        with pytest.raises(OrderNotFound):
            order_by_reference(shop.session, organization_id=organization_id, reference="WEB-1")

    def test_knows_nothing_of_another_organization(self, shop, item, other_program) -> None:
        placed = shop.order(item, shop.code(2500), external_id="WEB-1")
        for reference in (placed.order.public_id, "WEB-1"):
            with pytest.raises(OrderNotFound):
                order_by_reference(
                    shop.session,
                    organization_id=other_program.organization_id,
                    program_id=other_program.id,
                    reference=reference,
                )


class TestOrdersOfHolder:
    def test_are_a_members_own(self, shop, item) -> None:
        ana, ben = shop.member("ana"), shop.member("ben")
        hers = shop.order(item, shop.wallet((9000, 60), member=ana)).order
        shop.order(item, shop.wallet((9000, 60), member=ben))
        holder = Holder(member_id=ana.id)
        assert ids(orders_of_holder(shop.session, program_id=shop.program.id, holder=holder)) == [hers.id]
        assert (
            order_of_holder(shop.session, program_id=shop.program.id, holder=holder, public_id=hers.public_id).id
            == hers.id
        )

    def test_are_a_guests_who_has_shown_every_code_that_paid(self, shop, item) -> None:
        first, second = shop.code(1500, days=5), shop.code(9000, days=9)
        both, alone = shop.order(item, first, second).order, shop.order(item, second).order
        accounts = list(shop.session.scalars(select(Code.account_id).order_by(Code.id)))
        seen = [
            ids(orders_of_holder(shop.session, program_id=shop.program.id, holder=Holder(account_ids=shown)))
            for shown in (accounts, accounts[1:], accounts[:1], [])
        ]
        assert seen == [[alone.id, both.id], [alone.id], [], []]

    def test_are_no_guests_when_a_member_placed_them(self, shop, item) -> None:
        shop.order(item, shop.code(9000), member=shop.member("ana"))
        account_ids = list(shop.session.scalars(select(Code.account_id)))
        assert orders_of_holder(shop.session, program_id=shop.program.id, holder=Holder(account_ids=account_ids)) == []

    def test_hide_those_of_others_as_if_there_were_none(self, shop, item) -> None:
        order = shop.order(item, shop.code(9000)).order
        with pytest.raises(OrderNotFound):
            order_of_holder(
                shop.session, program_id=shop.program.id, holder=Holder(member_id=7), public_id=order.public_id
            )

    def test_come_in_pages_newest_first(self, shop, item) -> None:
        ana = shop.member("ana")
        wallet = shop.wallet((90_000, 60), member=ana)
        placed = [shop.order(item, wallet).order.id for _ in range(3)]
        holder = Holder(member_id=ana.id)
        first = orders_of_holder(shop.session, program_id=shop.program.id, holder=holder, limit=2)
        rest = orders_of_holder(shop.session, program_id=shop.program.id, holder=holder, before_id=first[-1].id)
        assert (ids(first), ids(rest)) == (placed[:0:-1], placed[:1])


class TestOrdersOfOrganization:
    def test_can_be_narrowed_to_a_program_and_a_state(self, shop, item, other_program) -> None:
        wallet = shop.wallet((90_000, 60))
        done = shop.order(item, wallet).order
        shop.fulfil()
        open_ = shop.order(item, wallet).order
        organization_id = shop.program.organization_id
        assert ids(orders_of_organization(shop.session, organization_id=organization_id)) == [open_.id, done.id]
        complete = orders_of_organization(
            shop.session, organization_id=organization_id, program_id=shop.program.id, state="complete"
        )
        assert ids(complete) == [done.id]
        assert orders_of_organization(shop.session, organization_id=other_program.organization_id) == []


class TestOrderViews:
    def test_are_read_together(self, shop, item) -> None:
        wallet = shop.wallet((90_000, 60))
        for quantity in (1, 2):
            shop.order(item, wallet, quantity=quantity)
        orders = shop.session.scalars(select(Order).order_by(Order.id)).all()
        views = order_views(shop.session, orders=orders, with_timeline=False)
        assert [(len(view.lines), list(view.timeline)) for view in views] == [(1, []), (2, [])]


class TestLineByNumber:
    def test_refuses_a_number_that_there_is_not(self, shop, item) -> None:
        placed = shop.order(item, shop.code(2500))
        order = shop.session.get_one(Order, placed.order.id)
        assert line_by_number(shop.session, order=order, number=1).id == placed.order.lines[0].id
        for number in (2, 2**31, 2**63):
            with pytest.raises(LineNotFound):
                line_by_number(shop.session, order=order, number=number)
