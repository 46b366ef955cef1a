"""Messages over HTTP."""

import pytest

from rewards_service.delivery.models import Message
from rewards_service.kit.database import unit_of_work
from tests.api.client import problem

DELIVER = {"channel": "email", "to": "ana@example.com"}


@pytest.fixture
def sent(shop):
    """The id of a message that was sent."""
    message_id = shop.code(deliver=DELIVER)["message_id"]
    with unit_of_work() as session:
        session.query(Message).one().state = "sent"
    return message_id


class TestResendMessage:
    def test_to_the_same_recipient_is_the_same_message(self, shop, sent):
        again = shop.api.made(f"/messages/{sent}/resend", {}, status=202)
        assert (again["id"], again["state"]) == (sent, "queued")
        problem(shop.api.post(f"/messages/{sent}/resend"), 409, "message_not_resendable")

    def test_to_another_one_is_a_message_of_its_own(self, shop, sent):
        other = shop.api.made(f"/messages/{sent}/resend", {"to": "bob@example.com"}, status=202)
        assert other["id"] != sent
        assert (other["to"], other["about"]) == ("bob@example.com", shop.api.read(f"/messages/{sent}")["about"])

    @pytest.mark.parametrize("to", ["nobody", "+4915112345678", "a@b\nBcc: c@example.com", "", 1])
    def test_refuses_recipients_that_are_none(self, shop, sent, to):
        assert shop.api.post(f"/messages/{sent}/resend", {"to": to}).status_code == 422

    def test_is_not_there_for_others(self, shop, sent, foreign_api):
        problem(foreign_api.get(f"/messages/{sent}"), 404, "not_found")
        problem(foreign_api.post(f"/messages/{sent}/resend"), 404, "not_found")
