"""From a filed message to a letter that a real server took, its QR code read by somebody else's decoder."""

import io
from datetime import timedelta
from email.message import EmailMessage

import pytest
import zxingcpp
from PIL import Image

from rewards_service.gateways.mail import OutboxMail, find_letters, mail_gateway
from tests.delivery.conftest import CODE
from tests.support.gateways import make_gateways
from tests.support.mail_server import running_mail_server


@pytest.fixture
def server():
    with running_mail_server() as running:
        yield running


class TestOverSmtp:
    @pytest.fixture
    def gateways(self, server, tmp_path):
        gateways = make_gateways(
            mail=mail_gateway(server.url, outbox=tmp_path), secrets={"claim.link": lambda _, link: f"token-of-{link}"}
        )
        yield gateways
        gateways.rest()

    def test_arrives_whole_and_its_answer_is_kept(self, post, server):
        message = post.file(**CODE)
        post.send()
        (letter,) = server.letters
        assert letter.get_content_type() == "multipart/alternative"
        plain, related = letter.iter_parts()
        html, picture = related.iter_parts()
        assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        assert picture["Content-ID"] == "<qr>"
        assert "cid:qr" in html.get_content()
        (attempt,) = post.attempts(message)
        assert (attempt.status, attempt.answer) == (250, "2.0.0 queued as 4711")

    def test_has_a_qr_code_of_the_link_and_never_of_the_code(self, post, server):
        post.file(**CODE)
        post.send()
        assert read_qr(server.letters[0]) == "https://shop.example/s/larkspur/k/token-of-lnk_1"

    def test_is_repeated_under_the_same_message_id_when_the_line_died(self, post, server):
        server.on_data = ["drop", "451 4.3.0 later"]
        message = post.file()
        for _ in range(3):
            post.send()
            post.clock.advance(timedelta(hours=1))
        assert [attempt.outcome for attempt in post.attempts(message)] == ["unknown", "temporary", "accepted"]
        assert len({letter["Message-ID"] for letter in server.letters}) == 1

    def test_speaks_of_a_name_with_every_letter(self, post, server):
        post.file(**{**CODE, "context": {**CODE["context"], "name": "Žofia Großmann-李"}})
        post.send()
        assert server.letters[0]["To"] == "Žofia Großmann-李 <ada@example.org>"


class TestIntoTheOutbox:
    @pytest.fixture
    def gateways(self, tmp_path):
        return make_gateways(mail=OutboxMail(tmp_path / "outbox"))

    def test_is_found_by_its_message_id(self, post, tmp_path):
        message = post.file()
        post.send()
        (letter,) = find_letters(tmp_path / "outbox", message_id=post.look(message).message_id)
        assert letter["Subject"] == "Sign in to Larkspur rewards"


def read_qr(letter: EmailMessage) -> str:
    """Return what the QR code in a letter says."""
    (picture,) = (part for part in letter.walk() if part.get_content_type() == "image/png")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.get_content())))
    return found.text
