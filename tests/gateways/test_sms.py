"""Short messages go to files or to memory."""

import pytest

from rewards_service.gateways import Acceptance, Gateways, GatewayUrlUnusableError, VendorAnswer
from rewards_service.gateways.mail import MemoryMail
from rewards_service.gateways.sms import MemorySms, OutboxSms, ShortMessage, sms_gateway
from rewards_service.kit.crypto import Vault, new_key_ring
from rewards_service.kit.signing import Signer

MESSAGE = ShortMessage(recipient="+4915112345678", body="Hello", reference="msg_1", segments=1)


class TestOutbox:
    def test_keeps_each_message_and_each_repeat(self, tmp_path):
        sms = OutboxSms(tmp_path)
        assert [sms.send(MESSAGE).reference for _ in range(2)] == ["msg_1.sms.txt", "msg_1-2.sms.txt"]
        assert (tmp_path / "msg_1.sms.txt").read_text() == "To: +4915112345678\nSegments: 1\n\nHello\n"
        sms.rest()

    def test_takes_a_full_disk_for_a_busy_gateway(self, tmp_path):
        (tmp_path / "outbox").write_text("")
        assert OutboxSms(tmp_path / "outbox").send(MESSAGE).acceptance == Acceptance.TEMPORARY


class TestMemory:
    def test_answers_as_told(self):
        sms = MemorySms([VendorAnswer(Acceptance.PERMANENT, "no such number")])
        assert [sms.send(MESSAGE).acceptance for _ in range(2)] == ["permanent", "accepted"]
        assert sms.messages == [MESSAGE]


class TestSmsGateway:
    def test_writes_files_unless_told_otherwise(self, tmp_path):
        assert sms_gateway("", outbox=tmp_path).directory == tmp_path
        assert sms_gateway("outbox:/var/out", outbox=tmp_path).directory.name == "out"
        assert isinstance(sms_gateway("memory:", outbox=tmp_path), MemorySms)

    def test_refuses_a_transport_that_there_is_not(self, tmp_path):
        with pytest.raises(GatewayUrlUnusableError):
            sms_gateway("pigeon://coop", outbox=tmp_path)


class TestGateways:
    def test_rest_lets_go_of_all_connections(self):
        ring = new_key_ring()
        gateways = Gateways(
            mail=MemoryMail(),
            sms=MemorySms(),
            vault=Vault(ring),
            signer=Signer([key for _, key in ring.signing.newest_first]),
            base_url="https://shop.example",
            mail_from="rewards@shop.example",
        )
        gateways.rest()
        assert gateways.secrets == {}
