"""New handles: an account, and the code that whoever holds it may spend from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.entering import LOOKUP_PURPOSE
from rewards_service.codes.format import GROUP_SYMBOLS, grouped
from rewards_service.codes.generation import generate_codes
from rewards_service.codes.models import Code, CodeBatch
from rewards_service.codes.policy import CodeState
from rewards_service.codes.shortness import symbols_for
from rewards_service.kit.bulk import insert_rows
from rewards_service.kit.crypto import SecretText, Vault
from rewards_service.kit.ids import new_public_id, new_public_ids
from rewards_service.ledger.accounts import open_bearer
from rewards_service.ledger.chart import Role
from rewards_service.programs.models import Program
from rewards_service.wallets.policy import book_reference

SEAL_PURPOSE = "code"
PUBLIC_ID_PREFIX = "cod"

_BATCH_COLUMNS = (
    *("public_id", "organization_id", "program_id", "account_id", "unit_id", "batch_id", "value_units", "expires_at"),
    *("last4", "lookup_hmac", "key_version", "sealed_code", "state", "created_at"),
)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was just made, and its text, grouped as it is shown: the only time it is in clear."""

    code: Code
    text: SecretText


@dataclass(frozen=True, slots=True)
class HandleTerms:
    """What a new handle is for: ``reference`` names its account in the books, none: by its public id."""

    unit_id: int
    value_units: int
    expires_at: datetime | None
    made_from_id: int | None = None
    reference: str | None = None
    is_recoverable: bool = True


@dataclass(frozen=True, slots=True)
class DraftCode:
    """A code of a batch before it is stored; ``lookup_hmac`` stands first, because drafts are sorted by it."""

    lookup_hmac: bytes
    text: str
    public_id: str


def open_handle(session: Session, *, program: Program, terms: HandleTerms, vault: Vault, now: datetime) -> NewCode:
    """Open an empty account and make the code that stands for it; the caller fills it in the same transaction."""
    symbols = symbols_for(session, program=program, unit_id=terms.unit_id, units=terms.value_units, now=now)
    (text,) = generate_codes(1, symbols=symbols, prefix=program.code_prefix)
    public_id = new_public_id(PUBLIC_ID_PREFIX, now=now)
    owner = book_reference(external_id=terms.reference, public_id=public_id)
    code = Code(
        public_id=public_id,
        organization_id=program.organization_id,
        program_id=program.id,
        account_id=open_bearer(session, program=program, role=Role.CODE, owner=owner, unit_id=terms.unit_id),
        unit_id=terms.unit_id,
        value_units=terms.value_units,
        expires_at=terms.expires_at,
        last4=text[-GROUP_SYMBOLS:],
        lookup_hmac=vault.lookup(LOOKUP_PURPOSE, text),
        key_version=vault.lookup_version,
        state=CodeState.ACTIVE.value,
        made_from_id=terms.made_from_id,
        created_at=now,
    )
    if terms.is_recoverable:
        code.sealed_code = vault.seal(
            session,
            organization_id=program.organization_id,
            purpose=SEAL_PURPOSE,
            reference=public_id,
            plaintext=text,
        )
    session.add(code)
    session.flush()
    return NewCode(code, SecretText(grouped(text)))


def draft_codes(count: int, *, program: Program, symbols: int, vault: Vault, now: datetime) -> list[DraftCode]:
    """Return ``count`` fresh codes of a program, each of so many symbols.

    They are in the order that loads fastest: by their place in the unique index.
    """
    digest = vault.lookup_hmac(LOOKUP_PURPOSE).digest
    texts = generate_codes(count, symbols=symbols, prefix=program.code_prefix)
    public_ids = new_public_ids(PUBLIC_ID_PREFIX, count=count, now=now)
    drafts = [DraftCode(digest(text.encode()), text, made) for text, made in zip(texts, public_ids, strict=True)]
    return sorted(drafts, key=lambda draft: draft.lookup_hmac)


def store_drafts(
    session: Session,
    *,
    batch: CodeBatch,
    drafts: Sequence[DraftCode],
    account_ids: Sequence[int],
    vault: Vault,
    now: datetime,
) -> None:
    """Store drafts of a batch, one for each account that was opened for them."""
    sealer = vault.sealer(session, organization_id=batch.organization_id, purpose=SEAL_PURPOSE)
    rows = (
        (
            draft.public_id,
            batch.organization_id,
            batch.program_id,
            account_id,
            batch.unit_id,
            batch.id,
            batch.value_units,
            batch.expires_at,
            draft.text[-GROUP_SYMBOLS:],
            draft.lookup_hmac,
            vault.lookup_version,
            sealer.seal(draft.public_id, draft.text),
            CodeState.ACTIVE.value,
            now,
        )
        for draft, account_id in zip(drafts, account_ids, strict=True)
    )
    insert_rows(session, Code, columns=_BATCH_COLUMNS, rows=rows)
