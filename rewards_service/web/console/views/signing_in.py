"""Views of signing in to the console and out of it."""

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from rewards_service.identity.passwords import LENGTH_MAX
from rewards_service.web.console.signing_in import sign_in_staff, sign_out_staff
from rewards_service.web.forms import read_form, shows_again, text_field
from rewards_service.web.redirects import next_page


class PasswordForm(Schema):
    """Who, and the password."""

    email = text_field(length_max=254)
    password = text_field(length_max=LENGTH_MAX)


def sign_in() -> ResponseReturnValue:
    """Ask for email and password; somebody signed in is led on."""
    if g.get("worker") is not None:
        return redirect(next_page(url_for("console.home")))
    return render_template("console/sign_in.html")


@shows_again(sign_in)
def enter() -> ResponseReturnValue:
    """Sign in, and go on to the page that was asked for."""
    form = read_form(PasswordForm)
    sign_in_staff(email_typed=form["email"], password=form["password"])
    return redirect(next_page(url_for("console.home")))


def sign_out() -> ResponseReturnValue:
    """Sign out."""
    worker = g.get("worker")
    sign_out_staff(worker.sign_in.id if worker is not None else None)
    return redirect(url_for("console.sign_in"))
