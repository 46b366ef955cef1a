"""The stage of the tests of the books; when a test is over, its books must be right."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from rewards_service.programs.models import Program
from tests.ledger.stage import Stage


@pytest.fixture
def stage(session: Session, program: Program, now: datetime) -> Iterator[Stage]:
    """A program in an open unit of work."""
    playing = Stage(session, program, now)
    yield playing
    assert playing.broken() == []
