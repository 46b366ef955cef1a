"""``rewards orders``: order, look, reveal, from the command line."""

import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from rewards_service.cli.context import CommandContext, emit, json_option, with_services
from rewards_service.cli.items import item_by_reference
from rewards_service.fulfillment.operations import reveal_line
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.database import read_session, transact
from rewards_service.kit.money import Money, parse_minor
from rewards_service.kit.qr import qr_png
from rewards_service.kit.services import Services
from rewards_service.orders.models import Order
from rewards_service.orders.operations import place_order
from rewards_service.orders.queries import line_by_number, order_by_reference, order_view
from rewards_service.orders.recipients import OrderRecipient
from rewards_service.orders.requests import PayByCode, PayByWallet, WantedLine
from rewards_service.orders.views import OrderView, TenderView
from rewards_service.programs.queries import program_by_reference
from rewards_service.stock.operations import Credentials

program_option = click.option("--program", "reference", required=True, help="The program's id or external id.")


@click.group()
def orders() -> None:
    """Place orders, look at them, reveal what they brought."""


@orders.command("place")
@program_option
@click.option("--external-id", required=True, help="Your own name for the order; told again it is the same order.")
@click.option("--item", "item_reference", required=True, help="The item's id or supplier's reference.")
@click.option("--face-value", required=True, help="In the item's currency, such as 25 or 25.50.")
@click.option("--quantity", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--wallet", "wallets", multiple=True, help="A wallet that pays; may be repeated.")
@click.option("--code-stdin", is_flag=True, help="Read codes that pay from standard input, one per line.")
@click.option("--email", help="Who is told when the reward is there.")
@json_option
@with_services
def place(
    services: Services,
    *,
    reference: str,
    external_id: str,
    item_reference: str,
    face_value: str,
    quantity: int,
    wallets: tuple[str, ...],
    code_stdin: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Pay for a reward with wallets and codes together, and have it fulfilled.

    Codes come by standard input, because arguments of commands can be read by others on the machine.
    """
    now = services.clock.now()
    codes = [line.strip() for line in sys.stdin if line.strip()] if code_stdin else []

    def operation(session: Session) -> OrderView:
        item = item_by_reference(session, reference=item_reference)
        wanted = WantedLine(item.public_id, parse_minor(face_value, item.currency), quantity)
        return place_order(
            session,
            program=program_by_reference(session, reference=reference),
            external_id=external_id,
            lines=[wanted],
            tenders=[*(PayByWallet(wallet) for wallet in wallets), *(PayByCode(code) for code in codes)],
            recipient=OrderRecipient(email=email),
            actor=SYSTEM,
            vault=services.vault,
            now=now,
        ).order

    placed = transact(operation)
    context: CommandContext = click.get_current_context().obj
    context.drain(services, ["money"])
    with read_session() as session:
        program = program_by_reference(session, reference=reference)
        order = order_by_reference(session, organization_id=program.organization_id, reference=placed.public_id)
        view = order_view(session, order=order)
    emit(_as_json(view), as_json=as_json, text=_as_text(view))


@orders.command("show")
@program_option
@click.argument("order_reference", metavar="ORDER")
@json_option
@with_services
def show(_: Services, *, reference: str, order_reference: str, as_json: bool) -> None:
    """Show an order by its id or external id: lines, who paid what, what happened."""
    with read_session() as session:
        view = order_view(session, order=_order(session, reference=reference, order_reference=order_reference))
    emit(_as_json(view), as_json=as_json, text=_as_text(view))


@orders.command("reveal")
@program_option
@click.argument("order_reference", metavar="ORDER")
@click.option("--line", "number", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why; kept for ever.")
@click.option("--qr", "qr_path", type=click.Path(dir_okay=False, path_type=Path), help="Draw the number as a QR code.")
@json_option
@with_services
def reveal(
    services: Services,
    *,
    reference: str,
    order_reference: str,
    number: int,
    reason: str,
    qr_path: Path | None,
    as_json: bool,
) -> None:
    """Print the number and PIN of a line; who asked, and why, is kept."""
    now = services.clock.now()

    def operation(session: Session) -> Credentials:
        order = _order(session, reference=reference, order_reference=order_reference)
        line = line_by_number(session, order=order, number=number)
        return reveal_line(session, order=order, line=line, actor=SYSTEM, vault=services.vault, reason=reason, now=now)

    shown = transact(operation)
    if qr_path is not None:
        qr_path.write_bytes(qr_png(shown.number.reveal()))
    result = {
        "number": shown.number.reveal(),
        "pin": shown.pin.reveal() if shown.pin else None,
        "expires_on": shown.expires_on,
        "barcode_type": shown.barcode_type,
    }
    emit(result, as_json=as_json, text="\n".join(f"{name}: {value}" for name, value in result.items() if value))


def _order(session: Session, *, reference: str, order_reference: str) -> Order:
    """Return the program's order of that id or external id.

    Raises:
        ProgramNotFound, OrderNotFound: there is none.
    """
    program = program_by_reference(session, reference=reference)
    return order_by_reference(
        session, organization_id=program.organization_id, reference=order_reference, program_id=program.id
    )


def _as_json(view: OrderView) -> dict[str, Any]:
    """Return an order for programs."""
    return {
        "id": view.public_id,
        "external_id": view.external_id,
        "state": view.state,
        "total_units": view.total_units,
        "unit": view.unit,
        "lines": [
            {
                "number": line.number,
                "title": line.title,
                "face_value_minor": line.face_value_minor,
                "currency": line.currency,
                "price_units": line.price_units,
                "state": line.state,
                "state_reason": line.state_reason,
            }
            for line in view.lines
        ],
        "tenders": [
            {"reference": tender.reference, "last4": tender.last4, "units": tender.units, "unit": tender.unit}
            for tender in view.tenders
        ],
    }


def _as_text(view: OrderView) -> str:
    """Return an order for a person."""
    lines = [
        f"  {line.number}. {line.title}, {Money(line.face_value_minor, line.currency).format('en')}  {line.state}"
        for line in view.lines
    ]
    paid = [f"  paid by {_payer(tender)}: {tender.units} {tender.unit}" for tender in view.tenders]
    return "\n".join([f"Order {view.public_id}: {view.state}, {view.total_units} {view.unit}", *lines, *paid])


def _payer(tender: TenderView) -> str:
    """Return who pays, as a person knows it."""
    return f"code ending {tender.last4}" if tender.is_code else tender.reference
