"""The console's first page: what waits for somebody, and the latest orders."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from rewards_service.delivery.policy import MessageState
from rewards_service.delivery.queries import messages_page
from rewards_service.kit.jobs import JobState, jobs_by_state
from rewards_service.kit.services import current_services
from rewards_service.ledger.chart import Role
from rewards_service.ledger.queries import balances_by_role
from rewards_service.orders.queries import order_views, orders_of_organization
from rewards_service.programs.models import Program, Unit
from rewards_service.programs.policy import Rate, worth_minor
from rewards_service.programs.queries import PAR, programs_of, rates_in_force
from rewards_service.web.console.pages.rows import OrderRow, order_rows
from rewards_service.web.console.workers import Worker
from rewards_service.web.formatting import number
from rewards_service.web.i18n import _, _lazy, _n

LATEST_ORDERS = 12
LOOKED_THROUGH = 200
PLACES_OF_VALUE = (
    (Role.WALLET, _lazy("In wallets")),
    (Role.CODE, _lazy("On codes")),
    (Role.PENDING, _lazy("Waiting for sign-in")),
    (Role.HELD, _lazy("Set aside for orders")),
)
STUCK = (MessageState.BOUNCED, MessageState.FAILED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for somebody: what, its consequence, and one verb."""

    kind: str
    icon: str
    title: str
    note: str
    state: str
    url: str
    verb: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One part of what a program owes."""

    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Board:
    """What one program owes to holders now, in its currency, and where that value is."""

    program_name: str
    currency: str
    outstanding_minor: int
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything the first page says."""

    now: datetime
    boards: list[Board]
    waiting: list[Waiting]
    orders: list[OrderRow]


def home_page(session: Session, *, worker: Worker, now: datetime) -> HomePage:
    """Return the first page, as far as the worker's roles reach."""
    waiting = [each for each in (*_messages(session, worker), *_jobs(session, worker)) if each is not None]
    return HomePage(now, _boards(session, worker, now), waiting, _orders(session, worker))


def _boards(session: Session, worker: Worker, now: datetime) -> list[Board]:
    """Return what each program owes, for those who may read its books."""
    programs = programs_of(session, organization_id=worker.organization_id)
    shown = [program for program in programs if worker.grant.may_in(program.id, "ledger.read")]
    rates = rates_in_force(session, program_ids=[program.id for program in shown], now=now)
    units = [unit.id for program in shown for unit in _units(program)]
    held = balances_by_role(session, unit_ids=units)
    return [_board(program, held, rates[program.id]) for program in shown]


def _board(program: Program, held: dict[tuple[Role, int], int], rate: Rate) -> Board:
    """Return what one program owes, in its currency: points at ``rate``, promises one to one."""
    figures = [
        Figure(str(label), sum(_worth(held.get((role, unit.id), 0), unit, rate) for unit in _units(program)))
        for role, label in PLACES_OF_VALUE
    ]
    return Board(program.name, program.currency, sum(figure.amount_minor for figure in figures), figures)


def _units(program: Program) -> list[Unit]:
    """Return the units that a program issues."""
    return [unit for unit in (program.points_unit, program.promise_unit) if unit is not None]


def _worth(units: int, unit: Unit, rate: Rate) -> int:
    """Return what so much of one unit is worth in the program's currency."""
    return worth_minor(units=units, rate=rate if unit.kind == "points" else PAR)


def _orders(session: Session, worker: Worker) -> list[OrderRow]:
    """Return the latest orders of the programs whose orders the worker may see."""
    programs = worker.programs_for("orders.read")
    recent = orders_of_organization(session, organization_id=worker.organization_id, limit=LOOKED_THROUGH)
    seen = [order for order in recent if programs is None or order.program_id in programs][:LATEST_ORDERS]
    return order_rows(session, order_views(session, orders=seen, with_timeline=False)) if seen else []


def _messages(session: Session, worker: Worker) -> list[Waiting]:
    """Return messages that came back or could not be sent."""
    programs = worker.programs_for("messages.read")
    found = []
    for state in STUCK:
        page = messages_page(
            session,
            organization_id=worker.organization_id,
            program_ids=programs,
            state=state,
            signer=current_services().signer,
            limit=LOOKED_THROUGH,
        )
        if page.items:
            found.append(_stuck_messages(state, len(page.items)))
    return found


def _stuck_messages(state: MessageState, count: int) -> Waiting:
    """Return the entry about messages in one state."""
    titles = {
        MessageState.BOUNCED: _n(
            "%(shown)s message came back", "%(shown)s messages came back", count, shown=number(count)
        ),
        MessageState.FAILED: _n(
            "%(shown)s message was not sent", "%(shown)s messages were not sent", count, shown=number(count)
        ),
    }
    note = str(_("No value is lost. Correct the address, or send again."))
    url = url_for("console.messages", state=state.value)
    return Waiting("failed", "mail", str(titles[state]), note, str(_("not delivered")), url, str(_("Look")))


def _jobs(session: Session, worker: Worker) -> list[Waiting]:
    """Return jobs that gave up, or whose outcome nobody knows; for those who see the whole organization."""
    if worker.programs_for("jobs.read") is not None:
        return []
    found = []
    for state, kind, said in (
        (JobState.DEAD, "failed", str(_("gave up"))),
        (JobState.UNKNOWN, "uncertain", str(_("uncertain"))),
    ):
        count = len(jobs_by_state(session, states=[state], organization_id=worker.organization_id))
        if count:
            title = str(
                _n("%(shown)s job needs a decision", "%(shown)s jobs need a decision", count, shown=number(count))
            )
            note = str(_("Try again when its cause is gone, or drop it for good."))
            url = url_for("console.jobs", state=state.value)
            found.append(Waiting(kind, "gears", title, note, said, url, str(_("Look"))))
    return found
