"""``rewards api-key``."""

import pytest

from rewards_service.identity.policy import API_SCOPES


@pytest.fixture(autouse=True)
def _installed(program):
    """The organization and the program ``demo``."""


class TestCreate:
    def test_prints_a_key_of_a_program_once(self, run_command):
        made = run_command("api-key", "create", "--program", "demo", "--name", "shop", "--json").json
        assert made["key"].startswith("rw_live_")
        assert set(made["scopes"]) == API_SCOPES

    def test_limits_it_to_scopes(self, run_command):
        arguments = ("--program", "demo", "--name", "shop", "--scope", "codes.read", "--scope", "codes.spend", "--json")
        assert run_command("api-key", "create", *arguments).json["scopes"] == ["codes.read", "codes.spend"]

    def test_makes_one_of_the_only_organization(self, run_command):
        assert run_command("api-key", "create", "--name", "all", "--json").json["key"]

    def test_asks_whose_it_is_where_there_are_several(self, run_command, other_program):
        refused = run_command("api-key", "create", "--name", "all")
        assert refused.status == 1
        assert "--organization" in refused.err
        assert run_command("api-key", "create", "--name", "all", "--organization", "other", "--json").json["key"]

    def test_knows_no_other_programs(self, run_command):
        assert run_command("api-key", "create", "--program", "nothing", "--name", "x").status == 1

    def test_knows_no_other_scopes(self, run_command):
        assert run_command("api-key", "create", "--program", "demo", "--name", "x", "--scope", "all").status == 2

    def test_prints_the_same_to_people(self, run_command):
        printed = run_command("api-key", "create", "--program", "demo", "--name", "x", "--days", "30")
        assert printed.json["key"].startswith("rw_live_")


class TestRevoke:
    def test_ends_a_key(self, run_command):
        made = run_command("api-key", "create", "--program", "demo", "--name", "x", "--json").json
        ended = run_command("api-key", "revoke", made["id"], "--json").json
        assert ended == {"id": made["id"], "revoked_at": "2026-11-21T09:00:00Z"}
        assert run_command("api-key", "revoke", "key_nothing").status == 1
