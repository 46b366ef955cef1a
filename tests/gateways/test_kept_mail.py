"""Mail that is kept instead of sent: in files, or in memory."""

from rewards_service.gateways import Acceptance, VendorAnswer
from rewards_service.gateways.mail import MemoryMail, OutboxMail, find_letters
from tests.gateways.letters import letter


class TestOutbox:
    def test_keeps_each_letter_and_each_repeat(self, tmp_path):
        mail = OutboxMail(tmp_path / "outbox")
        assert mail.send(letter()).reference == "msg_1.eml"
        assert mail.send(letter()).reference == "msg_1-2.eml"
        mail.send(letter(message_id="<msg_10@shop.example>"))
        found = find_letters(tmp_path / "outbox", message_id="<msg_1@shop.example>")
        assert [copy["Subject"] for copy in found] == ["Hi", "Hi"]
        mail.rest()

    def test_never_leaves_its_directory(self, tmp_path):
        OutboxMail(tmp_path / "outbox").send(letter(message_id="<../../etc/passwd@x>"))
        assert [path.name for path in tmp_path.rglob("*.eml")] == ["______etc_passwd.eml"]

    def test_takes_a_full_disk_for_a_busy_server(self, tmp_path):
        (tmp_path / "outbox").write_text("a file where the directory should be")
        answer = OutboxMail(tmp_path / "outbox").send(letter())
        assert (answer.acceptance, answer.text) == ("temporary", "the outbox cannot be written: File exists")

    def test_does_not_repeat_for_ever(self, tmp_path, monkeypatch):
        monkeypatch.setattr("rewards_service.gateways.directory.REPEATS_MAX", 2)
        mail = OutboxMail(tmp_path)
        assert [mail.send(letter()).acceptance for _ in range(2)] == ["accepted", "temporary"]

    def test_leaves_no_half_file_behind(self, tmp_path, monkeypatch):
        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("rewards_service.gateways.directory.os.fsync", full)
        assert OutboxMail(tmp_path).send(letter()).text.endswith("No space left on device")
        assert list(tmp_path.iterdir()) == []


class TestMemory:
    def test_answers_as_told(self):
        mail = MemoryMail([VendorAnswer(Acceptance.TEMPORARY, "busy"), VendorAnswer(Acceptance.UNKNOWN, "?")])
        assert [mail.send(letter()).acceptance for _ in range(3)] == ["temporary", "unknown", "accepted"]
        assert len(mail.letters) == 2
        mail.rest()
