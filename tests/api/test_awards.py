"""Awards over HTTP, and the wallets that hold them."""

import pytest

from rewards_service.api.fields import VALUE_MAX
from tests.api.client import pointers, problem
from tests.api.made import award_body, without


class TestCreateAward:
    def test_fills_the_wallet_of_a_member(self, shop, program):
        member = shop.member()
        body = award_body(member={"id": member["id"]}, expires_at="2027-06-30T22:00:00+02:00")
        award = shop.api.made("/awards", body)
        assert without(award, "id", "wallet_id", "created_at") == {
            "program_id": program.public_id,
            "external_id": body["external_id"],
            "value_units": 6_000,
            "unit": "PTS",
            "reason": "Q3 sales",
            "expires_at": "2027-06-30T20:00:00Z",
        }
        wallet = shop.api.read(f"/wallets/{award['wallet_id']}")
        assert without(wallet, "lots") == {
            "id": award["wallet_id"],
            "program_id": program.public_id,
            "member_id": member["id"],
            "unit": "PTS",
            "balance_units": 6_000,
            "held_units": 0,
            "merged_into": None,
        }
        assert wallet["lots"] == [
            {
                "units": 6_000,
                "expires_at": "2027-06-30T20:00:00Z",
                "source": award["id"],
                "earned_at": "2026-11-21T09:00:00Z",
            }
        ]

    @pytest.mark.parametrize("address", [{"email": "new@example.com"}, {"phone": "+4915112345678"}])
    def test_to_an_address_waits_for_its_owner(self, shop, address):
        award = shop.award(member=address)
        assert shop.api.read(f"/wallets/{award['wallet_id']}")["member_id"] is None
        again = shop.award(1, member=address)
        assert again["wallet_id"] == award["wallet_id"]

    def test_to_the_address_of_a_member_goes_to_the_member(self, shop):
        member = shop.member(email="ana@example.com")
        award = shop.award(member={"email": "Ana@Example.com"})
        assert shop.api.read(f"/wallets/{award['wallet_id']}")["member_id"] == member["id"]

    def test_in_the_currency_is_a_promise_and_has_a_wallet_of_its_own(self, shop):
        member = shop.member()
        points = shop.award(member={"id": member["id"]})
        promise = shop.award(2_500, member={"id": member["id"]}, unit="EUR")
        assert (points["unit"], promise["unit"]) == ("PTS", "EUR")
        assert points["wallet_id"] != promise["wallet_id"]

    def test_told_again_is_the_same_one(self, api):
        body = award_body()
        made = api.made("/awards", body)
        assert api.expect(api.post("/awards", body), 200) == made
        assert api.read(f"/wallets/{made['wallet_id']}")["balance_units"] == 6_000

    @pytest.mark.parametrize(
        "change", [{"value_units": 6_001}, {"reason": "x"}, {"member": {"email": "b@example.com"}}]
    )
    def test_refuses_another_one_of_the_same_external_id(self, api, change):
        body = award_body()
        api.made("/awards", body)
        problem(api.post("/awards", body | change), 409, "external_id_conflict")

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (0, "too_small"),
            (-1, "too_small"),
            (1.5, "not_an_integer"),
            (1.0, "not_an_integer"),
            (1e3, "not_an_integer"),
            ("100", "not_an_integer"),
            (True, "not_an_integer"),
            (None, "null"),
            ([1], "not_an_integer"),
            (VALUE_MAX + 1, "too_large"),
            (10**400, "too_large"),
        ],
    )
    def test_refuses_values_that_are_none(self, api, value, code):
        document = problem(api.post("/awards", award_body(value_units=value)), 422, "validation_failed")
        assert pointers(document) == {"/value_units": code}

    def test_takes_the_largest_value_there_is(self, api):
        assert api.made("/awards", award_body(value_units=VALUE_MAX))["value_units"] == VALUE_MAX

    @pytest.mark.parametrize(
        "moment",
        [
            "2027-06-30",
            "2027-06-30T22:00:00",
            "2027-02-30T00:00:00Z",
            "30.06.2027",
            "0001-01-01T00:00:00+14:00",
            "2027-06-30T24:00:01Z",
            1_800_000_000,
            "",
        ],
    )
    def test_refuses_moments_that_are_none(self, api, moment):
        document = problem(api.post("/awards", award_body(expires_at=moment)), 422, "validation_failed")
        assert pointers(document) == {"/expires_at": "not_a_moment"}

    @pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "2200-01-03T00:00:00Z"])
    def test_refuses_an_end_beyond_any_calendar(self, api, moment):
        document = problem(api.post("/awards", award_body(expires_at=moment)), 422, "expiry_too_far")
        assert pointers(document) == {"/expires_at": "expiry_too_far"}

    @pytest.mark.parametrize("moment", ["2026-11-21T09:00:00Z", "2020-01-01T00:00:00Z"])
    def test_refuses_an_end_that_has_come(self, api, moment):
        assert pointers(problem(api.post("/awards", award_body(expires_at=moment)), 422, "already_expired"))

    @pytest.mark.parametrize(
        "member", [{}, {"email": "a@example.com", "phone": "+4915112345678"}, {"id": "x", "email": "a@example.com"}]
    )
    def test_needs_exactly_one_way_to_the_member(self, api, member):
        document = problem(api.post("/awards", award_body(member=member)), 422, "validation_failed")
        assert set(pointers(document).values()) == {"one_of"}

    def test_knows_no_member_that_is_not_there(self, api):
        problem(api.post("/awards", award_body(member={"id": "mem_nobody"})), 404, "not_found")

    @pytest.mark.parametrize("unit", ["USD", "VEUR0", "PTX"])
    def test_refuses_units_of_others(self, api, unit):
        problem(api.post("/awards", award_body(unit=unit)), 422, "unit_not_of_program")


class TestWalletEntries:
    def test_tell_each_change_with_the_balance_after_it(self, shop):
        member = shop.member()
        first = shop.award(100, member={"id": member["id"]})
        shop.award(50, member={"id": member["id"]}, reason="More")
        entries = shop.api.read(f"/wallets/{first['wallet_id']}/entries")["items"]
        assert [(each["units"], each["balance_units"], each["kind"]) for each in entries] == [
            (50, 150, "award"),
            (100, 100, "award"),
        ]
        assert entries[1]["source"] == {"type": "award", "reference": first["id"]}
        assert entries[1]["parts"] == [{"source": first["id"], "expires_at": None, "units": 100}]

    def test_go_page_by_page(self, shop):
        member = shop.member()
        for units in (1, 2, 3):
            wallet = shop.award(units, member={"id": member["id"]})["wallet_id"]
        first = shop.api.read(f"/wallets/{wallet}/entries", limit=2)
        second = shop.api.read(f"/wallets/{wallet}/entries", limit=2, cursor=first["next_cursor"])
        assert [each["units"] for each in [*first["items"], *second["items"]]] == [3, 2, 1]

    def test_are_not_there_for_others(self, shop, foreign_api):
        wallet = shop.award()["wallet_id"]
        problem(foreign_api.get(f"/wallets/{wallet}"), 404, "not_found")
        problem(foreign_api.get(f"/wallets/{wallet}/entries"), 404, "not_found")
