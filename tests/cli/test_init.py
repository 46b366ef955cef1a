"""``rewards init``: what it sets up, and what it says about what comes next."""

import pytest

from tests.cli.conftest import RunCommand

OWNER = ("--organization", "Acme Ltd", "--owner-email", "you@acme.example")


@pytest.fixture
def database_url(blank_database_url: str) -> str:
    """A database without any table."""
    return blank_database_url


class TestInit:
    def test_says_what_an_empty_installation_lacks(self, run_command: RunCommand):
        out = run_command("init").out
        assert "rewards init --organization NAME --owner-email ADDRESS" in out
        assert "rewards init --demo" in out

    def test_says_the_password_of_the_owner_once(self, run_command: RunCommand):
        first, again = run_command("init", *OWNER), run_command("init", *OWNER)
        assert "sign in as you@acme.example with the password" in first.out
        assert "with the password" not in again.out
        assert "--owner-email" not in again.out
