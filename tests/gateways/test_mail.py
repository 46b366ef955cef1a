"""Mail goes to a real server, and its answer is kept."""

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rewards_service.gateways import Acceptance, GatewayUrlUnusableError, VendorAnswer
from rewards_service.gateways.mail import MemoryMail, SmtpMail, mail_gateway
from rewards_service.gateways.mail import smtp as smtp_module
from rewards_service.gateways.mail.smtp import TIMEOUT_SECONDS, VERDICT_SECONDS, SmtpServer
from rewards_service.kit.jobs.policy import QUEUES
from tests.gateways.letters import letter
from tests.support.mail_server import only, running_mail_server


@pytest.fixture
def server():
    with running_mail_server() as running:
        yield running


@pytest.fixture
def mail(server, tmp_path):
    gateway = mail_gateway(server.url, outbox=tmp_path)
    yield gateway
    gateway.rest()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.test")])
    today = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server_tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class TestSmtp:
    def test_hands_a_letter_over_and_keeps_the_answer(self, mail, server):
        assert mail.send(letter()) == VendorAnswer(Acceptance.ACCEPTED, "2.0.0 queued as 4711", status=250)
        assert server.envelopes == [("shop@example.com", "ada@example.org")]
        assert server.letters[0]["Message-ID"] == "<msg_1@shop.example>"

    def test_brings_lines_of_dots_over_whole(self, mail, server):
        mail.send(letter())
        assert server.letters[0].get_content().splitlines() == ["Hello", ".", "..dots"]

    def test_sends_many_over_one_connection(self, mail, server):
        for _ in range(3):
            mail.send(letter())
        assert (server.connections, len(server.letters)) == (1, 3)

    def test_connects_anew_after_a_rest(self, mail, server):
        mail.send(letter())
        mail.rest()
        mail.send(letter())
        assert server.connections == 2

    def test_does_not_trust_a_connection_that_was_idle(self, mail, server, monkeypatch):
        mail.send(letter())
        monkeypatch.setattr(smtp_module, "KEEP_SECONDS", 0)
        mail.send(letter())
        assert server.connections == 2

    def test_connects_anew_when_the_server_hung_up_meanwhile(self, mail, server):
        server.on_rcpt = [None, "421 4.3.2 closing down"]
        assert [mail.send(letter()).acceptance for _ in range(3)] == ["accepted", "temporary", "accepted"]
        assert server.connections == 2

    @pytest.mark.parametrize(
        ("reply", "acceptance", "status"),
        [
            ("550 5.1.1 no such user", Acceptance.PERMANENT, 550),
            ("451 4.7.1 greylisted", Acceptance.TEMPORARY, 451),
            ("421 4.3.2 closing down", Acceptance.TEMPORARY, 421),
            ("530 5.7.0 sign in first", Acceptance.TEMPORARY, 530),
        ],
    )
    @pytest.mark.parametrize("step", ["on_rcpt", "on_data"])
    def test_knows_a_final_no_from_a_later_one(self, mail, server, step, reply, acceptance, status):
        setattr(server, step, [reply])
        answer = mail.send(letter())
        assert (answer.acceptance, answer.status, answer.text) == (acceptance, status, reply[4:])
        assert mail.send(letter()).acceptance == Acceptance.ACCEPTED

    def test_does_not_call_failed_what_the_server_did_not_answer(self, mail, server):
        server.on_data = ["drop"]
        answer = mail.send(letter())
        assert (answer.acceptance, answer.status) == (Acceptance.UNKNOWN, None)
        assert len(server.letters) == 1

    def test_calls_a_line_that_died_earlier_temporary(self, mail, server):
        server.on_rcpt = ["drop"]
        assert mail.send(letter()).acceptance == Acceptance.TEMPORARY

    def test_waits_longer_for_the_last_word_than_for_any_other(self, server):
        server.verdict_seconds = 0.6
        mail = SmtpMail(SmtpServer("127.0.0.1", server.port), timeout_seconds=0.3)
        assert [mail.send(letter()).acceptance for _ in range(2)] == ["accepted", "accepted"]
        assert (server.connections, len(server.letters)) == (1, 2)
        mail.rest()

    def test_gives_up_on_the_last_word_in_the_end(self, server):
        server.verdict_seconds = 0.6
        mail = SmtpMail(SmtpServer("127.0.0.1", server.port), timeout_seconds=5, verdict_seconds=0.2)
        assert mail.send(letter()).acceptance == Acceptance.UNKNOWN
        mail.rest()

    def test_holds_its_lease_for_as_long_as_the_last_word_may_take(self):
        commands = 12  # more than one letter takes, connecting and signing in included
        longest = timedelta(seconds=VERDICT_SECONDS + commands * TIMEOUT_SECONDS)
        assert QUEUES["mail"].lease / 2 >= longest

    @pytest.mark.parametrize("offers", [True, False], ids=["8BITMIME", "no 8BITMIME"])
    def test_sends_bodies_in_ascii_whatever_the_server_offers(self, offers, tmp_path):
        with running_mail_server(decode_data=not offers, enable_SMTPUTF8=offers) as server:
            mail = mail_gateway(server.url, outbox=tmp_path)
            assert mail.send(letter(body="25 € für Jürgen\n")).acceptance == Acceptance.ACCEPTED
            mail.rest()
        assert server.letters[0]["Content-Transfer-Encoding"] in {"quoted-printable", "base64"}
        assert server.letters[0].get_content() == "25 € für Jürgen\n"

    def test_gives_up_on_a_server_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            mail = SmtpMail(SmtpServer("127.0.0.1", silent.getsockname()[1]), timeout_seconds=0.2)
            assert mail.send(letter()).acceptance == Acceptance.TEMPORARY

    def test_waits_for_a_server_that_is_away(self):
        with socket.create_server(("127.0.0.1", 0)) as soon_gone:
            port = soon_gone.getsockname()[1]
        answer = SmtpMail(SmtpServer("127.0.0.1", port)).send(letter())
        assert (answer.acceptance, answer.text[:22]) == (Acceptance.TEMPORARY, "ConnectionRefusedError")

    def test_takes_an_address_beyond_ascii_where_the_server_can(self, mail, server):
        assert mail.send(letter("jürgen@example.org")).acceptance == Acceptance.ACCEPTED
        assert server.envelopes == [("shop@example.com", "jürgen@example.org")]

    def test_says_when_the_server_cannot_take_such_an_address(self, tmp_path):
        with running_mail_server(enable_SMTPUTF8=False) as server:
            mail = mail_gateway(server.url, outbox=tmp_path)
            answer = mail.send(letter("jürgen@example.org"))
            assert (answer.acceptance, answer.status) == (Acceptance.PERMANENT, 553)
            mail.rest()

    @pytest.mark.parametrize("goodbye", [ConnectionResetError(), (421, b"closing down")])
    def test_connects_anew_when_the_kept_line_is_dead(self, mail, server, monkeypatch, goodbye):
        def reset():
            if isinstance(goodbye, Exception):
                raise goodbye
            return goodbye

        mail.send(letter())
        monkeypatch.setattr(mail._open, "rset", reset)
        assert mail.send(letter()).acceptance == Acceptance.ACCEPTED
        assert server.connections == 2

    def test_stays_closed_for_rest_while_a_letter_is_on_its_way(self, mail, server):
        mail.send(letter())
        with mail._one_at_a_time:
            thread = threading.Thread(target=mail.rest)
            thread.start()
            thread.join(5)
        mail.send(letter())
        assert server.connections == 1


