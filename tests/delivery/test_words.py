"""How messages read: the same in text and HTML, in the reader's language, with nothing smuggled in."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rewards_service.delivery.composing import Draft, compose_email, compose_sms
from rewards_service.delivery.kinds import KINDS
from rewards_service.delivery.links import LINKS, LinkPlan, link_url
from rewards_service.delivery.look import DARK, LIGHT
from rewards_service.delivery.policy import Channel
from rewards_service.delivery.rendering import TEMPLATES, render_email
from rewards_service.delivery.segments import plain, segments
from rewards_service.delivery.words import day_text, value_context, value_text
from rewards_service.kit.i18n import text_direction, translations, usable_locale
from rewards_service.kit.signing import Signer
from rewards_service.programs.models import Unit
from tests.delivery.conftest import EUROS, POINTS
from tests.support.gateways import make_gateways

FACTS = {
    "sign_in": {"login": "lgn_1", "minutes": 10},
    "code_delivered": {"claim_link": "lnk_1", "value": EUROS, "note": "Well <done>!\nThank you.", "name": "Ada & Bob"},
    "award_received": {"value": POINTS, "reason": "Five modules", "expires_on": "2027-03-31"},
    "order_ready": {"order": "ord_1", "title": "Bookshop €25"},
    "order_failed": {"order": "ord_1"},
}
TOKENS = Path(__file__).parents[2] / "rewards_service/web/assets/static/tokens.css"


@pytest.fixture
def draft(now):
    def drafting(kind, **more):
        link = LinkPlan(KINDS[kind].link.purpose, "larkspur", "ref_1", "tok-en")
        secrets = dict.fromkeys(KINDS[kind].secrets, "7K3Q H2M9")
        made = Draft(
            message_id=1,
            public_id="msg_1",
            recipient="ada@example.org",
            kind=kind,
            context=FACTS[kind],
            locale="en",
            program_name="Larkspur rewards",
            organization_name="Larkspur Ltd",
            link=link,
            secrets=secrets,
            sent_as=None,
            now=now,
        )
        return replace(made, **more)

    return drafting


@pytest.fixture
def german(monkeypatch, tmp_path):
    """A German catalog of two sentences."""
    (tmp_path / "de.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Sign in to %(program)s"\nmsgstr "Bei %(program)s anmelden"\n\n'
        'msgid "%(shown)s point"\nmsgid_plural "%(shown)s points"\n'
        'msgstr[0] "%(shown)s Punkt"\nmsgstr[1] "%(shown)s Punkte"\n',
        encoding="utf-8",
    )
    return lambda locale: translations(locale, directory=tmp_path)


def words_of(html):
    """Return the visible text of an HTML part."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&nbsp;", " ").split())


class TestKinds:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_have_a_template_for_every_way_they_travel(self, kind):
        suffixes = {Channel.EMAIL: ".mail", Channel.SMS: ".sms"}
        assert all((TEMPLATES / f"{kind}{suffixes[channel]}").exists() for channel in KINDS[kind].channels)

    def test_lead_where_links_are_known(self):
        assert {kind.link.purpose for kind in KINDS.values()} <= set(LINKS)


class TestEmail:
    @pytest.mark.parametrize("kind", KINDS)
    def test_says_the_same_in_text_and_html_in_the_same_order(self, draft, kind):
        message = compose_email(draft(kind), gateways=make_gateways()).message
        text = message.get_body(("plain",)).get_content()
        html = words_of(message.get_body(("html",)).get_content()).replace("&amp;", "&")
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
        position = -1
        for line in (" ".join(part.split()) for part in text.split("\n--\n")[0].split("\n\n")):
            for piece in re.split(r": (?=https:)|:$", line)[:1]:
                found = html.find(piece.strip().partition(": ")[0][:60])
                assert found > position or found >= 0, piece
                position = max(position, found)

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_a_letter_that_mail_programs_understand(self, draft, now, kind):
        letter = compose_email(draft(kind), gateways=make_gateways())
        message = letter.message
        assert message["From"] == "Larkspur rewards <rewards@shop.example>"
        assert message["Message-ID"] == "<msg_1@shop.example>"
        assert message["Date"].datetime == now
        assert message["Auto-Submitted"] == "auto-generated"
        assert "\n" not in message["Subject"]
        assert b"Larkspur" in letter.as_bytes()
        html = message.get_body(("html",)).get_content()
        assert 'lang="en" dir="ltr"' in html
        assert 'width="600"' in html
        assert "prefers-color-scheme: dark" in html
        assert not re.search(r"<script|<link|src=\"http", html)

    def test_escapes_what_people_wrote_in_html_and_not_in_text(self, draft):
        message = compose_email(draft("code_delivered"), gateways=make_gateways()).message
        assert "Well &lt;done&gt;!<br>Thank you." in message.get_body(("html",)).get_content()
        text = message.get_body(("plain",)).get_content()
        assert "Well <done>!\nThank you." in text
        assert "Thank you, Ada & Bob." in text

    def test_keeps_the_first_message_id_whatever_changed(self, draft):
        message = compose_email(draft("sign_in", sent_as="<old@old.example>"), gateways=make_gateways()).message
        assert message["Message-ID"] == "<old@old.example>"

    def test_shows_the_figure_and_the_last_day(self, draft):
        context = {**FACTS["code_delivered"], "expires_on": "2027-03-31"}
        message = compose_email(draft("code_delivered", context=context), gateways=make_gateways()).message
        assert message["Subject"] == "€20.00 for you, valid until March 31, 2027"

    def test_leaves_out_a_code_that_nobody_offers(self, draft):
        message = compose_email(draft("code_delivered", secrets={"code_text": None}), gateways=make_gateways()).message
        assert "Your code" not in message.as_string()

    def test_turns_around_for_readers_from_right_to_left(self, draft):
        html = compose_email(draft("sign_in", locale="ar"), gateways=make_gateways()).message
        assert 'lang="ar" dir="rtl"' in html.get_body(("html",)).get_content()

    def test_never_shows_its_secrets_by_accident(self, draft):
        assert repr(draft("sign_in")) == "Draft(msg_1)"

    def test_cannot_be_made_to_run_what_a_template_must_not(self):
        with pytest.raises(Exception, match="program_name"):
            render_email("sign_in", {"minutes": 1, "login_code": "x", "link": "x"}, locale="en")


