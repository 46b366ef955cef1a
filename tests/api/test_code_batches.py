"""Batches of codes over HTTP."""

import pytest

from rewards_service.kit.database import unit_of_work
from rewards_service.programs.models import Program
from tests.api.client import problem

BATCH = {"program_id": "demo", "external_id": "spring-2027", "count": 3, "value_units": 500}


class TestCodeBatches:
    def test_are_issued_by_a_job(self, shop):
        made = shop.api.made("/code-batches", BATCH, status=202)
        assert (made["state"], made["total"], made["done"]) == ("pending", 3, 0)
        assert shop.api.read(f"/code-batches/{made['id']}") == made

    def test_told_again_are_the_same_one(self, shop):
        made = shop.api.made("/code-batches", BATCH, status=202)
        assert shop.api.made("/code-batches", BATCH, status=200) == made
        problem(shop.api.post("/code-batches", BATCH | {"count": 4}), 409, "external_id_conflict")

    def test_are_known_again_after_the_program_changed_how_long_codes_last(self, shop, program):
        made = shop.api.made("/code-batches", BATCH, status=202)
        with unit_of_work() as session:
            session.get_one(Program, program.id).code_days = 30
        assert shop.api.made("/code-batches", BATCH, status=200) == made

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"count": 0}, "validation_failed"),
            ({"count": 1_000_001}, "validation_failed"),
            ({"value_units": 0}, "validation_failed"),
            ({"external_id": ""}, "validation_failed"),
            ({"expires_at": "2020-01-01T00:00:00Z"}, "expiry_not_ahead"),
            ({"expires_at": "9999-12-31T23:59:59Z"}, "expiry_too_far"),
            ({"count": 1_000_000, "value_units": 10**15}, "units_not_positive"),
        ],
    )
    def test_that_cannot_be_issued_are_refused(self, shop, change, code):
        problem(shop.api.post("/code-batches", BATCH | change), 422, code)

    def test_are_not_there_for_others(self, shop, foreign_api):
        made = shop.api.made("/code-batches", BATCH, status=202)
        problem(foreign_api.get(f"/code-batches/{made['id']}"), 404, "not_found")
