import pytest
from sqlalchemy import func, select

from rewards_service.kit.bulk import BULK_ROWS_MIN
from rewards_service.ledger.balances import stored_balances
from rewards_service.ledger.chart import Role
from rewards_service.ledger.errors import AlreadyPosted, BalanceTooLarge, BudgetExhausted, UnitsNotPositive
from rewards_service.ledger.models import Account, Entry
from rewards_service.ledger.operations import IssueTerms, grant_budget, issue_to_new_bearers
from rewards_service.ledger.policy import IncentiveType
from tests.ledger.stage import Stage


def issue_codes(stage: Stage, *owners: str, units: int, budget=None):
    """Issue a chunk of codes."""
    return issue_to_new_bearers(
        stage.session,
        program=stage.program,
        owners=list(owners),
        units=units,
        terms=IssueTerms(stage.program.points_unit, IncentiveType.POINTS, None, stage.now, budget),
        source=stage.source("batch"),
        now=stage.now,
    )


class TestIssueValue:
    def test_posts_both_sides_at_the_rate_in_force(self, stage: Stage):
        stage.rate(125, 100)
        assert stage.lines(stage.award("ANA", 6000)) == {
            "Equity:Value:Issued:Points": 6000,
            "Liabilities:Value:Wallet:ANA": -6000,
            "Expenses:Rewards:Points": 4800,
            "Liabilities:Rewards:PTS": -4800,
        }

    def test_promises_are_worth_themselves(self, stage: Stage):
        assert stage.lines(stage.promise("ANA", 5000))["Liabilities:Rewards:VEUR"] == -5000

    def test_value_worth_less_than_half_a_cent_has_no_money_side(self, stage: Stage):
        stage.rate(1000, 1)
        assert stage.lines(stage.award("ANA", 499)).keys() == {
            "Equity:Value:Issued:Points",
            "Liabilities:Value:Wallet:ANA",
        }

    def test_refuses_the_same_fact_twice(self, stage: Stage):
        stage.award("ANA", 100, ref="A1")
        stage.holder("BEN")
        with pytest.raises(AlreadyPosted), stage.session.begin_nested():
            stage.award("BEN", 100, ref="A1")
        assert stage.balance("BEN") == 0

    def test_refuses_more_than_one_holder_may_have(self, stage: Stage):
        stage.award("ANA", 10**15)
        with pytest.raises(BalanceTooLarge), stage.session.begin_nested():
            stage.award("ANA", 1)

    def test_refuses_what_would_be_worth_more_than_the_books_keep(self, stage: Stage):
        stage.rate(1, 10**9)
        with pytest.raises(UnitsNotPositive), stage.session.begin_nested():
            stage.award("ANA", 10**7)


class TestIssueToNewBearers:
    def test_opens_an_account_for_each_in_one_entry(self, stage: Stage):
        issued = issue_codes(stage, "B1-0001", "B1-0002", "B1-0003", units=100)
        names = select(Account.book_name).where(Account.id.in_(issued.account_ids)).order_by(Account.id)
        assert [name[-7:] for name in stage.session.scalars(names)] == ["B1-0001", "B1-0002", "B1-0003"]
        assert stage.lines(issued.entry_id)["Liabilities:Rewards:PTS"] == -300
        assert issued.base_minor == 300

    @pytest.mark.parametrize(("owners", "units"), [((), 100), (("A",), 0), (("A", "B"), -1), (("A", "B"), 10**15)])
    def test_refuses_what_is_no_number_of_units(self, stage: Stage, owners: tuple[str, ...], units: int):
        with pytest.raises(UnitsNotPositive):
            issue_codes(stage, *owners, units=units)
        assert stage.session.scalar(select(func.count(Entry.id))) == 0

    def test_an_owner_is_one_component_of_a_name(self, stage: Stage):
        with pytest.raises(AssertionError):
            stage.holder("Ana Müller")
        with pytest.raises(AssertionError):
            stage.holder("X", Role.HELD)


class TestBudgets:
    def test_an_award_draws_its_worth(self, stage: Stage):
        budget = stage.budget("B2026")
        grant_budget(
            stage.session,
            program=stage.program,
            budget=budget,
            amount_minor=5000,
            source=stage.source("budget"),
            now=stage.now,
        )
        lines = stage.lines(stage.award("ANA", 3000, budget=budget))
        assert (lines["Equity:Budgets:B2026:Available"], lines["Equity:Budgets:B2026:Used"]) == (3000, -3000)

    def test_refuses_an_award_that_it_does_not_cover(self, stage: Stage):
        budget = stage.budget("spring 2026")
        source = stage.source("budget")
        grant_budget(
            stage.session, program=stage.program, budget=budget, amount_minor=100, source=source, now=stage.now
        )
        with pytest.raises(BudgetExhausted), stage.session.begin_nested():
            issue_codes(stage, "A", "B", units=51, budget=budget)
        stage.award("ANA", 100, budget=budget)
        with pytest.raises(BudgetExhausted), stage.session.begin_nested():
            stage.award("ANA", 1, budget=budget)

    def test_two_that_look_alike_in_the_books_do_not_share_an_account(self, stage: Stage):
        for external_id in ("b 1", "b-1", "B-1"):
            grant_budget(
                stage.session,
                program=stage.program,
                budget=stage.budget(external_id),
                amount_minor=100,
                source=stage.source("budget"),
                now=stage.now,
            )
        names = select(func.count()).where(Account.role == Role.BUDGET_AVAILABLE.value)
        assert stage.session.scalar(names) == 3


class TestManyAtOnce:
    def test_are_worth_the_same_as_few(self, stage: Stage):
        owners = [f"C{number}" for number in range(BULK_ROWS_MIN + 1)]
        accounts = issue_codes(stage, *owners, units=5).account_ids
        assert set(stored_balances(stage.session, account_ids=accounts).values()) == {5}
        names = stage.session.scalars(select(Account.book_name).where(Account.id.in_(accounts)).order_by(Account.id))
        assert list(names) == [f"Liabilities:Value:Demo:Code:{owner}" for owner in owners]
