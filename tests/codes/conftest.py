"""Codes for tests: issued by one short call, and what they hold."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from rewards_service.codes.handles import NewCode
from rewards_service.codes.models import Code
from rewards_service.codes.operations import CodeTerms, issue_code
from rewards_service.codes.policy import NOTHING, CodeState, CodeValue
from rewards_service.codes.queries import code_views, values_of
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.programs.models import Program, Unit
from tests.conftest import NOW


@dataclass(frozen=True)
class Desk:
    """Where a test gets codes and looks at them."""

    session: Session
    program: Program
    vault: Vault

    def issue(
        self, units: int = 100, *, expires_at: datetime | None = None, unit: Unit | None = None, **options: object
    ) -> NewCode:
        """Issue one code of the program, in points unless told otherwise."""
        terms = CodeTerms(units, unit or self.program.points_unit, expires_at)
        return issue_code(
            self.session, program=self.program, terms=terms, vault=self.vault, actor=SYSTEM, now=NOW, **options
        )

    def of(self, program: Program) -> "Desk":
        """Return the desk of another program."""
        return replace(self, program=program)

    def value(self, code: Code, *, at: datetime = NOW) -> CodeValue:
        """Return what a code holds."""
        return values_of(self.session, account_ids=[code.account_id], now=at).get(code.account_id, NOTHING)

    def state(self, code: Code, *, at: datetime = NOW) -> CodeState:
        """Return the state that a code shows."""
        (view,) = code_views(self.session, codes=[code], now=at)
        return view.state


@pytest.fixture
def desk(session: Session, program: Program, vault: Vault) -> Desk:
    """The desk of the program ``demo``."""
    return Desk(session, program, vault)
