"""Programs over HTTP."""

import pytest

from tests.api.client import pointers, problem
from tests.api.made import without

BODY = {
    "name": "Partners 2027",
    "external_id": "partners-2027",
    "unit": "PTA",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "locale": "de",
}


class TestCreateProgram:
    def test_makes_one_that_can_be_read(self, api):
        made = api.made("/programs", BODY)
        assert without(made, "id", "created_at") == {**BODY, "rate": {"units": 1, "minor": 1}}
        assert made["created_at"] == "2026-11-21T09:00:00Z"
        assert api.read(f"/programs/{made['id']}") == made == api.read("/programs/partners-2027")

    @pytest.mark.parametrize(
        ("said", "rate"),
        [
            ({"rate": {"units": 10, "minor": 1}}, {"units": 10, "minor": 1}),
            ({"points_per_major": 250}, {"units": 250, "minor": 100}),
        ],
    )
    def test_takes_the_rate_in_either_form(self, api, said, rate):
        assert api.made("/programs", BODY | said)["rate"] == rate

    def test_refuses_both_forms_at_once(self, api):
        body = BODY | {"points_per_major": 1, "rate": {"units": 1, "minor": 1}}
        document = problem(api.post("/programs", body), 422, "validation_failed")
        assert pointers(document) == {"/rate": "one_of", "/points_per_major": "one_of"}

    def test_told_again_is_the_same_one(self, api):
        made = api.made("/programs", BODY)
        assert api.expect(api.post("/programs", BODY), 200) == made

    @pytest.mark.parametrize("change", [{"name": "Other"}, {"points_per_major": 5}, {"locale": "en"}])
    def test_refuses_another_one_of_the_same_external_id(self, api, change):
        api.made("/programs", BODY)
        problem(api.post("/programs", BODY | change), 409, "external_id_conflict")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"currency": "euro"}, "/currency"),
            ({"time_zone": "Mars/Olympus"}, "/time_zone"),
            ({"locale": "xx-yy-zz"}, "/locale"),
            ({"unit": "EUR"}, "/unit"),
            ({"unit": "PTS"}, "/unit"),
            ({"external_id": "…"}, "/external_id"),
            ({"rate": {"units": 0, "minor": 1}}, "/rate/units"),
            ({"rate": {"units": 1, "minor": -1}}, "/rate/minor"),
            ({"rate": {"units": 1.0, "minor": True}}, "/rate/units"),
            ({"points_per_major": "100"}, "/points_per_major"),
            ({"points_per_major": 10**9 + 1}, "/points_per_major"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, api, change, pointer):
        response = api.post("/programs", BODY | change)
        assert response.status_code == 422
        document = response.get_json(force=True)
        assert pointer in pointers(document)

    def test_refuses_a_currency_the_organization_does_not_keep(self, api):
        problem(api.post("/programs", BODY | {"currency": "USD"}), 422, "currency_not_kept")


class TestListPrograms:
    def test_goes_page_by_page(self, api):
        names = [
            api.made("/programs", BODY | {"external_id": f"p{n}", "unit": f"PT{chr(65 + n)}"})["id"] for n in range(3)
        ]
        first = api.read("/programs", limit=2)
        second = api.read("/programs", limit=2, cursor=first["next_cursor"])
        assert [each["id"] for each in [*first["items"], *second["items"]]][1:] == names
        assert second["next_cursor"] is None

    def test_of_a_key_of_one_program_has_that_one(self, api, program_api):
        api.made("/programs", BODY)
        assert [each["external_id"] for each in program_api.read("/programs")["items"]] == ["demo"]

    def test_refuses_a_cursor_of_another_list(self, api):
        for number in range(2):
            api.made("/members", {"program_id": "demo", "name": f"Ana {number}"})
        cursor = api.read("/members", limit=1)["next_cursor"]
        assert pointers(problem(api.get("/programs", cursor=cursor), 422, "validation_failed")) == {
            "/cursor": "cursor_invalid"
        }


class TestReadProgram:
    def test_is_not_there_for_others(self, foreign_api, program):
        problem(foreign_api.get("/programs/demo"), 404, "not_found")
        problem(foreign_api.get(f"/programs/{program.public_id}"), 404, "not_found")
