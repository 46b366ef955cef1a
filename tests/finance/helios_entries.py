"""What the covered rows of the running example post: number, day, lines.

Prefixes are dropped, no unit behind a figure = EUR.
Where the example has a sponsor, a card payment or a reservation, which this version has not, the row is left out or
stands without it; the batch has five codes instead of a thousand. Row 27s buys the card that 27 orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

ROOTS = {
    "Wallet": "Liabilities:Value:Helios:Wallet",
    "Pending": "Liabilities:Value:Helios:Pending",
    "Code": "Liabilities:Value:Helios:Code",
    "Held": "Liabilities:Value:Helios:Held",
    "Issued": "Equity:Value:Helios:Issued",
    "Redeemed": "Equity:Value:Helios:Redeemed",
    "Expired": "Equity:Value:Helios:Expired",
    "Cancelled": "Equity:Value:Helios:Cancelled",
    "Adjusted": "Equity:Value:Helios:Adjusted",
    "Rewards": "Liabilities:Rewards:Helios",
    "Cost": "Expenses:Rewards:Helios",
    "Fees": "Expenses:Fees",
    "Rounding": "Expenses:Rounding",
    "Stock": "Assets:Stock",
    "VatIn": "Assets:Vat:Input",
    "VatOut": "Liabilities:Vat:Output",
    "Payables": "Liabilities:Payables",
    "Accrued": "Liabilities:Accrued",
    "Budget": "Equity:Budgets",
}

TABLE = """
3  09-01 Budget:B2026:Granted +5000.00, Budget:B2026:Available -5000.00
5  09-03 Stock:Bookworld +230.00, Payables:Cardo -230.00
6  09-03 Stock:Cinema +80.00, VatIn +15.20, Payables:Cardo -95.20
7  09-05 Issued:Points +6000 PTS, Wallet:ANA -6000 PTS, Cost:Points +60.00, Rewards:PTS -60.00,
   Budget:B2026:Available +60.00, Budget:B2026:Used -60.00
8  09-06 Issued:Points +8000 PTS, Wallet:ANA -8000 PTS, Cost:Points +80.00, Rewards:PTS -80.00,
   Budget:B2026:Available +80.00, Budget:B2026:Used -80.00
10 09-07 Issued:Points +2000 PTS, Pending:PHONE1 -2000 PTS, Cost:Points +20.00, Rewards:PTS -20.00,
   Budget:B2026:Available +20.00, Budget:B2026:Used -20.00
11 09-08 Issued:Points +5000 PTS, Code:C-0001 -5000 PTS, Cost:Points +50.00, Rewards:PTS -50.00,
   Budget:B2026:Available +50.00, Budget:B2026:Used -50.00
12 09-08 Issued:Points +50.00 VEUR, Code:C-0010 -50.00 VEUR, Cost:Points +50.00, Rewards:VEUR -50.00,
   Budget:B2026:Available +50.00, Budget:B2026:Used -50.00
13 09-09 Issued:Points +500 PTS, Code:B1-0001 -100 PTS, Code:B1-0002 -100 PTS, Code:B1-0003 -100 PTS,
   Code:B1-0004 -100 PTS, Code:B1-0005 -100 PTS, Cost:Points +5.00, Rewards:PTS -5.00,
   Budget:B2026:Available +5.00, Budget:B2026:Used -5.00
16 09-12 Pending:PHONE1 +2000 PTS, Wallet:CHEN -2000 PTS
17 09-14 Code:C-0001 +5000 PTS, Wallet:BEN -5000 PTS
18 09-15 Code:B1-0001 +100 PTS, Code:C-0002 -60 PTS, Code:C-0003 -40 PTS
19 09-15 Code:B1-0002 +100 PTS, Code:B1-0003 +100 PTS, Code:B1-0004 +100 PTS, Code:C-0004 -300 PTS
20 09-15 Code:C-0002 +60 PTS, Code:C-0005 -60 PTS
21 09-16 Wallet:ANA +2500 PTS, Held -2500 PTS
22 09-16 Held +2500 PTS, Redeemed -2500 PTS, Rewards:PTS +25.00, Stock:Bookworld -23.00, Cost:Discount -2.00
23 09-17 Wallet:BEN +2000 PTS, Held -2000 PTS
24 09-17 Held +2000 PTS, Redeemed -2000 PTS, Rewards:PTS +20.00, Stock:Cinema -16.00, Cost:Discount -4.00,
   Cost:Vat +3.04, VatOut -3.04
