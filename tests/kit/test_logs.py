"""Logs: one JSON object a line, with the request's id, and never a secret, not even in an exception."""

import io
import json
import logging
import random
from collections.abc import Iterator

import pytest
import structlog

from rewards_service.kit.crypto import SecretText
from rewards_service.kit.logs import configure_logs, current_request_id, logger_of, request_scope
from rewards_service.kit.scrubbing import DEPTH_MAX, scrub_text, scrub_value
from rewards_service.kit.signing import Signer

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = "7K3QH2M9XW4TRBN3"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is written to the log while the test runs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def last_line(stream: io.StringIO) -> dict[str, object]:
    """Return the last event that was logged."""
    event: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return event


class TestScrubText:
    @pytest.mark.parametrize(
        "shown",
        [
            "7K3Q-H2M9-XW4T-RBN3",
            "7K3QH2M9XW4TRBN3",
            "7k3q h2m9 xw4t rbn3",
            "7K3Q‐H2M9–XW4T—RBN3",
            "code=7K3Q-H2M9-XW4T-RBN3;",
            "'7K3QH2M9XW4TRBN3'",
            "https://x.example/c/7K3QH2M9XW4TRBN3?a=1",
            "7K3Q-H2M9-RBN3",
            "7K3Q-H2M9-XW4T-7K3Q-H2M9-RBN3",
        ],
    )
    def test_masks_codes_however_they_are_written(self, shown: str):
        scrubbed = scrub_text(shown)
        assert "****" in scrubbed
        assert "H2M9" not in scrubbed.upper()

    def test_masks_any_code_that_can_be_made(self, chance: random.Random):
        for _ in range(500):
            code = "".join(chance.choices(ALPHABET, k=16))
            shown = "-".join(code[at : at + 4] for at in range(0, 16, 4))
            for written in (code, shown, f"said {shown}."):
                assert code[:12] not in scrub_text(written).replace("-", "")

    @pytest.mark.parametrize(
        "secret",
        [
            "anna.weiss+rewards@haendler34.example",
            "+49 151 17982458",
            "0151/16451341",
            "0049 (151) 17982458",
            "+60 12-590 2148",
            "rw_live_h-TtEuYDW37M1S4W1MJKYNTPacdsODFkY-jYVTk6yIA",
            "pmSntP7TBWNx39Rxmu5tMbGdlB0du-WOWtIkebL-EiU",
            "cf7f617e809e61aad47e2e6323ba4ff82f8a77534b07bfa4f8fc858037f5e49f",
            Signer([b"k"]).sign("claim", {"order": "ord_1", "at": 1_790_000_000}),
        ],
    )
    def test_hides_addresses_phones_and_tokens(self, secret: str):
        scrubbed = scrub_text(f"it was {secret} again")
        assert secret not in scrubbed
        assert scrubbed.startswith(("it was [", "it was rw_live_["))

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-21T09:00:00.123456+01:00",
            "with some code that went away",
            "ord_01m7ynaym0mwnxw04qhgdtrsmk",
            "rewards_service.codes.operations line 27",
            "uq_award_program_id_external_id_and_something_long",
            "balance 1000000 of unit PTS after 0.1234 s",
        ],
    )
    def test_leaves_what_is_needed_to_read_a_log(self, text: str):
        assert scrub_text(text) == text


class TestScrubValue:
    def test_reaches_into_nested_values_and_other_objects(self):
        value = {"codes": [CODE, (CODE,)], "by": {CODE: 1}, "one": SecretText(CODE), "raw": CODE.encode(), "n": 5}
        scrubbed = repr(scrub_value(value))
        assert "H2M9" not in scrubbed
        assert "'n': 5" in scrubbed

    @pytest.mark.parametrize("name", ["password", "Authorization", "token", "pin"])
    def test_hides_what_is_named_a_secret(self, name: str):
        assert scrub_value({name: "1234"}) == {name: "[hidden]"}

    def test_ends_in_a_value_that_holds_itself(self):
        endless: list[object] = [CODE]
        endless.append(endless)
        assert "H2M9" not in repr(scrub_value(endless))
        assert DEPTH_MAX < 20


class TestLogs:
    def test_are_one_object_a_line(self, logged: io.StringIO):
        logger_of("rewards_service.jobs").info("job_done", job_id=7, took_ms=1.5)
        event = last_line(logged)
        assert event["event"] == "job_done"
        assert (event["job_id"], event["took_ms"], event["level"]) == (7, 1.5, "info")
        assert event["logger"] == "rewards_service.jobs"

    def test_print_no_code_in_an_exception(self, logged: io.StringIO):
        try:
            int(CODE)
        except ValueError:
            logger_of("x").exception("failed", code_text=CODE)
        assert "with base 10: '****RBN3'" in str(last_line(logged)["exception"])
        assert "H2M9" not in logged.getvalue()

    def test_print_no_code_of_a_library_that_logs(self, logged: io.StringIO):
        logging.getLogger("sqlalchemy.engine").warning("[parameters: %s]", {"code": CODE})
        assert "****RBN3" in str(last_line(logged)["event"])
        assert "H2M9" not in logged.getvalue()

    def test_print_no_code_for_a_person_either(self, logged: io.StringIO):
        stream = io.StringIO()
        configure_logs(log_format="console", stream=stream)
        logger_of("x").info("used", code=CODE, again=[CODE])
        assert "****RBN3" in stream.getvalue()
        assert "H2M9" not in stream.getvalue()


class TestRequestScope:
    def test_marks_everything_inside_it(self, logged: io.StringIO):
        with request_scope() as request_id:
            logger_of("x").info("inside")
            assert current_request_id() == request_id
        assert last_line(logged)["request_id"] == request_id
        assert current_request_id() is None
