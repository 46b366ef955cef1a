"""Views that change something about members, codes and orders; every change says who did it and why."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from rewards_service.kit.database import transact
from rewards_service.web.console import deeds
from rewards_service.web.console.views.looking import code, member, order
from rewards_service.web.console.workers import current_worker
from rewards_service.web.context import present
from rewards_service.web.forms import read_form, shows_again, text_field
from rewards_service.web.i18n import _
from rewards_service.web.shop.basket import tell_left_out

REASON_LENGTH_MAX = 200


class ReasonForm(Schema):
    """Why somebody changes something."""

    reason = text_field(length_max=REASON_LENGTH_MAX)


class ReissueForm(ReasonForm):
    """Why a code is replaced, and where the new one goes."""

    to = text_field(length_max=254)


class MergeForm(ReasonForm):
    """Who else a member is, and how that is known."""

    other = text_field(length_max=254)


@shows_again(code)
def resend_code(code_id: str) -> ResponseReturnValue:
    """Send the same code to the same address once more."""
    worker, now = current_worker(), present()
    transact(lambda session: deeds.resend_code(session, worker=worker, code_id=code_id, now=now))
    flash(_("It is on its way once more, to the same address."))
    return redirect(url_for("console.code", code_id=code_id))


@shows_again(code)
def reissue_code(code_id: str) -> ResponseReturnValue:
    """Replace a code by a new one and send that; the old one dies."""
    worker, now, form = current_worker(), present(), read_form(ReissueForm)
    new_id = transact(
        lambda session: deeds.reissue_code(
            session, worker=worker, code_id=code_id, to=form["to"], reason=form["reason"], now=now
        )
    )
    flash(_("The old code is dead. The new one is on its way."))
    return redirect(url_for("console.code", code_id=new_id))


@shows_again(code)
def block_code(code_id: str) -> ResponseReturnValue:
    """Keep a code from being spent."""
    worker, now, reason = current_worker(), present(), read_form(ReasonForm)["reason"]
    transact(lambda session: deeds.block_code(session, worker=worker, code_id=code_id, reason=reason, now=now))
    flash(_("The code is blocked."))
    return redirect(url_for("console.code", code_id=code_id))


@shows_again(code)
def unblock_code(code_id: str) -> ResponseReturnValue:
    """Let a blocked code be spent again."""
    worker, now, reason = current_worker(), present(), read_form(ReasonForm)["reason"]
    transact(lambda session: deeds.unblock_code(session, worker=worker, code_id=code_id, reason=reason, now=now))
    flash(_("The code can be spent again."))
    return redirect(url_for("console.code", code_id=code_id))


@shows_again(member)
def merge_member(member_id: str) -> ResponseReturnValue:
    """Let a member stand for another one who proved to be the same person."""
    worker, now, form = current_worker(), present(), read_form(MergeForm)
    left_out = transact(
        lambda session: deeds.merge_member(
            session, worker=worker, member_id=member_id, other=form["other"], reason=form["reason"], now=now
        )
    )
    flash(_("They are one member now: one balance and one history."))
    tell_left_out(left_out)
    return redirect(url_for("console.member", member_id=member_id))


@shows_again(order)
def cancel_order(order_id: str) -> ResponseReturnValue:
    """Take an order back; every part goes to where it came from."""
    worker, now, reason = current_worker(), present(), read_form(ReasonForm)["reason"]
    transact(lambda session: deeds.cancel_order(session, worker=worker, order_id=order_id, reason=reason, now=now))
    flash(_("The order is cancelled, and every part is back where it came from."))
    return redirect(url_for("console.order", order_id=order_id))
