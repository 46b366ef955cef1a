"""Codes over HTTP."""

import json

import pytest

from rewards_service.codes.format import check_symbol
from rewards_service.delivery.models import Message
from rewards_service.kit.database import read_session
from tests.api.client import Api, pointers, problem
from tests.api.guessing import guess_again
from tests.api.made import without

UNKNOWN = "ABCDEFGHJKMNPQR" + check_symbol("ABCDEFGHJKMNPQR")
REASON = {"reason": "Lost"}
FAR_AHEAD = ("9999-12-31T23:59:59Z", "2200-01-03T00:00:00Z")


class TestIssueCode:
    def test_shows_the_code_this_once(self, shop, program):
        made = shop.code(5_000, unit="EUR", expires_at="2027-01-31T23:00:00Z")
        assert without(made, "id", "code", "last4", "created_at") == {
            "program_id": program.public_id,
            "code_wiped": False,
            "value_units": 5_000,
            "unit": "EUR",
            "expires_at": "2027-01-31T23:00:00Z",
            "message_id": None,
        }
        assert made["code"][-4:] == made["last4"]
        read = shop.api.read(f"/codes/{made['id']}")
        assert "code" not in read
        assert (read["state"], read["balance_units"], read["held_units"]) == ("active", 5_000, 0)

    def test_can_be_repeated_with_the_code_for_a_day(self, shop, clock, now):
        body = {"program_id": "demo", "value_units": 1}
        first = shop.api.post("/codes", body, idempotency_key="once")
        again = shop.api.post("/codes", body, idempotency_key="once")
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"
        clock.at = now.replace(day=22, hour=10)
        late = json.loads(shop.api.post("/codes", body, idempotency_key="once").data)
        assert late == json.loads(first.data) | {"code": None, "code_wiped": True}

    @pytest.mark.parametrize(
        "deliver", [{"channel": "email", "to": "ana@example.com"}, {"channel": "sms", "to": "+4915112345678"}]
    )
    def test_sends_a_link_and_not_the_code(self, shop, deliver):
        made = shop.code(deliver=deliver)
        message = shop.api.read(f"/messages/{made['message_id']}")
        assert (message["channel"], message["to"], message["state"]) == (deliver["channel"], deliver["to"], "queued")
        assert message["about"] == {"type": "code", "id": made["id"]}
        with read_session() as session:
            context = json.dumps(session.query(Message).one().context)
        assert made["code"] not in context
        assert made["code"].replace("-", "") not in context

    def test_sends_nothing_where_nothing_is_to_be_sent(self, shop):
        assert shop.code(deliver={"channel": "none"})["message_id"] is None

    @pytest.mark.parametrize(
        ("deliver", "pointer"),
        [
            ({"channel": "email"}, "/deliver/to"),
            ({"channel": "none", "to": "ana@example.com"}, "/deliver/to"),
            ({"channel": "fax", "to": "1"}, "/deliver/channel"),
            ({"to": "ana@example.com"}, "/deliver/channel"),
            ({"channel": "email", "to": "a@b\r\nBcc: x@example.com"}, "/deliver/to"),
        ],
    )
    def test_refuses_messages_to_nobody(self, shop, deliver, pointer):
        response = shop.api.post("/codes", {"program_id": "demo", "value_units": 1, "deliver": deliver})
        assert pointer in pointers(problem(response, 422, "validation_failed"))

    @pytest.mark.parametrize("to", ["nobody", "a@b@c", "+49"])
    def test_issues_nothing_where_the_message_cannot_be_sent(self, shop, to):
        body = {"program_id": "demo", "value_units": 1, "deliver": {"channel": "email", "to": to}}
        assert shop.api.post("/codes", body).status_code == 422
        assert shop.api.read("/ledger/entries")["items"] == []

    @pytest.mark.parametrize("value", [0, -5, 1.0, "5", True, 10**15 + 1])
    def test_refuses_values_that_are_none(self, shop, value):
        response = shop.api.post("/codes", {"program_id": "demo", "value_units": value})
        assert pointers(problem(response, 422, "validation_failed")).keys() == {"/value_units"}

    @pytest.mark.parametrize("moment", FAR_AHEAD)
    def test_refuses_an_end_beyond_any_calendar(self, shop, moment):
        body = {"program_id": "demo", "value_units": 1, "expires_at": moment}
        document = problem(shop.api.post("/codes", body), 422, "expiry_too_far")
        assert pointers(document) == {"/expires_at": "expiry_too_far"}
        assert shop.code(expires_at="2199-12-31T23:00:00Z")["expires_at"] == "2199-12-31T23:00:00Z"

    def test_refuses_an_end_that_has_come(self, shop):
        body = {"program_id": "demo", "value_units": 1, "expires_at": "2026-11-21T09:00:00Z"}
        problem(shop.api.post("/codes", body), 422, "expiry_not_ahead")


