"""Finding and opening accounts: roles in, rows out. No other module names an account."""

from collections.abc import Iterable

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.orm import Session

from rewards_service.ledger.chart import BEARERS, STORED, AccountKey, Role, book_name
from rewards_service.ledger.models import Account
from rewards_service.programs.models import Program

_FIND = select(Account.book_name, Account.unit_id, Account.id).where(
    Account.organization_id == bindparam("organization_id"),
    Account.book_name.in_(bindparam("names", expanding=True)),
)
_OPEN_UNLESS_OPEN = text(
    "INSERT INTO account (organization_id, program_id, unit_id, role, book_name, balance_units, allow_negative) "
    "VALUES (:organization_id, :program_id, :unit_id, :role, :book_name, :balance_units, false) "
    "ON CONFLICT (organization_id, book_name, unit_id) DO NOTHING"
)
_OPEN_BEARER = insert(Account).returning(Account.id)
_PROGRAM_COMPONENT = "{program}"


def account_ids(session: Session, *, program: Program, keys: Iterable[AccountKey]) -> dict[AccountKey, int]:
    """Return the account of each key, opening those of the house that do not exist yet."""
    wanted = {(book_name(key, program=program.book_name), key.unit_id): key for key in keys}
    found = _find(session, program=program, wanted=wanted)
    missing = [key for key in wanted.values() if key not in found]
    if missing:
        session.connection().execute(_OPEN_UNLESS_OPEN, [_row(key, program=program) for key in missing])
        found = _find(session, program=program, wanted=wanted)
    return found


def open_bearer(
    session: Session, *, program: Program, role: Role, owner: str, unit_id: int, balance_units: int = 0
) -> int:
    """Open the account of a holder and return its key.

    ``owner`` is the holder's component in the books: a public id or a sanitised external id, never personal data.
    """
    assert role in BEARERS, "only holders have bearer accounts"
    row = _row(AccountKey(role, unit_id, owner), program=program)
    return session.connection().execute(_OPEN_BEARER, {**row, "balance_units": balance_units}).scalar_one()


def open_bearers(
    session: Session, *, program: Program, role: Role, owners: list[str], unit_id: int, balance_units: int
) -> list[int]:
    """Open accounts of holders, each with ``balance_units`` that the caller's entry explains; return keys in order."""
    assert role in BEARERS, "only holders have bearer accounts"
    rows = [
        {**_row(AccountKey(role, unit_id, owner), program=program), "balance_units": balance_units} for owner in owners
    ]
    statement = insert(Account).returning(Account.id, sort_by_parameter_order=True)
    return list(session.connection().execute(statement, rows).scalars())


def _find(session: Session, *, program: Program, wanted: dict[tuple[str, int], AccountKey]) -> dict[AccountKey, int]:
    """Return those of the wanted accounts that exist."""
    names = sorted({name for name, _ in wanted})
    rows = session.connection().execute(_FIND, {"organization_id": program.organization_id, "names": names})
    return {wanted[name, unit_id]: account_id for name, unit_id, account_id in rows if (name, unit_id) in wanted}


def _row(key: AccountKey, *, program: Program) -> dict[str, object]:
    """Return the columns of an account to open; one without the program in its name is the organization's."""
    name = book_name(key, program=program.book_name)
    is_of_program = name != book_name(key, program=_PROGRAM_COMPONENT)
    return {
        "organization_id": program.organization_id,
        "program_id": program.id if is_of_program else None,
        "unit_id": key.unit_id,
        "role": key.role.value,
        "book_name": name,
        "balance_units": 0 if key.role in STORED else None,
        "allow_negative": False,
    }
