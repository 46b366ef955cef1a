"""The same thing told by several callers at the same moment, each with a key of its own: as in sequence, it is one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from rewards_service.codes.models import CodeBatch
from rewards_service.identity.models import Member
from rewards_service.kit.database import db, read_session, transact
from rewards_service.programs.models import Partner, Program
from rewards_service.programs.operations import ensure_partner
from tests.api.client import Api
from tests.conftest import NOW

CALLERS = 6
MEMBER = {"program_id": "demo", "name": "Ana", "external_id": "M-1", "email": "ana@example.com"}
PROGRAM = {"name": "Two", "external_id": "two", "unit": "TWO", "currency": "EUR", "time_zone": "UTC", "locale": "en"}
BATCH = {"program_id": "demo", "count": 3, "value_units": 100, "external_id": "SPRING"}
RATE = {"points_per_major": 100}


def at_once(api: Api, path: str, bodies: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Send all bodies at the same moment and return the statuses and the names of the refusals."""
    gate = Barrier(len(bodies))

    def send(body: dict[str, Any]) -> tuple[int, str]:
        gate.wait(30)
        answer = api.post(path, body)
        return answer.status_code, answer.get_json().get("code", "")

    with ThreadPoolExecutor(len(bodies)) as pool:
        return sorted(pool.map(send, bodies))


def count(model: type) -> int:
    with read_session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


class TestTheSame:
    @pytest.mark.parametrize(
        ("path", "body", "model", "first"),
        [
            pytest.param("/members", MEMBER, Member, 201, id="member"),
            pytest.param("/programs", PROGRAM | RATE, Program, 201, id="program"),
            pytest.param("/code-batches", BATCH, CodeBatch, 202, id="code batch"),
        ],
    )
    def test_is_made_once_and_found_by_all_others(self, api: Api, path: str, body: Any, model: type, first: int):
        before = count(model)
        answers = at_once(api, path, [body] * CALLERS)
        later = api.post(path, body).status_code
        assert answers == sorted([(first, "")] + [(later, "")] * (CALLERS - 1))
        assert count(model) == before + 1

    def test_company_of_two_imports_is_one(self, app: Flask, program: Program):
        gate, looks = Barrier(CALLERS), []

        def import_one(_: int) -> int:
            def import_rows(session) -> int:
                looks.append(1)
                session.scalar(select(func.count()).select_from(Partner))
                if db.engine.dialect.name == "postgresql" and len(looks) <= CALLERS:
                    gate.wait(30)
                organization_id = program.organization_id
                return ensure_partner(
                    session, organization_id=organization_id, external_id="NORD", name="Nord", now=NOW
                ).id

            with app.app_context():
                return transact(import_rows)

        with ThreadPoolExecutor(CALLERS) as pool:
            assert len(set(pool.map(import_one, range(CALLERS)))) == 1
        assert count(Partner) == 1


class TestOther:
    @pytest.mark.parametrize(
        ("path", "body", "refusal"),
        [
            pytest.param("/members", MEMBER, "external_id_conflict", id="member"),
            pytest.param("/programs", PROGRAM | RATE, "external_id_conflict", id="program"),
        ],
    )
    def test_content_under_one_external_id_is_refused_as_in_sequence(
        self, api: Api, path: str, body: Any, refusal: str
    ):
        bodies = [{**body, "name": f"Name {number}"} for number in range(CALLERS)]
        assert at_once(api, path, bodies) == [(201, "")] + [(409, refusal)] * (CALLERS - 1)

    def test_member_with_the_address_is_told_that_it_is_taken(self, api: Api):
        bodies = [{**MEMBER, "external_id": f"M-{number}"} for number in range(CALLERS)]
        assert at_once(api, "/members", bodies) == [(201, "")] + [(409, "address_taken")] * (CALLERS - 1)

    def test_programs_of_one_organization_all_come_about(self, api: Api):
        units = ["TWOA", "TWOB", "TWOC", "TWOD", "TWOE", "TWOF"]
        bodies = [{**PROGRAM, **RATE, "external_id": unit.lower(), "unit": unit} for unit in units]
        assert at_once(api, "/programs", bodies) == [(201, "")] * CALLERS
