"""The covered rows of the accounting model, played through the product, give its entries to the unit."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from rewards_service.finance.books import export_books
from rewards_service.finance.verify import verify_books
from rewards_service.kit.crypto import Vault
from rewards_service.ledger.queries import JournalEntry
from tests.finance.helios import PHONE, Helios
from tests.finance.helios_entries import Lines, expected_entries
from tests.finance.test_books import accepts


def capture_in_part(helios: Helios) -> None:
    """One of two cards is issued."""
    helios.capture("L25", cost=1860, discount=140, fee=50, units=2000)


PLAYS: dict[str, Callable[[Helios], object]] = {
    "3": lambda h: h.grant("B2026", 500_000),
    "5": lambda h: h.buy("Bookworld", count=10, face="25.00", cost="23.00"),
    "6": lambda h: h.buy("Cinema", count=5, face="20.00", cost="16.00", vat="3.04"),
    "7": lambda h: h.award("A7", "ANA", 6000, until=date(2026, 10, 20)),
    "8": lambda h: h.award("A8", "ANA", 8000, until=date(2027, 9, 6)),
    "10": lambda h: h.award("A10", PHONE, 2000),
    "11": lambda h: h.issue("C-0001", 5000),
    "12": lambda h: h.issue("C-0010", 5000, in_currency=True),
    "13": lambda h: h.issue_batch("B1", 5, 100),
    "16": lambda h: h.register_by_phone("CHEN"),
    "17": lambda h: h.claim("C-0001", "BEN"),
    "18": lambda h: h.split("B1-0001", {"C-0002": 60, "C-0003": 40}),
    "19": lambda h: h.merge(["B1-0002", "B1-0003", "B1-0004"], "C-0004"),
    "20": lambda h: h.pass_on("C-0002", "C-0005"),
    "21": lambda h: h.order("O21", "ANA", "Bookworld", 2500),
    "22": lambda h: h.fulfil("O21"),
    "23": lambda h: h.order("O23", "BEN", "Cinema", 2000),
    "24": lambda h: h.fulfil("O23"),
    "25": lambda h: h.hold("L25", "Wallet:ANA", 4000),
    "26": capture_in_part,
    "27s": lambda h: h.buy("Tencard", count=1, face="10.00", cost="9.00"),
    "27": lambda h: h.order("O27", "BEN", "Tencard", 1000),
    "28": lambda h: h.fail("O27"),
    "31": lambda h: h.hold("L31", "Wallet:CHEN", 1000),
    "32": lambda h: h.capture("L31", cost=940, discount=60),
    "33": lambda h: h.hold("L33", "Wallet:CHEN", 500),
    "34": lambda h: h.void("L33"),
    "35": lambda h: h.hold("L35", "Code:C-0010", 2000),
    "36": lambda h: h.capture("L35", cost=1880, discount=120),
    "43": lambda h: h.award("A43", "CHEN", 6000),
    "55": lambda h: h.hold("L55", "Wallet:ANA", 4000),
    "57": lambda h: h.capture("L55", cost=3760, discount=240),
    "63": lambda h: h.award("A63", "ANA", 700, until=date(2026, 10, 22)),
    "73": lambda h: h.grant("MDF1", 100_000),
    "77": lambda h: h.goodwill("BEN", 201),
    "85": lambda h: h.expire(),
    "87": lambda h: h.give_back("L55", cost=3760, discount=240),
    "89": lambda h: h.hold("L89", "Wallet:BEN", 1000),
    "90": lambda h: h.change_rate(125),
    "91": lambda h: h.hold("L91", "Wallet:BEN", 1875),
    "92": lambda h: h.capture("L91", cost=1410, discount=90),
    "93": lambda h: h.hold("L93", "Wallet:BEN", 250),
    "94": lambda h: h.capture("L93", cost=188, discount=12),
    "95": lambda h: h.recover("B1-0005", 100),
    "96": lambda h: h.refund("O21"),
}


@pytest.fixture
def helios(session: Session, vault: Vault) -> Helios:
    """The program on its first day."""
    return Helios(session, vault)


def posted(helios: Helios, entry: JournalEntry) -> Lines:
    """Return the lines of an entry, with the example's names for handles that the product named itself."""
    lines = []
    for line in entry.lines:
        root, _, owner = line.book_name.rpartition(":")
        name = helios.names.get(owner, "PHONE1" if root.endswith(":Pending") else owner)
        whole, part = divmod(abs(line.amount_units), 10**line.exponent)
        decimals = f".{part:0{line.exponent}}" if line.exponent else ""
        lines.append((f"{root}:{name}", line.symbol, f"{'-' if line.amount_units < 0 else ''}{whole}{decimals}"))
    return sorted(lines)


class TestReplay:
    def test_gives_the_entries_of_the_model_and_sound_books_after_each(self, helios: Helios):
        last = 0
        for expected in expected_entries():
            helios.on(expected.day)
            PLAYS[expected.number](helios)
            entries = helios.entries(last)
            told = [(expected.number, entry.booked_on, posted(helios, entry)) for entry in entries]
            assert told == [(expected.number, expected.day, expected.lines)]
            last = entries[-1].id
            helios.session.flush()
            broken = [result for result in verify_books(helios.session, now=helios.now) if not result.holds]
            assert (expected.number, broken) == (expected.number, [])

    @pytest.mark.parametrize("book_format", ["beancount", "hledger"])
    def test_is_accepted_by_other_programs(self, book_format: str, helios: Helios, tmp_path):
        for expected in expected_entries():
            helios.on(expected.day)
            PLAYS[expected.number](helios)
        helios.session.flush()
        export_books(
            helios.session,
            organization=helios.program.organization,
            book_format=book_format,
            first_day=date(2026, 10, 1),
            last_day=date(2026, 10, 31),
            today=date(2026, 11, 1),
            out=tmp_path / "books",
        )
        assert accepts(book_format, tmp_path / "books")
