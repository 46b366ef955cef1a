"""Pure rules of earning: what an incentive is in points."""

from rewards_service.programs.policy import Rate, units_of_money


def award_units(*, smallest: int, is_points: bool, rate: Rate) -> int:
    """Return the points that an incentive makes: points are themselves, money is worth what ``rate`` says, half up.

    ``smallest`` is in points, or in the smallest unit of the program's currency.
    """
    return smallest if is_points else units_of_money(minor=smallest, rate=rate)
