"""Quotes and orders over HTTP."""

import pytest

from tests.api.client import pointers, problem
from tests.api.guessing import guess_again
from tests.api.made import without

REASON = {"reason": "The card does not work"}


class TestQuote:
    def test_says_what_an_order_would_cost(self, shop):
        body = without(shop.order_body(), "external_id", "tenders")
        quoted = shop.api.made("/quotes", body, status=200)
        assert (quoted["total_units"], quoted["missing_units"], quoted["is_covered"]) == (2_500, 2_500, False)
        assert (quoted["rate_units"], quoted["rate_minor"], quoted["tenders"]) == (100, 100, [])

    def test_says_who_would_pay_what(self, shop):
        wallet, code = shop.wallet(1_000), shop.code(2_000, expires_at="2026-12-31T00:00:00Z")
        body = without(shop.order_body({"wallet_id": wallet}, {"code": code["code"]}), "external_id")
        quoted = shop.api.made("/quotes", body, status=200)
        by_code, by_wallet = quoted["tenders"]
        assert quoted["is_covered"]
        assert (by_code["code_id"], by_code["last4"], by_code["units"], by_code["left_units"]) == (
            code["id"],
            code["last4"],
            2_000,
            0,
        )
        assert (by_wallet["wallet_id"], by_wallet["units"], by_wallet["left_units"]) == (wallet, 500, 500)
        assert shop.api.read(f"/wallets/{wallet}")["held_units"] == 0

    def test_needs_no_idempotency_key(self, shop):
        body = without(shop.order_body(), "external_id", "tenders")
        shop.api.expect(shop.api.post("/quotes", body, idempotency_key=None), 200)


