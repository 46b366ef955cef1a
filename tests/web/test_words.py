"""Amounts, days, pictures and addresses, without a database."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, url_for

from rewards_service.programs.models import Unit
from rewards_service.web import formatting
from rewards_service.web.amounts import read_amount
from rewards_service.web.art import MOTIFS, PALETTES, SUBJECTS, item_picture, subject_in
from rewards_service.web.assets.bundle import STATIC, STYLES, assets
from rewards_service.web.forms import FormIncomplete
from rewards_service.web.i18n import available_locales, init_i18n, prefer
from rewards_service.web.redirects import own_page

LINES_MAX = 300


@pytest.fixture
def english():
    """A request in English, in Berlin's time."""
    app = Flask("page")
    app.secret_key = "x"
    init_i18n(app)
    app.add_url_rule("/s/<program>/", "shop", lambda program: program)
    app.add_url_rule("/s/<program>/catalog", "catalog", lambda program: program)
    app.add_url_rule("/out", "out", lambda: "", methods=["POST"])
    with app.test_request_context("/"):
        prefer(time_zone="Europe/Berlin")
        yield app


class TestFormatting:
    @pytest.mark.parametrize(
        ("minor", "currency", "shown"),
        [
            (7304, "EUR", "€73.04"),
            (123456789, "USD", "US$1,234,567.89"),
            (1500, "JPY", "JP¥1,500"),
            (5, "KWD", "KWD0.005"),
        ],
    )
    def test_writes_money_with_the_decimals_of_its_currency(self, english, minor: int, currency: str, shown: str):
        assert formatting.money(minor, currency) == shown

    @pytest.mark.parametrize(("minor", "shown"), [(2500, "€25"), (2550, "€25.50"), (100000, "€1,000")])
    def test_leaves_out_cents_that_are_not_there(self, english, minor: int, shown: str):
        assert formatting.round_money(minor, "EUR") == shown

    def test_writes_value_in_its_unit(self, english):
        assert formatting.value(1, Unit(kind="points", symbol="PTS")) == "1 point"
        assert formatting.value(12_480, Unit(kind="points", symbol="PTS")) == "12,480 points"
        assert formatting.value(2_000, Unit(kind="promise", symbol="VEUR", currency="EUR")) == "€20.00"

    def test_says_moments_in_the_programs_time(self, english):
        at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
        assert formatting.day(at) == "22 November 2026"
        assert formatting.day_short(at) == "22 Nov 2026"
        assert formatting.moment(at) == "22 Nov 2026, 00:30:00"
        assert formatting.clock_time(at) == "00:30:00"
        assert formatting.day(date(2027, 3, 31)) == "31 March 2027"

    def test_says_the_last_day_of_what_ends_at_midnight(self, english):
        ends = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
        assert formatting.last_day(ends) == "31 December 2026"
        assert formatting.last_day_short(ends) == "31 Dec 2026"

    def test_joins_parts_and_groups_codes(self, english):
        assert formatting.listed(["a", "b", "c"]) == "a, b and c"
        assert formatting.listed(["a", "b"], either=True) == "a or b"
        assert formatting.grouped_code("7K3QH2M9XW4TRBN3") == "7K3Q-H2M9-XW4T-RBN3"
        assert formatting.percent(310) == "3.1%"


class TestReadAmount:
    @pytest.mark.parametrize(
        ("typed", "minor"),
        [
            ("25", 2500),
            ("25,5", 2550),
            ("25.50", 2550),
            ("1.000", 100_000),
            ("1,000", 100_000),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("€ 1 234,50", 123_450),
            ("EUR 12", 1200),
        ],
    )
    def test_understands_how_people_write(self, english, typed: str, minor: int):
        assert read_amount(typed, "EUR", field="max") == minor

    @pytest.mark.parametrize("typed", ["", "abc", "1,2,3", "12.345,6,7", "-5", "1e9", "0.001", "NaN", "9" * 20])
    def test_refuses_what_it_would_have_to_guess(self, english, typed: str):
        with pytest.raises(FormIncomplete) as refused:
            read_amount(typed, "EUR", field="max")
        assert refused.value.problems[0].pointer == "/max"


class TestOwnPage:
    @pytest.mark.parametrize("target", ["/s/demo/", "/s/demo/catalog?q=tea&sort=price"])
    def test_follows_what_is_ours(self, english, target: str):
        assert own_page(target) == target

    @pytest.mark.parametrize(
        "target",
        [
            "",
            "//evil.example/s/demo/",
            "https://evil.example/",
            "/\\evil.example",
            "/s/demo/\r\nSet-Cookie: a=b",
            "/nothing/here",
            "/out",
            "javascript:alert(1)",
            "s/demo/",
            "/s/demo/catalog?" + "x" * 600,
            "/s/demo/%0d%0aSet-Cookie: a=b",
            "/%5cevil.example",
            "/%2fevil.example",
        ],
    )
    def test_follows_nothing_else(self, english, target: str):
        assert own_page(target) is None

    def test_builds_the_address_anew(self, english):
        assert own_page("/s/de%20mo/") == url_for("shop", program="de mo")


class TestLocales:
    def test_offer_english_and_only_languages_that_are_there(self):
        assert "en" in [str(locale) for locale in available_locales()]


class TestItemPicture:
    @pytest.mark.parametrize("seed", ["Nordwind", "青竹茶舍", "<script>", "a" * 5000])
    def test_is_well_formed_and_holds_nothing_of_its_seed(self, seed: str):
        picture = item_picture(seed)
        assert ET.fromstring(picture).tag.endswith("svg")  # noqa: S314 — drawn by us
        assert "script" not in picture
        assert len(picture) < 8000

    def test_is_the_same_for_ever(self):
        assert item_picture("Nordwind", "book") == item_picture("Nordwind", "book")
        assert item_picture("Nordwind") != item_picture("Seetang")

    def test_draws_every_motif_in_every_palette(self):
        drawn = {item_picture(f"brand {number}") for number in range(len(MOTIFS) * len(PALETTES) * 3)}
        assert len(drawn) > len(MOTIFS) * len(PALETTES)
        assert all(ET.fromstring(item_picture("x", word)) is not None for word in SUBJECTS)  # noqa: S314 — drawn by us

    def test_draws_what_the_item_is_about(self):
        assert subject_in("Nordwind Bookshop card", "gifts") == "book"
        assert subject_in("Something", "else") == "any"


class TestAssets:
    def test_are_named_by_their_content(self):
        assert {asset.version for asset in assets().values()} != {""}
        assert assets()["style.css"].content.startswith(b"@charset")

    @pytest.mark.parametrize("name", STYLES)
    def test_styles_stay_readable(self, name: str):
        assert (STATIC / name).read_text("utf-8").count("\n") <= LINES_MAX

    def test_every_style_file_is_served(self):
        assert {path.name for path in STATIC.glob("*.css")} == set(STYLES)