class TestSms:
    @pytest.mark.parametrize("kind", KINDS)
    def test_says_it_in_one_line(self, draft, kind):
        text = compose_sms(draft(kind, recipient="+4915112345678"), gateways=make_gateways())
        assert "\n" not in text.body
        assert (text.recipient, text.reference) == ("+4915112345678", "msg_1")
        assert text.segments == segments(text.body)


class TestSegments:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("", 1),
            ("a" * 160, 1),
            ("a" * 161, 2),
            ("a" * 306, 2),
            ("a" * 307, 3),
            ("€" * 80, 1),
            ("€" * 81, 2),
            ("a" * 152 + "€" + "a" * 20, 2),
            ("中" * 70, 1),
            ("中" * 71, 2),
            ("中" * 134, 2),
            ("中" * 135, 3),
            ("😀" * 35, 1),
            ("😀" * 36, 2),
            ("’" + "a" * 70, 2),
        ],
    )
    def test_count_as_networks_do(self, text, count):
        assert segments(text) == count

    def test_do_not_cost_more_for_fancy_characters(self):
        assert plain("It’s “here” – now…\u00a0ok") == 'It\'s "here" - now... ok'


class TestLinks:
    def test_carry_the_owners_token(self):
        plan = LinkPlan("claim", "larkspur", "lnk_1", "a/b")
        assert link_url(plan, base_url="https://x", signer=Signer([b"k"]), now=None) == "https://x/s/larkspur/k/a%2Fb"

    def test_are_signed_where_nobody_offers_a_token(self, now):
        signer = Signer([b"k"])
        url = link_url(LinkPlan("claim", "larkspur", "lnk_1", None), base_url="https://x", signer=signer, now=now)
        assert signer.read("claim", url.rpartition("/")[2]) == "lnk_1"

    def test_that_open_nothing_carry_none(self, now):
        plan = LinkPlan("shop", "larkspur", "awd_1", None)
        assert link_url(plan, base_url="https://x", signer=Signer([b"k"]), now=now) == "https://x/s/larkspur/"


class TestWords:
    def test_write_value_as_its_reader_does(self, german):
        assert value_text(POINTS, locale="en", words=translations("en")) == "12,480 points"
        assert value_text(POINTS, locale="de", words=german("de")) == "12.480 Punkte"
        assert value_text({**POINTS, "units": 1}, locale="de_AT", words=german("de_AT")) == "1 Punkt"
        assert value_text(EUROS, locale="de", words=german("de")) == "20,00\xa0€"

    def test_take_value_from_its_unit(self):
        unit = Unit(kind="promise", currency="EUR", symbol="VEUR")
        assert value_context(2000, unit) == EUROS

    def test_write_days_as_their_reader_does(self):
        assert day_text("2027-03-31", locale="de") == "31. März 2027"


class TestTranslations:
    def test_fall_back_to_the_language_and_then_to_english(self, german):
        assert german("de_AT").gettext("Sign in to %(program)s") == "Bei %(program)s anmelden"
        assert german("nl").gettext("Sign in to %(program)s") == "Sign in to %(program)s"

    @pytest.mark.parametrize(
        ("given", "used"), [("de", "de"), ("de-AT", "de_AT"), ("xx", "en"), ("", "en"), ("no such", "en")]
    )
    def test_take_any_spelling_of_a_locale(self, given, used):
        assert usable_locale(given) == used

    def test_know_which_way_a_language_runs(self):
        assert [text_direction(locale) for locale in ("en", "ar")] == ["ltr", "rtl"]


class TestLook:
    @pytest.mark.parametrize(("theme", "colours"), [(":root {", LIGHT), (':root:not([data-bs-theme="light"]) {', DARK)])
    def test_is_that_of_the_tokens(self, theme, colours):
        block = TOKENS.read_text(encoding="utf-8").split(theme, 1)[1].split("}", 1)[0]
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        assert {name: tokens[name] for name in colours} == colours
