"""Everything that happened, over HTTP."""


class TestListEvents:
    def test_tells_a_story_newest_first(self, shop):
        shop.order({"wallet_id": shop.wallet()})
        types = [each["type"] for each in shop.api.read("/events")["items"]]
        assert set(types) >= {"ledger.award", "ledger.hold", "ledger.capture", "order.placed", "order.line_issued"}

    def test_goes_page_by_page_without_a_gap(self, shop, clock, now):
        for minute in range(5):
            clock.at = now.replace(minute=minute)
            shop.code()
        everything = shop.api.read("/events", limit=200)["items"]
        assert [each["at"] for each in everything] == sorted((each["at"] for each in everything), reverse=True)
        found, query = [], {"limit": 3}
        while True:
            page = shop.api.read("/events", **query)
            found += page["items"]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert sorted(each["id"] for each in found) == sorted(each["id"] for each in everything)
        assert len({each["id"] for each in found}) == len(found) == 10

    def test_of_a_key_of_one_program_is_of_that_program(self, shop, program_api, program):
        shop.api.made(
            "/programs",
            {"name": "B", "external_id": "b", "unit": "PTB", "currency": "EUR", "time_zone": "UTC", "locale": "en"},
        )
        shop.path = "b"
        theirs = shop.code()
        shop.path = "demo"
        ours = shop.code()
        seen = str(program_api.read("/events"))
        assert ours["id"] in seen
        assert theirs["id"] not in seen
        assert theirs["id"] in str(shop.api.read("/events"))

    def test_shows_nothing_of_others(self, shop, foreign_api):
        shop.code()
        assert foreign_api.read("/events")["items"] == []
