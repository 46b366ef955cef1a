"""The books over HTTP."""

from collections import Counter
from typing import Any

import pytest

from tests.api.client import pointers, problem
from tests.api.made import award_body


class TestListEntries:
    def test_shows_lines_that_add_up(self, api):
        award = api.made("/awards", award_body())
        (entry,) = api.read("/ledger/entries")["items"]
        assert entry["id"] == f"award:{award['id']}:award"
        sums: Counter[str] = Counter()
        for line in entry["lines"]:
            sums[line["unit"]] += line["units"]
        assert set(sums) == {"PTS", "EUR"}
        assert not any(sums.values())
        assert entry["actor"].startswith("api_key:key_")

    def test_narrows_to_an_account_and_days(self, api):
        api.made("/awards", award_body())
        api.made("/awards", award_body())
        first, second = api.read("/ledger/entries")["items"]
        of_both, of_one = accounts_of(first) & accounts_of(second), accounts_of(first) - accounts_of(second)
        assert len(api.read("/ledger/entries", account=of_both.pop())["items"]) == 2
        assert api.read("/ledger/entries", account=of_one.pop())["items"] == [first]
        assert api.read("/ledger/entries", account="Liabilities:Nothing")["items"] == []
        assert len(api.read("/ledger/entries", **{"from": "2026-11-21", "to": "2026-11-21"})["items"]) == 2
        assert api.read("/ledger/entries", **{"from": "2026-11-22"})["items"] == []

    def test_goes_page_by_page(self, api):
        for _ in range(3):
            api.made("/awards", award_body())
        first = api.read("/ledger/entries", limit=2)
        second = api.read("/ledger/entries", limit=2, cursor=first["next_cursor"])
        assert len({each["id"] for each in [*first["items"], *second["items"]]}) == 3

    @pytest.mark.parametrize("day", ["21.11.2026", "2026-13-01", "2026-11-21T00:00:00Z", ""])
    def test_refuses_days_that_are_none(self, api, day):
        document = problem(api.get("/ledger/entries", **{"from": day}), 422, "validation_failed")
        assert pointers(document) == {"/from": "not_a_day"}

    def test_shows_nothing_of_others(self, api, foreign_api):
        api.made("/awards", award_body())
        assert foreign_api.read("/ledger/entries")["items"] == []
        account = accounts_of(api.read("/ledger/entries")["items"][0]).pop()
        assert foreign_api.read("/ledger/entries", account=account)["items"] == []


def accounts_of(entry: dict[str, Any]) -> set[str]:
    """Return the accounts that an entry touches."""
    return {line["account"] for line in entry["lines"]}
