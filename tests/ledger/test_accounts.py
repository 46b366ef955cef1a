import pytest

from rewards_service.ledger.accounts import account_ids, open_bearer, supplier_owner
from rewards_service.ledger.chart import COMPONENT, AccountKey, Role
from rewards_service.programs.models import Organization
from rewards_service.programs.operations import create_program
from tests.ledger.stage import Stage


class TestSupplierOwner:
    @pytest.mark.parametrize(("name", "owner"), [("cardo", "Cardo"), ("Trove, Inc.", "Trove-Inc")])
    def test_is_the_name_where_that_can_stand(self, name: str, owner: str):
        assert supplier_owner(name) == owner

    @pytest.mark.parametrize("name", ["供应商", "Подарки", "!!", "Café", "北京 1", "ا" * 64])
    def test_is_usable_whatever_the_name_is_written_in(self, name: str):
        assert COMPONENT.fullmatch(supplier_owner(name))

    def test_tells_suppliers_apart_of_whose_names_the_same_is_left(self):
        names = ["供应商", "商店", "北京 1", "上海 1", "1"]
        assert len({supplier_owner(name) for name in names}) == len(names)


class TestNames:
    def test_fit_the_longest_program_and_the_longest_owner(self, stage: Stage):
        home = stage.session.get_one(Organization, stage.program.organization_id)
        program = create_program(
            stage.session,
            organization=home,
            external_id="p" * 100,
            name="Long",
            unit="LONGESTUNITS",
            currency="EUR",
            time_zone="UTC",
            locale="en",
            rate_units=100,
            rate_minor=100,
            now=stage.now,
        )
        for role in (Role.WALLET, Role.PENDING, Role.CODE):
            owner = "B" * 40 + "-10000000"
            open_bearer(stage.session, program=program, role=role, owner=owner, unit_id=program.points_unit_id)
        lines = [
            AccountKey(role, program.money_unit_id) for role in (Role.COST_PRICE_DIFFERENCE, Role.COST_RATE_CHANGE)
        ]
        assert len(account_ids(stage.session, program=program, keys=lines)) == 2