class TestSecurity:
    def test_encrypts_where_it_is_offered(self, server_tls, tmp_path):
        with running_mail_server(tls_context=server_tls, require_starttls=True) as server:
            mail = mail_gateway(server.url, outbox=tmp_path)
            assert mail.send(letter()).acceptance == Acceptance.ACCEPTED
            mail.rest()

    def test_speaks_tls_from_the_first_byte(self, server_tls, tmp_path):
        with running_mail_server(implicit_tls=server_tls) as server:
            mail = mail_gateway(f"smtps://127.0.0.1:{server.port}", outbox=tmp_path)
            assert mail.send(letter()).acceptance == Acceptance.ACCEPTED
            mail.rest()

    def test_tells_nothing_to_an_impostor(self, server_tls, tmp_path):
        with running_mail_server(tls_context=server_tls) as server:
            answer = mail_gateway(f"{server.url}?verify=yes", outbox=tmp_path).send(letter())
            assert (answer.acceptance, answer.text[:24]) == (Acceptance.TEMPORARY, "SSLCertVerificationError")
            assert server.letters == []

    def test_speaks_in_clear_only_where_allowed(self, server, tmp_path):
        answer = mail_gateway(f"{server.url}?tls=required", outbox=tmp_path).send(letter())
        assert (answer.acceptance, answer.text) == (Acceptance.TEMPORARY, "the server offers no encryption")

    @pytest.mark.parametrize(("password", "acceptance"), [("s3cret/", "accepted"), ("wrong", "temporary")])
    def test_signs_in(self, server_tls, tmp_path, password, acceptance):
        with running_mail_server(
            tls_context=server_tls, authenticator=only("shop", "s3cret/"), auth_required=True
        ) as server:
            mail = mail_gateway(f"smtp://shop:{password.replace('/', '%2F')}@127.0.0.1:{server.port}", outbox=tmp_path)
            assert mail.send(letter()).acceptance == acceptance
            mail.rest()

    def test_does_not_show_its_password(self):
        assert "s3cret" not in repr(SmtpServer("h", 25, user="u", password="s3cret"))


class TestMailGateway:
    def test_writes_files_unless_told_otherwise(self, tmp_path):
        assert mail_gateway(None, outbox=tmp_path).directory == tmp_path
        assert mail_gateway("outbox:/var/mail%20out", outbox=tmp_path).directory.name == "mail out"
        assert isinstance(mail_gateway("memory:", outbox=tmp_path), MemoryMail)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp://mx.example", SmtpServer("mx.example", 25)),
            ("smtp://u:p@mx.example:587", SmtpServer("mx.example", 587, "u", "p", needs_tls=True)),
            ("smtp://u:p@mx.example?tls=offered", SmtpServer("mx.example", 25, "u", "p")),
            ("smtps://mx.example?verify=no", SmtpServer("mx.example", 465, is_tls=True, verifies=False)),
            ("smtp://u:p@localhost", SmtpServer("localhost", 25, "u", "p", verifies=False)),
        ],
    )
    def test_reads_the_url(self, url, expected, tmp_path):
        assert mail_gateway(url, outbox=tmp_path)._server == expected

    @pytest.mark.parametrize(
        "url", ["pigeon://coop", "smtp://", "smtp://h:99999", "smtp://h?tls=maybe", "smtp://h?x", "smtp://h?spam=1"]
    )
    def test_refuses_a_url_it_cannot_use_without_repeating_it(self, url, tmp_path):
        with pytest.raises(GatewayUrlUnusableError) as refusal:
            mail_gateway(url, outbox=tmp_path)
        assert url not in str(refusal.value)


class TestVendorAnswer:
    def test_is_kept_on_one_short_line(self):
        assert VendorAnswer(Acceptance.ACCEPTED, "a\r\n b").text == "a b"
        assert len(VendorAnswer(Acceptance.ACCEPTED, "x" * 900).text) == 500
