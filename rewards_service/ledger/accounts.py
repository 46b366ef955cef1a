"""Finding and opening accounts: roles in, rows out. No other module names an account."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.orm import Session

from rewards_service.kit.bulk import BULK_ROWS_MIN, insert_mappings, reserve_keys
from rewards_service.kit.statements import Statement
from rewards_service.ledger.chart import BEARERS, CHART, COMPONENT, STORED, AccountKey, Role, book_name
from rewards_service.ledger.models import Account
from rewards_service.programs.models import Budget, Program
from rewards_service.programs.policy import book_component

DIGEST_SYMBOLS = 12

_FIND = Statement(
    select(Account.book_name, Account.unit_id, Account.id).where(
        Account.organization_id == bindparam("organization_id"),
        Account.book_name.in_(bindparam("names", expanding=True)),
    )
)
_OPEN_UNLESS_OPEN = text(
    "INSERT INTO account (organization_id, program_id, unit_id, role, book_name, balance_units) "
    "VALUES (:organization_id, :program_id, :unit_id, :role, :book_name, :balance_units) "
    "ON CONFLICT (organization_id, book_name, unit_id) DO NOTHING"
)
_OPEN_BEARERS = insert(Account).returning(Account.id, sort_by_parameter_order=True)


def account_ids(session: Session, *, program: Program, keys: Iterable[AccountKey]) -> dict[AccountKey, int]:
    """Return the account of each key, opening those of the house that do not exist yet."""
    wanted = {(book_name(key, program=program.book_name), key.unit_id): key for key in keys}
    found = _find(session, program=program, wanted=wanted)
    missing = sorted(name for name, key in wanted.items() if key not in found)
    if missing:
        rows = [_row(wanted[name], program=program) for name in missing]
        session.connection().execute(_OPEN_UNLESS_OPEN, rows)
        found = _find(session, program=program, wanted=wanted)
    return found


def open_bearer(session: Session, *, program: Program, role: Role, owner: str, unit_id: int) -> int:
    """Open the account of a holder, which has nothing yet, and return its key.

    ``owner`` is the holder's component in the books: a public id or a sanitised external id, never personal data.
    """
    return open_bearers(session, program=program, role=role, owners=[owner], unit_id=unit_id, balance_units=0)[0]


def open_bearers(
    session: Session, *, program: Program, role: Role, owners: list[str], unit_id: int, balance_units: int
) -> list[int]:
    """Open accounts of holders, each with ``balance_units`` that the caller's entry explains; return keys in order."""
    assert role in BEARERS, "only holders have bearer accounts"
    rows = [_row(AccountKey(role, unit_id, owner), program=program) for owner in owners]
    for row in rows:
        row["balance_units"] = balance_units
    if len(rows) < BULK_ROWS_MIN:
        return list(session.connection().execute(_OPEN_BEARERS, rows).scalars())
    keys = reserve_keys(session, Account, len(rows))
    insert_mappings(session, Account, [{"id": key, **row} for key, row in zip(keys, rows, strict=True)])
    return keys


def budget_key(budget: Budget, *, role: Role, program: Program) -> AccountKey:
    """Return what names an account of a budget, in the program's currency."""
    return AccountKey(role, program.money_unit_id, budget_owner(budget))


def budget_owner(budget: Budget) -> str:
    """Return the budget's component in account names.

    Its external id where that can stand there as it is, else its public id in capitals: two budgets never share one.
    """
    if COMPONENT.fullmatch(budget.external_id):
        return budget.external_id
    return book_component(budget.public_id.upper())


def supplier_owner(name: str) -> str:
    """Return a supplier's component in account names, usable whatever the name is written in.

    Letters that may not stand there are replaced; where that are more than punctuation, a digest of the name tells
    suppliers apart of whom the same is left.
    """
    readable = book_component(name)
    if readable and name.isascii():
        return readable
    return f"{readable or 'Supplier'}-{sha256(name.encode()).hexdigest()[:DIGEST_SYMBOLS]}"


def _find(session: Session, *, program: Program, wanted: dict[tuple[str, int], AccountKey]) -> dict[AccountKey, int]:
    """Return those of the wanted accounts that exist."""
    names = sorted({name for name, _ in wanted})
    rows = _FIND.rows(session.connection(), {"organization_id": program.organization_id, "names": names})
    return {wanted[name, unit_id]: account_id for name, unit_id, account_id in rows if (name, unit_id) in wanted}


def _row(key: AccountKey, *, program: Program) -> dict[str, object]:
    """Return the columns of an account to open; one without the program in its name is the organization's."""
    template = CHART[key.role].template
    assert "{owner}" not in template or COMPONENT.fullmatch(key.owner), "an owner is one component of a name"
    return {
        "organization_id": program.organization_id,
        "program_id": program.id if "{program}" in template else None,
        "unit_id": key.unit_id,
        "role": key.role.value,
        "book_name": book_name(key, program=program.book_name),
        "balance_units": 0 if key.role in STORED else None,
    }