class TestPlaceOrder:
    def test_pays_with_a_wallet_and_codes_and_shows_the_voucher(self, shop, program):
        wallet = shop.wallet(1_000)
        first, second = (shop.code(1_000, expires_at=f"2026-12-{day}T00:00:00Z") for day in ("01", "02"))
        order = shop.order({"wallet_id": wallet}, {"code": first["code"]}, {"code": second["code"]})
        assert (order["state"], order["total_units"], order["unit"]) == ("complete", 2_500, "PTS")
        assert order["program_id"] == program.public_id
        assert [(each["code_id"] or each["wallet_id"], each["units"]) for each in order["tenders"]] == [
            (first["id"], 1_000),
            (second["id"], 1_000),
            (wallet, 500),
        ]
        (line,) = order["lines"]
        assert (line["number"], line["state"], line["face_value_minor"]) == (1, "issued", 2_500)
        assert [event["event"] for event in order["timeline"]][:1] == ["placed"]
        shown = shop.api.made(f"/orders/{order['id']}/lines/1/credentials", REASON, status=200)
        assert shown["number"].startswith("6035")
        assert (shown["pin"], shown["face_value_minor"], shown["currency"]) == ("4711", 2_500, "EUR")
        assert shop.api.read(f"/orders/{order['id']}")["lines"][0]["revealed_at"]

    def test_sets_value_aside_until_it_is_fulfilled(self, shop):
        wallet = shop.wallet(3_000)
        order = shop.order({"wallet_id": wallet}, fulfil=False)
        assert (order["state"], order["lines"][0]["state"]) == ("processing", "held")
        held = shop.api.read(f"/wallets/{wallet}")
        assert (held["balance_units"], held["held_units"]) == (500, 2_500)
        problem(shop.api.post(f"/orders/{order['id']}/lines/1/credentials", REASON), 409, "line_not_issued")

    def test_told_again_is_the_same_one(self, shop):
        body = shop.order_body({"wallet_id": shop.wallet()})
        made = shop.api.made("/orders", body)
        assert shop.api.expect(shop.api.post("/orders", body), 200)["id"] == made["id"]
        changed = body | {"lines": [{**body["lines"][0], "quantity": 2}]}
        problem(shop.api.post("/orders", changed), 409, "external_id_conflict")

    def test_makes_a_line_of_each_piece(self, shop):
        body = shop.order_body({"wallet_id": shop.wallet()})
        body["lines"][0]["quantity"] = 3
        order = shop.api.made("/orders", body)
        assert [line["number"] for line in order["lines"]] == [1, 2, 3]
        assert order["total_units"] == 7_500

    def test_tells_the_recipient(self, shop):
        recipient = {"name": "Ana Soto", "email": "ana@example.com", "locale": "es"}
        order = shop.order({"wallet_id": shop.wallet()}, recipient=recipient)
        (queued,) = [event for event in order["timeline"] if event["event"] == "message_queued"]
        message = shop.api.read(f"/messages/{queued['detail']['message']}")
        assert (message["to"], message["about"]) == ("ana@example.com", {"type": "order", "id": order["id"]})

    def test_refuses_what_is_not_covered_and_holds_nothing(self, shop):
        wallet = shop.wallet(2_499)
        problem(shop.api.post("/orders", shop.order_body({"wallet_id": wallet})), 409, "insufficient_value")
        assert shop.api.read(f"/wallets/{wallet}")["balance_units"] == 2_499

    def test_refuses_what_is_out_of_stock(self, shop):
        body = shop.order_body({"wallet_id": shop.wallet()}, item=shop.item(vouchers=0))
        document = problem(shop.api.post("/orders", body), 409, "out_of_stock")
        assert pointers(document) == {"/lines/0/quantity": "out_of_stock"}

    @pytest.mark.parametrize(
        ("line", "pointer"),
        [
            ({"item_id": "itm_nothing"}, "/lines/0/item_id"),
            ({"face_value_minor": 2_499}, "/lines/0/face_value_minor"),
            ({"face_value_minor": 0}, "/lines/0/face_value_minor"),
            ({"face_value_minor": 2_500.0}, "/lines/0/face_value_minor"),
            ({"quantity": 0}, "/lines/0/quantity"),
            ({"quantity": 101}, "/lines/0/quantity"),
            ({"quantity": True}, "/lines/0/quantity"),
            ({"details": []}, "/lines/0/details"),
            ({"details": {"x": "\ud800"}}, "/lines/0/details"),
            ({"details": {"x": "y" * 5_000}}, "/lines/0/details"),
            ({"details": {"x": 1}}, "/lines/0/details/x"),
            ({"price": 1}, "/lines/0/price"),
        ],
    )
    def test_names_the_line_that_cannot_be_served(self, shop, line, pointer):
        body = shop.order_body({"wallet_id": shop.wallet()})
        body["lines"][0] |= line
        assert pointer in pointers(problem(shop.api.post("/orders", body), 422, "validation_failed"))

    @pytest.mark.parametrize(
        ("tenders", "pointer"),
        [
            ([], "/tenders"),
            ([{}], "/tenders/0/code"),
            ([{"wallet_id": "w", "code": "c"}], "/tenders/0/wallet_id"),
            ([{"wallet_id": "wal_nothing"}], "/tenders/0/wallet_id"),
            ([{"wallet_id": "w", "units": 0}], "/tenders/0/units"),
            ([{"wallet_id": "w", "units": -5}], "/tenders/0/units"),
            ([{"wallet_id": f"w{n}"} for n in range(20)], "/tenders"),
        ],
    )
    def test_names_the_tender_that_cannot_pay(self, shop, tenders, pointer):
        body = shop.order_body() | {"tenders": tenders}
        assert pointer in pointers(problem(shop.api.post("/orders", body), 422, "validation_failed"))

    def test_refuses_codes_of_others(self, shop, foreign_shop):
        body = shop.order_body({"code": foreign_shop.code()["code"]})
        problem(shop.api.post("/orders", body), 404, "code_not_usable")
        problem(shop.api.post("/quotes", without(body, "external_id")), 404, "code_not_usable")

    def test_refuses_wallets_of_others(self, shop, foreign_shop):
        body = shop.order_body({"wallet_id": foreign_shop.wallet()})
        assert pointers(problem(shop.api.post("/orders", body), 422, "validation_failed")) == {
            "/tenders/0/wallet_id": "wallet_not_found"
        }

    def test_counts_wrong_codes_but_lets_wallets_pay(self, shop):
        wallet, item = shop.wallet(), shop.item()
        body = shop.order_body({"code": "0000-0000-0000-0012"}, item=item)
        problem(shop.api.post("/orders", body), 404, "code_not_usable")
        guess_again(299)
        problem(shop.api.post("/orders", body), 429, "rate_limited")
        shop.api.made("/orders", shop.order_body({"wallet_id": wallet}, item=item))

    def test_tried_again_with_a_spent_code_is_no_guess(self, shop):
        item, code = shop.item(), shop.code(2_500)["code"]
        shop.api.made("/orders", shop.order_body({"code": code}, item=item))
        for _ in range(25):
            body = shop.order_body({"code": code}, item=item)
            problem(shop.api.post("/orders", body), 404, "code_not_usable")
        guess_again(20)
        shop.api.made("/orders", shop.order_body({"code": shop.code(2_500)["code"]}, item=item))

    def test_refuses_unusable_recipients(self, shop):
        body = shop.order_body({"wallet_id": shop.wallet()}, recipient={"email": "x@y\r\nBcc: z@example.com"})
        assert pointers(problem(shop.api.post("/orders", body), 422, "validation_failed")) == {
            "/recipient/email": "unusable"
        }


