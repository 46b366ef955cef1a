"""Members over HTTP."""

import pytest

from rewards_service.identity.queries import member_by_public_id
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import unit_of_work
from rewards_service.programs.models import Program
from rewards_service.wallets.operations import merge_members
from tests.api.client import pointers, problem
from tests.api.made import without

BODY = {
    "program_id": "demo",
    "external_id": "P-1",
    "name": "Ana Soto",
    "email": "Ana@Example.com",
    "phone": "+49 151 12345678",
    "locale": "es",
}


class TestCreateMember:
    def test_registers_one_with_normal_addresses(self, api, program):
        made = api.made("/members", BODY)
        assert without(made, "id", "created_at") == {
            **BODY,
            "program_id": program.public_id,
            "email": "ana@example.com",
            "phone": "+4915112345678",
            "merged_into": None,
            "wallets": [],
        }
        assert api.read(f"/members/{made['id']}") == made

    def test_needs_no_more_than_a_name(self, program_api):
        made = program_api.made("/members", {"name": "Ana Soto"})
        assert (made["email"], made["phone"], made["external_id"], made["locale"]) == (None, None, None, "en")

    def test_asks_which_program_where_the_key_does_not_say(self, api):
        document = problem(api.post("/members", {"name": "Ana Soto"}), 422, "validation_failed")
        assert pointers(document) == {"/program_id": "required"}

    def test_told_again_is_the_same_one(self, api):
        made = api.made("/members", BODY)
        assert api.expect(api.post("/members", BODY), 200) == made

    @pytest.mark.parametrize("change", [{"name": "Bob"}, {"email": "b@example.com"}, {"locale": "en"}])
    def test_refuses_another_one_of_the_same_external_id(self, api, change):
        api.made("/members", BODY)
        problem(api.post("/members", BODY | change), 409, "external_id_conflict")

    @pytest.mark.parametrize("kept", ["email", "phone"])
    def test_refuses_an_address_of_somebody_else(self, api, kept):
        api.made("/members", BODY)
        other = {"program_id": "demo", "name": "Bob", "external_id": "P-2", kept: BODY[kept]}
        problem(api.post("/members", other), 409, "address_taken")

    @pytest.mark.parametrize(
        "change",
        [
            {"email": "a@b@c"},
            {"email": "a\r\nBcc: x@example.com"},
            {"email": "a@" + "b" * 300 + ".com"},
            {"phone": "+"},
            {"phone": "+49 1"},
            {"phone": "0151 12345678"},
            {"phone": "+49151123456789012345"},
            {"locale": "e n"},
        ],
    )
    def test_names_the_field_that_cannot_be_used(self, api, change):
        document = problem(api.post("/members", BODY | change), 422, "validation_failed")
        assert pointers(document).keys() == {f"/{next(iter(change))}"}

    @pytest.mark.parametrize("reference", ["other", "nothing"])
    def test_knows_no_program_of_others(self, api, other_program, reference):
        problem(api.post("/members", BODY | {"program_id": reference}), 404, "not_found")

    def test_knows_no_program_beside_that_of_its_key(self, api, program_api):
        api.made(
            "/programs",
            {
                "name": "B",
                "external_id": "b",
                "unit": "PTB",
                "currency": "EUR",
                "time_zone": "UTC",
                "locale": "en",
            },
        )
        problem(program_api.post("/members", BODY | {"program_id": "b"}), 404, "not_found")


class TestFindMembers:
    def test_finds_by_email_in_any_spelling(self, api):
        made = api.made("/members", BODY)
        api.made("/members", {"program_id": "demo", "name": "Bob"})
        assert api.read("/members", email="ANA@example.COM")["items"] == [made]
        assert api.read("/members", phone="+49 (151) 12345678")["items"] == [made]
        assert api.read("/members", external_id="P-1", program_id="demo")["items"] == [made]
        assert api.read("/members", email="nobody@example.com")["items"] == []

    def test_goes_page_by_page(self, api):
        made = [api.made("/members", {"program_id": "demo", "name": f"M{n}"})["id"] for n in range(5)]
        found, cursor = [], None
        while True:
            page = api.read("/members", limit=2, **({"cursor": cursor} if cursor else {}))
            found += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert found == made

    def test_finds_nobody_of_others(self, api, foreign_api):
        api.made("/members", BODY)
        assert foreign_api.read("/members", email=BODY["email"])["items"] == []
        problem(foreign_api.get("/members", program_id="demo"), 404, "not_found")


class TestReadMember:
    def test_shows_the_wallets(self, shop):
        member = shop.member()
        wallet = shop.award(member={"id": member["id"]})["wallet_id"]
        assert shop.api.read(f"/members/{member['id']}")["wallets"] == [{"id": wallet, "unit": "PTS"}]

    def test_says_who_stands_for_one_that_was_merged(self, shop, program):
        kept, merged = shop.member(), shop.member()
        with unit_of_work() as session:
            rows = [
                member_by_public_id(session, organization_id=program.organization_id, public_id=each["id"])
                for each in (kept, merged)
            ]
            merge_members(
                session,
                program=session.get_one(Program, program.id),
                kept=rows[0],
                merged=rows[1],
                reason="one person",
                actor=SYSTEM,
                now=shop.now,
            )
        assert shop.api.read(f"/members/{merged['id']}")["merged_into"] == kept["id"]
        assert shop.api.read(f"/members/{kept['id']}")["merged_into"] is None

    def test_is_not_there_for_others(self, shop, foreign_api):
        problem(foreign_api.get(f"/members/{shop.member()['id']}"), 404, "not_found")
