"""Codes have a name each in exported books, whatever their issuer calls them and the batches beside them."""

import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from rewards_service.codes.models import Code
from rewards_service.codes.operations import CodeTerms, create_batch, issue_chunk, issue_code
from rewards_service.finance.books import export_books
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.ledger.models import Account
from rewards_service.programs.models import Program
from tests.conftest import NOW
from tests.finance.test_books import CHECKERS, accepts


def issue(session: Session, program: Program, vault: Vault, *, reference: str) -> Code:
    """Issue one code that its issuer calls so."""
    terms = CodeTerms(100, program.points_unit)
    new = issue_code(session, program=program, terms=terms, vault=vault, actor=SYSTEM, now=NOW, reference=reference)
    return new.code


def issue_batch(session: Session, program: Program, vault: Vault, *, external_id: str) -> None:
    """Issue two codes of a batch."""
    terms = CodeTerms(100, program.points_unit)
    batch = create_batch(session, program=program, external_id=external_id, count=2, terms=terms, actor=SYSTEM, now=NOW)
    issue_chunk(session, batch=batch, chunk=1, issued=0, vault=vault, actor=SYSTEM, now=NOW)


class TestCodesBesideABatch:
    @pytest.mark.parametrize("is_batch_first", [True, False])
    @pytest.mark.parametrize("reference", ["B", "B-1", "B-001", "B-0001", "B-00001"])
    def test_have_names_of_their_own(
        self, program: Program, vault: Vault, tmp_path: Path, reference: str, is_batch_first
    ):
        with unit_of_work() as session:
            session.add(program)
            if is_batch_first:
                issue_batch(session, program, vault, external_id="B")
            own = session.get_one(Account, issue(session, program, vault, reference=reference).account_id).book_name
            if not is_batch_first:
                issue_batch(session, program, vault, external_id="B")
        for book_format in sorted(CHECKERS):
            file = tmp_path / book_format
            with read_session() as session:
                export_books(
                    session,
                    organization=program.organization,
                    book_format=book_format,
                    first_day=None,
                    last_day=None,
                    today=NOW.date(),
                    out=file,
                )
            opened = re.findall(r"^(?:\S+ open|account) (\S+:Code:\S+)", file.read_text(), re.MULTILINE)
            batch = [f"Liabilities:Value:Demo:Code:B-000{serial}" for serial in (1, 2)]
            assert sorted(opened) == sorted([own, *batch])
            assert accepts(book_format, file)
