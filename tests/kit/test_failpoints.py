"""Failpoints are off unless asked for, and never in production."""

import subprocess
import sys
import time

import pytest

from rewards_service.kit import failpoints
from rewards_service.kit.failpoints import (
    EXIT_STATUS,
    VARIABLE,
    Failpoint,
    FailpointsForbiddenError,
    parse_failpoint,
    pass_failpoint,
)

PASS = "from rewards_service.kit.failpoints import pass_failpoint as p; p('a', 'x'); p('b', 'x'); print('alive')"


class TestParseFailpoint:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", None),
            ("after_claim", Failpoint("after_claim", "", None)),
            ("after_claim:a.b", Failpoint("after_claim", "a.b", None)),
            ("after_claim:a.b=2.5", Failpoint("after_claim", "a.b", 2.5)),
        ],
    )
    def test_reads_where_for_whom_and_how_long(self, text, expected):
        assert parse_failpoint(text, environment="") == expected

    def test_refuses_to_be_set_in_production(self):
        assert parse_failpoint("", environment="production") is None
        with pytest.raises(FailpointsForbiddenError):
            parse_failpoint("after_claim", environment="production")


class TestPassFailpoint:
    def test_goes_on_where_nothing_is_set(self):
        pass_failpoint("after_claim", "a.b")

    def test_pauses_only_where_it_was_asked_to(self, monkeypatch):
        monkeypatch.setattr(failpoints, "_ARMED", Failpoint("here", "a.b", 0.05))
        begun = time.monotonic()
        pass_failpoint("there", "a.b")
        pass_failpoint("here", "c.d")
        assert time.monotonic() - begun < 0.05
        pass_failpoint("here", "a.b")
        assert time.monotonic() - begun >= 0.05

    def test_leaves_no_time_for_a_last_word(self, monkeypatch):
        ended = []
        monkeypatch.setattr(failpoints, "_ARMED", Failpoint("here", "", None))
        monkeypatch.setattr(failpoints.os, "_exit", ended.append)
        monkeypatch.setattr(failpoints.time, "sleep", lambda _: None)
        pass_failpoint("here", "a.b")
        assert ended == [EXIT_STATUS]

    @pytest.mark.parametrize(("where", "status"), [("b:x", EXIT_STATUS), ("b", EXIT_STATUS), ("b:y", 0)])
    def test_ends_the_process_at_once(self, where, status):
        ended = subprocess.run([sys.executable, "-c", PASS], env={VARIABLE: where}, capture_output=True, check=False)
        assert (ended.returncode, b"alive" in ended.stdout) == (status, status == 0)

    def test_keeps_a_process_from_starting_in_production(self):
        environment = {VARIABLE: "b", "REWARDS_ENV": "production"}
        ended = subprocess.run([sys.executable, "-c", PASS], env=environment, capture_output=True, check=False)
        assert ended.returncode == 1
        assert b"FailpointsForbiddenError" in ended.stderr
