"""Views of the front door."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rewards_service.kit.database import read_session
from rewards_service.programs.queries import programs_of
from rewards_service.web.forms import shows_again
from rewards_service.web.front.finding import enter_code_anywhere, send_links_to
from rewards_service.web.security import hide_referrer
from rewards_service.web.shop.claiming import program_of_link
from rewards_service.web.shop.entering import claim_token_in


def door() -> ResponseReturnValue:
    """Lead on to the only shop there is, or ask for a code or an address."""
    with read_session() as session:
        programs = programs_of(session)
    if len(programs) == 1:
        return redirect(url_for("shop.home", program=programs[0].external_id))
    return render_template("front/front.html")


@shows_again(door)
def find_place() -> ResponseReturnValue:
    """Find the shop of a code, or send links to an address; the answer tells nothing about either."""
    text = request.form.get("text", "").strip()
    token = claim_token_in(text)
    if token:
        return redirect(url_for("front.claim", token=token))
    if "@" in text:
        send_links_to(text)
        return render_template("front/front.html", has_sent=True)
    return redirect(url_for("shop.home", program=enter_code_anywhere(text), _anchor="found"))


def claim(token: str) -> ResponseReturnValue:
    """Lead on to the shop that a link belongs to; nothing is used up."""
    hide_referrer()
    return redirect(url_for("shop.claim", program=program_of_link(token), token=token))
