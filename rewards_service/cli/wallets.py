"""``rewards wallets``: what somebody has, and until when."""

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import emit, json_option, with_services
from rewards_service.identity.addresses import normalise_email, normalise_phone
from rewards_service.identity.errors import AddressUnusable
from rewards_service.identity.queries import find_member
from rewards_service.kit.database import read_session
from rewards_service.kit.services import Services
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.queries import program_by_reference
from rewards_service.wallets.models import Wallet
from rewards_service.wallets.queries import WalletNotFound, pending_wallets, wallet_view, wallets_of_member


@click.group()
def wallets() -> None:
    """Look into wallets."""


@wallets.command("show")
@click.option("--program", "reference", required=True, help="The program's id or external id.")
@click.option("--of", "holder", required=True, help="An email, a phone, or a member's external id.")
@json_option
@with_services
def show(services: Services, *, reference: str, holder: str, as_json: bool) -> None:
    """Show the balance of a member, or what waits for an address, lot by lot."""
    now = services.clock.now()
    with read_session() as session:
        program = program_by_reference(session, reference=reference)
        found = _wallets_of(session, program=program, holder=holder)
        if not found:
            raise WalletNotFound
        for wallet in found:
            view, unit = wallet_view(session, wallet=wallet, now=now), session.get_one(Unit, wallet.unit_id).api_name
            lots = [{"units": lot.units, "expires_at": lot.expires_at, "source": lot.award_ref} for lot in view.lots]
            result = {
                "id": wallet.public_id,
                "unit": unit,
                "balance_units": view.balance_units,
                "held_units": view.held_units,
                "is_pending": wallet.member_id is None,
                "lots": lots,
            }
            lines = [f"  {lot.units} until {lot.expires_at:%Y-%m-%d}" for lot in view.lots if lot.expires_at]
            text = "\n".join([f"{wallet.public_id}: {view.balance_units} {unit}, {view.held_units} held", *lines])
            emit(result, as_json=as_json, text=text)


def _wallets_of(session: Session, *, program: Program, holder: str) -> list[Wallet]:
    """Return the wallets of a member, or those that wait for an address that nobody has registered.

    Raises:
        NotFound: no member of the program has that external id.
    """
    address = _address(holder, region=program.country)
    if address is not None and (pending := pending_wallets(session, program_id=program.id, addresses=[address])):
        return pending
    facts = {"external_id": holder} if address is None else {"email" if "@" in address else "phone": address}
    return wallets_of_member(session, member_id=find_member(session, program_id=program.id, **facts).id)


def _address(text: str, *, region: str | None) -> str | None:
    """Return an email or a phone in its one spelling; nothing when the text is neither."""
    for normal in (normalise_email, lambda given: normalise_phone(given, region=region)):
        try:
            return normal(text)
        except AddressUnusable:
            continue
    return None
