"""What every template may use beside the values of its view: words, amounts, addresses, forms."""

from typing import Any

from flask import Flask, g, request, url_for

from rewards_service.web import formatting
from rewards_service.web.appearance import chosen_theme
from rewards_service.web.assets.bundle import assets
from rewards_service.web.errors import problem_text, refusal_detail, refusal_title
from rewards_service.web.forms import form_key, last_refusal, typed
from rewards_service.web.i18n import _, available_locales, get_locale, text_direction
from rewards_service.web.proof import PROOF_BITS
from rewards_service.web.security import csp_nonce

FILTERS = {
    "money": formatting.money,
    "round_money": formatting.round_money,
    "units": formatting.value,
    "number": formatting.number,
    "percent": formatting.percent,
    "day": formatting.day,
    "day_short": formatting.day_short,
    "last_day": formatting.last_day,
    "last_day_short": formatting.last_day_short,
    "moment": formatting.moment,
    "clock_time": formatting.clock_time,
    "listed": formatting.listed,
    "grouped": formatting.grouped_code,
    "language_name": formatting.language_name,
}


def prepare_templates(app: Flask) -> None:
    """Give the templates of ``app`` their filters and words."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset_url,
        csp_nonce=csp_nonce,
        form_key=form_key,
        home_url=home_url,
        proof_bits=PROOF_BITS,
        problem_text=problem_text,
        refusal_detail=refusal_detail,
        refusal_title=refusal_title,
        shop_name=lambda: g.get("place_name") or _("Rewards"),
        sign_in_url=lambda: g.get("sign_in_url") or home_url(),
        this_page=this_page,
        typed=typed,
    )
    app.context_processor(_values_of_request)


def asset_url(name: str) -> str:
    """Return the address of a file, with the version of its content in it."""
    return url_for("assets.file", version=assets()[name].version, name=name)


def home_url() -> str:
    """Return the start of the place this page belongs to: a shop, the console, or the front door."""
    return g.get("home_url") or "/"


def this_page() -> str:
    """Return the address of this page, to come back to it."""
    return request.full_path.removesuffix("?")


def _values_of_request() -> dict[str, Any]:
    """Return what differs from request to request."""
    return {
        "language": str(get_locale() or "en").replace("_", "-"),
        "direction": text_direction(),
        "locales": available_locales(),
        "theme": chosen_theme(),
        "refusal": last_refusal(),
    }
