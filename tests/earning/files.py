"""Award files made up in tests."""

from rewards_service.earning.award_files.file import AwardFile, open_award_file
from rewards_service.earning.award_files.mapping import GivenMapping, ProgramHabits
from rewards_service.kit.tabular import read_table

HABITS = ProgramHabits(currency="EUR", points="PTS", country=None)
HEADER = "Reference;Full name;Email;Mobile;Promotion;Amount;Currency;Date;Valid until\n"
GOOD = "A-1;Ana Weiß;ana@example.com;+49 151 17982458;Launch;25,00;EUR;31.10.2026;31.12.2026"


def award_file(
    *lines: str, header: str = HEADER, encoding: str = "utf8", given: GivenMapping | None = None, name: str = "a.csv"
) -> AwardFile:
    """Return the opened file of ``lines`` below ``header``."""
    content = (header.rstrip("\n") + "\n" + "\n".join(lines) + "\n").encode(encoding)
    return open_award_file(read_table(content), name=name, habits=HABITS, given=given)


def with_cell(column: int, text: str) -> str:
    """Return the good line with another cell in ``column``."""
    cells = GOOD.split(";")
    cells[column] = text
    return ";".join(cells)
