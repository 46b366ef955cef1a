"""What lines cost and which tender pays how much of each: pure, exact, rounded up once per share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

from rewards_service.programs.policy import BASIS_POINTS, Rate

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Purse:
    """What a tender can contribute: ``units`` of a unit of which ``rate.units`` are worth ``rate.minor``.

    Attributes:
        balance_units: what is there; more than ``units`` where its holder will not give all of it.
        expires_at: when the first of its units end; none: never.
        parts: when which of its units end, soonest first; none: all of them at ``expires_at``.
    """

    account_id: int
    unit_id: int
    units: int
    balance_units: int
    rate: Rate
    expires_at: datetime | None = None
    parts: Sequence[tuple[datetime | None, int]] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one purse pays of one line."""

    purse: Purse
    units: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who pays what of each line, in the order of use, and the money that nobody covers (exact; zero when all is)."""

    shares: list[list[Share]]
    missing_minor: Fraction

    def used_units(self) -> dict[int, int]:
        """Return what each account pays in all."""
        used: dict[int, int] = {}
        for share in (share for line in self.shares for share in line):
            used[share.purse.account_id] = used.get(share.purse.account_id, 0) + share.units
        return used


def price_minor(*, face_value_minor: int, margin_bp: int) -> Fraction:
    """Return what a face value costs with its margin, in smallest units of its currency, exactly."""
    return Fraction(face_value_minor * (BASIS_POINTS + margin_bp), BASIS_POINTS)


def in_units(minor: Fraction, *, rate: Rate) -> int:
    """Return the units that are worth at least ``minor``: rounded up, so the holder bears less than one unit."""
    worth = minor * rate.units
    return -(-worth.numerator // (worth.denominator * rate.minor))


def order_of_use(purse: Purse) -> tuple[datetime, Fraction, int]:
    """Return the sort key by which purses pay: soonest expiry, then smallest worth, then the oldest account."""
    worth_minor = Fraction(purse.balance_units * purse.rate.minor, purse.rate.units)
    return (purse.expires_at or _NEVER, worth_minor, purse.account_id)


def plan_payment(prices_minor: Sequence[Fraction], *, purses: Sequence[Purse]) -> Plan:
    """Return who pays what, line after line.

    Over all purses, the units that end soonest go first: of a wallet that holds a little for a week and much for a
    year, the little pays before a code that ends next month, and the much after it.
    """
    pieces = sorted((piece for purse in purses for piece in _pieces(purse)), key=lambda piece: order_of_use(piece[0]))
    left = [units for _, units in pieces]
    given = {purse.account_id: purse.units for purse in purses}
    shares: list[list[Share]] = []
    missing = Fraction(0)
    for price in prices_minor:
        paid, unpaid = _pay(price, pieces=pieces, left=left, given=given)
        shares.append(paid)
        missing += unpaid
    return Plan(shares, missing)


def _pieces(purse: Purse) -> list[tuple[Purse, int]]:
    """Return the purse once for each moment at which units of it end, with how many those are."""
    parts = purse.parts or ((purse.expires_at, purse.units),)
    return [(replace(purse, expires_at=expires_at, parts=()), units) for expires_at, units in parts]


def _pay(
    price: Fraction, *, pieces: Sequence[tuple[Purse, int]], left: list[int], given: dict[int, int]
) -> tuple[list[Share], Fraction]:
    """Take the price of one line from what is left; return each purse's share and what stays unpaid.

    ``left`` counts the units of each piece down, ``given`` those that each account's holder will give.
    """
    shares: dict[int, Share] = {}
    for index, (purse, _) in enumerate(pieces):
        units = min(in_units(max(price, Fraction(0)), rate=purse.rate), left[index], given[purse.account_id])
        if units:
            left[index] -= units
            given[purse.account_id] -= units
            price -= Fraction(units * purse.rate.minor, purse.rate.units)
            before = shares.get(purse.account_id)
            shares[purse.account_id] = Share(purse, units + (before.units if before else 0))
    return list(shares.values()), max(price, Fraction(0))
