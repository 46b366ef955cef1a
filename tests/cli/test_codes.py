"""``rewards codes settings``."""

import pytest


@pytest.fixture(autouse=True)
def _installed(program):
    """The organization and the program ``demo``."""


class TestSettings:
    def test_shows_what_holds(self, run_command):
        shown = run_command("codes", "settings", "--program", "demo", "--json").json
        assert shown == {"prefix": "", "symbols": 16, "days": None, "copy_days": 90, "bits": 75}

    def test_keeps_what_is_changed_and_leaves_the_rest(self, run_command):
        run_command("codes", "settings", "--program", "demo", "--prefix", "ACME", "--days", "30")
        run_command("codes", "settings", "--program", "demo", "--symbols", "24", "--copy-days", "7")
        shown = run_command("codes", "settings", "--program", "demo", "--json").json
        assert shown == {"prefix": "ACME", "symbols": 24, "days": 30, "copy_days": 7, "bits": 115}
        run_command("codes", "settings", "--program", "demo", "--prefix", "", "--days", "0")
        assert (
            "24 symbols (115 random bits), prefix: none." in run_command("codes", "settings", "--program", "demo").out
        )

    def test_asks_whether_short_codes_are_meant(self, run_command):
        refused = run_command("codes", "settings", "--program", "demo", "--symbols", "12")
        assert refused.status == 1
        assert "have to be meant" in refused.err
        assert run_command("codes", "settings", "--program", "demo", "--symbols", "12", "--short-codes").status == 0