25 09-18 Wallet:ANA +4000 PTS, Held -4000 PTS
26 09-18 Held +4000 PTS, Redeemed -2000 PTS, Wallet:ANA -2000 PTS, Rewards:PTS +20.00, Accrued:Cardo -18.60,
   Cost:Discount -1.40, Fees:Cardo +0.50, Accrued:Cardo -0.50
27s 09-19 Stock:Tencard +9.00, Payables:Cardo -9.00
27 09-19 Wallet:BEN +1000 PTS, Held -1000 PTS
28 09-19 Held +1000 PTS, Wallet:BEN -1000 PTS
31 09-20 Wallet:CHEN +1000 PTS, Held -1000 PTS
32 09-21 Held +1000 PTS, Redeemed -1000 PTS, Rewards:PTS +10.00, Accrued:Cardo -9.40, Cost:Discount -0.60
33 09-22 Wallet:CHEN +500 PTS, Held -500 PTS
34 09-24 Held +500 PTS, Wallet:CHEN -500 PTS
35 09-25 Code:C-0010 +20.00 VEUR, Held -20.00 VEUR
36 09-25 Held +20.00 VEUR, Redeemed -20.00 VEUR, Rewards:VEUR +20.00, Accrued:Cardo -18.80, Cost:Discount -1.20
43 10-01 Issued:Points +6000 PTS, Wallet:CHEN -6000 PTS, Cost:Points +60.00, Rewards:PTS -60.00,
   Budget:B2026:Available +60.00, Budget:B2026:Used -60.00
55 10-06 Wallet:ANA +4000 PTS, Held -4000 PTS
57 10-06 Held +4000 PTS, Redeemed -4000 PTS, Rewards:PTS +40.00, Accrued:Cardo -37.60, Cost:Discount -2.40
63 10-08 Issued:Points +700 PTS, Wallet:ANA -700 PTS, Cost:Points +7.00, Rewards:PTS -7.00,
   Budget:B2026:Available +7.00, Budget:B2026:Used -7.00
73 10-13 Budget:MDF1:Granted +1000.00, Budget:MDF1:Available -1000.00
77 10-16 Adjusted +201 PTS, Wallet:BEN -201 PTS, Cost:Adjustment +2.01, Rewards:PTS -2.01
85 10-22 Wallet:ANA +700 PTS, Expired -700 PTS, Rewards:PTS +7.00, Cost:Breakage -7.00
87 10-24 Redeemed +4000 PTS, Wallet:ANA -4000 PTS, Accrued:Cardo +37.60, Cost:Discount +2.40, Rewards:PTS -40.00
89 10-25 Wallet:BEN +1000 PTS, Held -1000 PTS
90 10-26 Rewards:PTS +38.40, Cost:RateChange -38.40
91 10-28 Wallet:BEN +1875 PTS, Held -1875 PTS
92 10-28 Held +1875 PTS, Redeemed -1875 PTS, Rewards:PTS +15.00, Accrued:Cardo -14.10, Cost:Discount -0.90
93 10-29 Wallet:BEN +250 PTS, Held -250 PTS
94 10-29 Held +250 PTS, Redeemed -250 PTS, Rewards:PTS +2.01, Accrued:Cardo -1.88, Cost:Discount -0.12, Rounding -0.01
95 10-29 Code:B1-0005 +100 PTS, Cancelled -100 PTS, Rewards:PTS +0.80, Cost:Points -0.80,
   Budget:B2026:Used +0.80, Budget:B2026:Available -0.80
96 10-30 Redeemed +2500 PTS, Wallet:ANA -2500 PTS, Payables:Cardo +23.00, Cost:Discount +2.00,
   Rewards:PTS -20.00, Cost:RateChange -5.00
"""

Lines = list[tuple[str, str, str]]
"""Lines of an entry as (account, unit, amount), sorted."""


@dataclass(frozen=True)
class ExpectedEntry:
    """One row of the table."""

    number: str
    day: date
    lines: Lines


def expected_entries() -> Iterator[ExpectedEntry]:
    """Yield the rows of the table."""
    for row in TABLE.replace(",\n   ", ", ").strip().splitlines():
        number, day, posts = row.split(maxsplit=2)
        yield ExpectedEntry(number, date.fromisoformat(f"2026-{day}"), sorted(map(_line, posts.split(", "))))


def _line(text: str) -> tuple[str, str, str]:
    """Return one line with its account's whole name."""
    name, amount, *unit = text.split(" ")
    first, colon, rest = name.partition(":")
    return f"{ROOTS[first]}{colon}{rest}", unit[0] if unit else "EUR", amount.lstrip("+")
