"""Views of a member's wallet: the statement, and moving a code's value into it."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from rewards_service.kit.database import read_session
from rewards_service.wallets.queries import former_wallets, wallets_of_member
from rewards_service.web.context import present
from rewards_service.web.forms import shows_again
from rewards_service.web.shop.adding import missing_address
from rewards_service.web.shop.claiming import claim_into_wallet
from rewards_service.web.shop.pages import shop_page
from rewards_service.web.shop.statement import wallet_statement
from rewards_service.web.shop.visitors import current_visitor


def wallet() -> ResponseReturnValue:
    """Show what the member has, until when, and where each unit came from and went."""
    visitor, asked = current_visitor(), request.args
    assert visitor.member is not None, "the route asks for a member"
    with read_session() as session:
        own = wallets_of_member(session, member_id=visitor.member.id)
        statements = [
            wallet_statement(
                session,
                program=visitor.program,
                wallet=each,
                cursor=asked.get("cursor") if asked.get("wallet") == each.public_id else None,
                now=present(),
            )
            for each in (*own, *former_wallets(session, wallets=own))
        ]
        missing = missing_address(session, member=visitor.member)
        return shop_page(session, "shop/wallet.html", wallets=statements, missing=missing)


@shows_again(wallet)
def claim_code() -> ResponseReturnValue:
    """Move everything one of the session's codes holds into the member's wallet."""
    visitor = current_visitor()
    claim_into_wallet(visitor, code_id=request.form.get("code_id", ""))
    return redirect(url_for("shop.wallet", program=visitor.program.external_id))
