"""A code is sent: the message holds a reference, and the link's token is read only when it is written."""

import json
from datetime import timedelta

from rewards_service.codes.message_secrets import code_secret_readers
from rewards_service.codes.operations import deliver_code, follow_claim_link
from rewards_service.codes.queries import code_by_public_id
from tests.codes.conftest import Desk
from tests.conftest import NOW


class TestDeliverCode:
    def test_files_a_message_without_code_or_token(self, desk: Desk):
        new = desk.issue(2500)
        message = send(desk, new.code)
        token = code_secret_readers(desk.vault)["claim.link"](desk.session, message.context["claim_link"])
        filed = json.dumps(message.context)
        assert new.text.reveal() not in filed
        assert token not in filed
        assert (message.about_type, message.about_id) == ("code", new.code.public_id)

    def test_sends_a_link_that_leads_to_the_code(self, desk: Desk):
        new = desk.issue()
        message = send(desk, new.code)
        token = code_secret_readers(desk.vault)["claim.link"](desk.session, message.context["claim_link"])
        assert follow_claim_link(desk.session, token=token, now=NOW).code.id == new.code.id

    def test_names_the_last_day_on_which_the_code_can_be_used(self, desk: Desk):
        midnight_in_berlin = NOW.replace(hour=23) + timedelta(days=9)
        message = send(desk, desk.issue(expires_at=midnight_in_berlin).code)
        assert message.context["expires_on"] == NOW.date().replace(day=30).isoformat()


class TestCodeSecretReaders:
    def test_read_a_code_in_clear_when_a_message_needs_it(self, desk: Desk):
        new = desk.issue()
        found = code_by_public_id(
            desk.session, organization_id=desk.program.organization_id, public_id=new.code.public_id
        )
        read = code_secret_readers(desk.vault)["code.text"]
        assert read(desk.session, found.public_id) == new.text.reveal()


def send(desk: Desk, code):
    """Send a code by email."""
    return deliver_code(desk.session, code=code, channel="email", to="ana@example.com", vault=desk.vault, now=NOW)