class TestReadOrder:
    def test_by_the_external_id_for_a_key_of_one_program(self, shop, program_api):
        order = shop.order({"wallet_id": shop.wallet()})
        assert program_api.read(f"/orders/{order['external_id']}") == order
        problem(shop.api.get(f"/orders/{order['external_id']}"), 404, "not_found")

    def test_is_not_there_for_others(self, shop, foreign_api):
        order = shop.order({"wallet_id": shop.wallet()})
        problem(foreign_api.get(f"/orders/{order['id']}"), 404, "not_found")
        problem(foreign_api.post(f"/orders/{order['id']}/cancel"), 404, "not_found")
        problem(foreign_api.post(f"/orders/{order['id']}/lines/1/refund", REASON), 404, "not_found")
        problem(foreign_api.post(f"/orders/{order['id']}/lines/1/credentials", REASON), 404, "not_found")


class TestCancelOrder:
    def test_gives_everything_back(self, shop):
        wallet, code = shop.wallet(2_000), shop.code(1_000)
        order = shop.order({"wallet_id": wallet}, {"code": code["code"]}, fulfil=False)
        cancelled = shop.api.made(f"/orders/{order['id']}/cancel", {"reason": "Twice"}, status=200)
        assert (cancelled["state"], cancelled["lines"][0]["state"]) == ("cancelled", "cancelled")
        assert [each["returned_units"] for each in cancelled["tenders"]] == [each["units"] for each in order["tenders"]]
        assert shop.api.read(f"/wallets/{wallet}")["balance_units"] == 2_000
        assert shop.api.read(f"/codes/{code['id']}")["balance_units"] == 1_000

    def test_needs_no_body_but_a_key(self, shop):
        order = shop.order({"wallet_id": shop.wallet()}, fulfil=False)
        problem(shop.api.post(f"/orders/{order['id']}/cancel", idempotency_key=None), 400, "idempotency_key_missing")
        assert shop.api.made(f"/orders/{order['id']}/cancel", status=200)["state"] == "cancelled"

    def test_refuses_what_was_issued_or_cancelled(self, shop):
        order = shop.order({"wallet_id": shop.wallet()})
        problem(shop.api.post(f"/orders/{order['id']}/cancel"), 409, "order_not_cancellable")


class TestRefundLine:
    def test_gives_back_a_part_and_then_the_rest(self, shop):
        wallet = shop.wallet(2_500)
        order = shop.order({"wallet_id": wallet})
        path = f"/orders/{order['id']}/lines/1/refund"
        part = shop.api.made(path, REASON | {"face_value_minor": 1_000}, status=200)
        assert (part["lines"][0]["state"], part["lines"][0]["refunded_face_value_minor"]) == ("issued", 1_000)
        assert shop.api.read(f"/wallets/{wallet}")["balance_units"] == 1_000
        problem(shop.api.post(path, REASON | {"face_value_minor": 1_501}), 409, "refund_exceeds_capture")
        assert shop.api.made(path, REASON, status=200)["lines"][0]["state"] == "refunded"
        assert shop.api.read(f"/wallets/{wallet}")["balance_units"] == 2_500
        problem(shop.api.post(path, REASON), 409, "line_already_refunded")
        problem(shop.api.post(f"/orders/{order['id']}/lines/1/credentials", REASON), 409, "line_already_refunded")

    @pytest.mark.parametrize("amount", [0, -1, 1.0, "1", True])
    def test_refuses_amounts_that_are_none(self, shop, amount):
        order = shop.order({"wallet_id": shop.wallet()})
        response = shop.api.post(f"/orders/{order['id']}/lines/1/refund", REASON | {"face_value_minor": amount})
        assert pointers(problem(response, 422, "validation_failed")).keys() == {"/face_value_minor"}

    @pytest.mark.parametrize("number", ["2", "9999", "0", "-1", "one", "10000"])
    def test_knows_no_other_lines(self, shop, number):
        order = shop.order({"wallet_id": shop.wallet()})
        problem(shop.api.post(f"/orders/{order['id']}/lines/{number}/refund", REASON), 404, "not_found")
        problem(shop.api.post(f"/orders/{order['id']}/lines/{number}/credentials", REASON), 404, "not_found")

    def test_shows_secrets_to_nobody_who_does_not_say_why(self, shop):
        order = shop.order({"wallet_id": shop.wallet()})
        response = shop.api.post(f"/orders/{order['id']}/lines/1/credentials", {})
        assert pointers(problem(response, 422, "validation_failed")) == {"/reason": "required"}

    def test_needs_no_reason_to_refund(self, shop):
        order = shop.order({"wallet_id": shop.wallet()})
        refunded = shop.api.made(f"/orders/{order['id']}/lines/1/refund", status=200)
        assert refunded["lines"][0]["state"] == "refunded"
