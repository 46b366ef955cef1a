"""R14: the database, its files, its log and the product's own log do not reveal a code that was planted in it."""

import io
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from rewards_service.codes.entering import check_code
from rewards_service.codes.format import normal_form
from rewards_service.codes.jobs import JOB_KINDS
from rewards_service.codes.models import Code
from rewards_service.codes.operations import (
    CodeTerms,
    claim_token,
    create_batch,
    create_claim_link,
    merge_codes,
    open_code,
    reveal_code,
)
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import SecretText, Vault, new_key_ring
from rewards_service.kit.database import unit_of_work
from rewards_service.kit.errors import Refusal
from rewards_service.kit.jobs import job_by_id
from rewards_service.kit.jobs.kinds import run_of
from rewards_service.kit.logs import logger_of
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW
from tests.support.leaks import files, leaks, logged, tables


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, statements with their parameters included."""
    with logged() as stream:
        yield stream


class TestTheDatabaseAlone:
    def test_reveals_no_code_and_no_token(self, app: Flask, program: Program, vault: Vault, log: io.StringIO):
        secrets = plant(program, vault)
        places = {**tables(), **files(app), "log": log.getvalue().encode()}
        assert len(secrets) == 9
        assert "INSERT INTO code" in log.getvalue()
        assert leaks(secrets, places) == []

    def test_is_searched_well_enough_to_find_what_is_there(self, app: Flask, program: Program, vault: Vault):
        plant(program, vault)
        with unit_of_work() as session:
            last4, public_id = session.execute(select(Code.last4, Code.public_id).limit(1)).one()
        places = {**tables(), **files(app)}
        assert last4.encode() in places["table code"]
        assert any(public_id.encode() in content for place, content in places.items() if place.startswith("file"))

    def test_finds_no_code_without_the_key_file(self, app: Flask, program: Program, vault: Vault):
        with unit_of_work() as session:
            session.add(program)
            text = Desk(session, program, vault).issue().text.reveal()
        with unit_of_work() as session, pytest.raises(Refusal):
            check_code(session, text=text, vault=Vault(new_key_ring()), now=NOW)


def plant(program: Program, vault: Vault) -> list[str]:
    """Do everything that touches a code in clear and return the codes and tokens, in normal form."""
    seen: list[SecretText] = []
    with unit_of_work() as session:
        session.add(program)
        desk = Desk(session, program, vault)
        new = [desk.issue(), desk.issue(), desk.issue(expires_at=NOW + timedelta(days=1))]
        merged = merge_codes(session, codes=[new[0].code, new[1].code], vault=vault, actor=SYSTEM, now=NOW)
        link = create_claim_link(session, code=merged.code, vault=vault, now=NOW)
        reveal_code(session, code=merged.code, vault=vault, actor=SYSTEM, reason="a reason", now=NOW)
        seen += [*(each.text for each in new), merged.text]
        token = claim_token(vault, link=link).reveal()
        seen += batch_of(desk)
    with unit_of_work() as session:
        for each in seen:
            enter_and_log(session, each.reveal(), vault)
    return [*(normal_form(each.reveal()) for each in seen), token]


def batch_of(desk: Desk) -> list[SecretText]:
    """Issue a batch of four codes and return them."""
    batch = create_batch(
        desk.session,
        program=desk.program,
        external_id="B1",
        count=4,
        terms=CodeTerms(100, desk.program.points_unit),
        actor=SYSTEM,
        now=NOW,
    )
    kind = JOB_KINDS[0]
    job = job_by_id(desk.session, job_id=batch.job_id)
    kind.settle(desk.session, run_of(job, kind=kind, gateways=SimpleNamespace(vault=desk.vault)), None, NOW)
    codes = desk.session.scalars(select(Code).where(Code.batch_id == batch.id)).all()
    return [open_code(desk.session, code=code, vault=desk.vault) for code in codes]


def enter_and_log(session, text: str, vault: Vault) -> None:
    """Enter a code as somebody would, and log carelessly what came of it."""
    log = logger_of("careless")
    try:
        found = check_code(session, text=text, vault=vault, now=NOW)
        log.info("entered", text=text, found=found)
        int(text)
    except (Refusal, ValueError):
        log.exception("failed", form={"code": text.lower()}, path=f"/c/{normal_form(text)}")