class TestCheckCode:
    @pytest.mark.parametrize("spell", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
    def test_tells_what_a_code_is_worth_in_any_spelling(self, shop, spell):
        made = shop.code(5_000, expires_at="2027-01-31T23:00:00Z")
        body = {"code": spell(made["code"])}
        checked = shop.api.expect(shop.api.post("/codes/check", body, idempotency_key=None), 200)
        assert checked == {
            "status": "active",
            "balance_units": 5_000,
            "unit": "PTS",
            "expires_at": "2027-01-31T23:00:00Z",
        }

    @pytest.mark.parametrize("text", ["", "7K3Q", UNKNOWN[:-1] + "Z", "U" * 16, "x" * 300, "\x00" * 16, 16 * "ß", 7])
    def test_tells_slips_from_guesses(self, shop, text):
        response = shop.api.post("/codes/check", {"code": text})
        assert response.status_code == 422
        assert response.get_json(force=True)["code"] in {"code_mistyped", "validation_failed"}

    def test_turns_guessers_away_but_nobody_else(self, shop, app, program, make_key):
        good = shop.code()["code"]
        problem(shop.api.post("/codes/check", {"code": UNKNOWN}), 404, "code_not_usable")
        guess_again(298)
        assert shop.api.made("/codes/check", {"code": good}, status=200)
        problem(shop.api.post("/codes/check", {"code": UNKNOWN}), 404, "code_not_usable")
        refused = shop.api.post("/codes/check", {"code": good})
        problem(refused, 429, "rate_limited")
        assert int(refused.headers["Retry-After"]) > 0
        problem(shop.api.post("/codes/claim", {"code": good, "wallet_id": "wal_x"}), 429, "rate_limited")
        elsewhere = Api(app, shop.api.key, address="198.51.100.7")
        problem(elsewhere.post("/codes/check", {"code": good}), 429, "rate_limited")
        another = Api(app, make_key(program, whole_organization=True))
        assert another.made("/codes/check", {"code": good}, status=200)["status"] == "active"

    def test_does_not_count_codes_that_were_good_once(self, shop):
        spent, wallet = shop.code()["code"], shop.wallet()
        shop.api.made("/codes/claim", {"code": spent, "wallet_id": wallet}, status=200)
        problem(shop.api.post("/codes/check", {"code": UNKNOWN}), 404, "code_not_usable")
        guess_again(298)
        for _ in range(3):
            problem(shop.api.post("/codes/check", {"code": spent}), 404, "code_not_usable")
        assert shop.api.made("/codes/check", {"code": shop.code()["code"]}, status=200)

    def test_shares_no_budget_with_visitors_of_the_same_address(self, shop):
        for _ in range(25):
            problem(shop.api.post("/codes/check", {"code": UNKNOWN}), 404, "code_not_usable")
        assert shop.api.made("/codes/check", {"code": shop.code()["code"]}, status=200)

    def test_does_not_count_slips(self, shop):
        good = shop.code()["code"]
        for _ in range(25):
            shop.api.post("/codes/check", {"code": UNKNOWN[:-1] + "Z"})
        assert shop.api.made("/codes/check", {"code": good}, status=200)


class TestClaimCode:
    def test_moves_everything_into_the_wallet(self, shop):
        wallet, code = shop.wallet(100), shop.code(50)
        claimed = shop.api.made("/codes/claim", {"code": code["code"], "wallet_id": wallet}, status=200)
        assert claimed == {"wallet_id": wallet, "claimed_units": 50, "balance_units": 150, "unit": "PTS"}
        assert shop.api.read(f"/codes/{code['id']}")["state"] == "claimed"
        problem(shop.api.post("/codes/check", {"code": code["code"]}), 404, "code_not_usable")

    def test_twice_says_so_to_the_wallet_that_has_it(self, shop):
        wallet, code = shop.wallet(), shop.code()["code"]
        shop.api.made("/codes/claim", {"code": code, "wallet_id": wallet}, status=200)
        problem(shop.api.post("/codes/claim", {"code": code, "wallet_id": wallet}), 409, "code_already_spent")
        problem(shop.api.post("/codes/claim", {"code": code, "wallet_id": shop.wallet()}), 404, "code_not_usable")

    def test_takes_no_code_of_another_unit(self, shop):
        wallet, code = shop.wallet(), shop.code(unit="EUR")["code"]
        problem(shop.api.post("/codes/claim", {"code": code, "wallet_id": wallet}), 404, "code_not_usable")

    def test_knows_no_wallet_of_others(self, shop, foreign_shop):
        body = {"code": shop.code()["code"], "wallet_id": foreign_shop.wallet()}
        problem(shop.api.post("/codes/claim", body), 404, "not_found")


class TestSplitCode:
    def test_makes_codes_that_add_up(self, shop):
        whole = shop.code(100)
        parts = shop.api.made("/codes/split", {"code": whole["code"], "parts_units": [60, 40]})["codes"]
        assert [part["value_units"] for part in parts] == [60, 40]
        worth = [shop.api.made("/codes/check", {"code": part["code"]}, status=200)["balance_units"] for part in parts]
        assert worth == [60, 40]
        problem(shop.api.post("/codes/check", {"code": whole["code"]}), 409, "code_replaced")

    @pytest.mark.parametrize(
        ("parts", "code"),
        [
            ([60, 41], "parts_do_not_add_up"),
            ([100], "validation_failed"),
            ([], "validation_failed"),
            ([1] * 16, "validation_failed"),
            ([100, 0], "validation_failed"),
            ([110, -10], "validation_failed"),
            ([50.0, 50], "validation_failed"),
            ("60,40", "validation_failed"),
        ],
    )
    def test_refuses_parts_that_are_not_the_whole(self, shop, parts, code):
        whole = shop.code(100)["code"]
        problem(shop.api.post("/codes/split", {"code": whole, "parts_units": parts}), 422, code)
        assert shop.api.made("/codes/check", {"code": whole}, status=200)["balance_units"] == 100


class TestMergeCodes:
    def test_makes_one_code_of_several(self, shop):
        codes = [shop.code(units)["code"] for units in (10, 20, 30)]
        merged = shop.api.made("/codes/merge", {"codes": codes})
        assert merged["value_units"] == 60
        for code in codes:
            problem(shop.api.post("/codes/check", {"code": code}), 409, "code_replaced")

    def test_refuses_the_same_code_twice(self, shop):
        code = shop.code()["code"]
        problem(shop.api.post("/codes/merge", {"codes": [code, code.lower()]}), 422, "code_repeated")

    def test_refuses_codes_of_several_units(self, shop):
        codes = [shop.code()["code"], shop.code(unit="EUR")["code"]]
        problem(shop.api.post("/codes/merge", {"codes": codes}), 404, "code_not_usable")

    def test_refuses_codes_of_others_and_changes_nothing(self, shop, foreign_shop):
        ours, theirs = shop.code()["code"], foreign_shop.code()["code"]
        problem(shop.api.post("/codes/merge", {"codes": [ours, theirs]}), 404, "code_not_usable")
        assert shop.api.made("/codes/check", {"code": ours}, status=200)
        assert foreign_shop.api.made("/codes/check", {"code": theirs}, status=200)

    @pytest.mark.parametrize("count", [0, 1, 16])
    def test_takes_two_to_fifteen(self, shop, count):
        document = problem(shop.api.post("/codes/merge", {"codes": [UNKNOWN] * count}), 422, "validation_failed")
        assert pointers(document).keys() == {"/codes"}


class TestKeepCode:
    def test_blocks_and_unblocks(self, shop):
        code = shop.code()
        assert shop.api.made(f"/codes/{code['id']}/block", REASON, status=200)["state"] == "blocked"
        problem(shop.api.post("/codes/check", {"code": code["code"]}), 404, "code_not_usable")
        problem(shop.api.post(f"/codes/{code['id']}/block", REASON), 409, "code_state_refused")
        assert shop.api.made(f"/codes/{code['id']}/unblock", REASON, status=200)["state"] == "active"
        assert shop.api.made("/codes/check", {"code": code["code"]}, status=200)

    def test_extends(self, shop):
        code = shop.code(expires_at="2027-01-31T23:00:00Z")
        body = REASON | {"expires_at": "2028-01-31T23:00:00Z"}
        assert shop.api.made(f"/codes/{code['id']}/extend", body, status=200)["expires_at"] == body["expires_at"]
        earlier = REASON | {"expires_at": "2027-06-30T00:00:00Z"}
        problem(shop.api.post(f"/codes/{code['id']}/extend", earlier), 422, "expiry_not_ahead")

    @pytest.mark.parametrize("moment", FAR_AHEAD)
    def test_extends_no_further_than_a_calendar(self, shop, moment):
        code = shop.code(expires_at="2027-01-31T23:00:00Z")
        response = shop.api.post(f"/codes/{code['id']}/extend", REASON | {"expires_at": moment})
        problem(response, 422, "expiry_too_far")

    def test_extends_into_no_past(self, shop):
        code = shop.code(expires_at="2027-01-31T23:00:00Z")
        past = REASON | {"expires_at": "2026-01-31T23:00:00Z"}
        problem(shop.api.post(f"/codes/{code['id']}/extend", past), 422, "expiry_not_ahead")

    def test_exchanges_and_tells_the_new_holder(self, shop):
        old = shop.code()
        body = REASON | {"deliver": {"channel": "email", "to": "ana@example.com"}}
        new = shop.api.made(f"/codes/{old['id']}/reissue", body)
        assert shop.api.read(f"/messages/{new['message_id']}")["about"]["id"] == new["id"]
        problem(shop.api.post("/codes/check", {"code": old["code"]}), 409, "code_replaced")
        assert shop.api.made("/codes/check", {"code": new["code"]}, status=200)["balance_units"] == 5_000
        problem(shop.api.post(f"/codes/{old['id']}/reissue", REASON), 409, "code_state_refused")

    @pytest.mark.parametrize("reason", ["", " ", "x" * 201, None, 1, "a\nb"])
    def test_refuses_reasons_that_are_none(self, shop, reason):
        response = shop.api.post(f"/codes/{shop.code()['id']}/block", {"reason": reason})
        assert pointers(problem(response, 422, "validation_failed")).keys() == {"/reason"}

    def test_needs_no_reason(self, shop):
        assert shop.api.made(f"/codes/{shop.code()['id']}/block", status=200)["state"] == "blocked"

    def test_is_audited_with_the_reason(self, shop):
        code = shop.code()
        shop.api.made(f"/codes/{code['id']}/block", REASON, status=200)
        (event,) = [each for each in shop.api.read("/events")["items"] if each["type"] == "code.blocked"]
        assert (event["reason"], event["object"]) == ("Lost", {"type": "code", "id": code["id"]})
