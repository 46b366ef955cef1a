"""Who works in the console, what they may do, and where: asked before every view, and by every list."""

from dataclasses import dataclass

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from rewards_service.identity.models import SignInSession, Staff
from rewards_service.identity.queries import StaffGrant, staff_by_id, staff_grant
from rewards_service.kit.access import PUBLIC, AccessRule, TenantScope, access_rule
from rewards_service.kit.actor import Actor
from rewards_service.kit.database import read_session
from rewards_service.kit.errors import Forbidden, NotFound, Unauthenticated
from rewards_service.programs.models import Organization
from rewards_service.web.i18n import _lazy, prefer
from rewards_service.web.sessions import CONSOLE, note_seen, sign_in_of

READING = frozenset({"GET", "HEAD"})
SEE_OTHER = 303

PLACES = (
    ("home", _lazy("Home"), "home", "console.enter"),
    ("messages", _lazy("Messages"), "mail", "messages.read"),
    ("jobs", _lazy("Jobs"), "gears", "jobs.read"),
)
"""Endpoint, title, icon and permission of each place beside the search."""


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the side."""

    endpoint: str
    title: str
    icon: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Worker:
    """A member of staff who asks for a page."""

    staff: Staff
    sign_in: SignInSession
    grant: StaffGrant
    organization: Organization

    @property
    def organization_id(self) -> int:
        """The only organization this worker ever sees."""
        return self.staff.organization_id

    @property
    def organization_name(self) -> str:
        """What the side says at its end."""
        return self.organization.name

    @property
    def actor(self) -> Actor:
        """Who is named as the one who did something."""
        return Actor(kind="staff", reference=self.staff.public_id)

    @property
    def first_name(self) -> str:
        """How a greeting calls the worker."""
        return self.staff.name.partition(" ")[0]

    @property
    def initials(self) -> str:
        """One or two letters that stand for the worker."""
        words = self.staff.name.split() or ["?"]
        return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper()

    @property
    def places(self) -> list[Place]:
        """The places this worker may go to."""
        return [Place(endpoint, str(title), icon) for endpoint, title, icon, held in PLACES if self.grant.may(held)]

    def programs_for(self, permission: str) -> frozenset[int] | None:
        """Return the programs in which ``permission`` holds; None means every one of the organization."""
        return self.grant.programs_for(permission)

    def require_in(self, program_id: int, permission: str) -> None:
        """Refuse an object of a program in which ``permission`` does not hold, as if it did not exist.

        Raises:
            NotFound: it does not.
        """
        if not self.grant.may_in(program_id, permission):
            raise NotFound


def admit() -> ResponseReturnValue | None:
    """Find out who works here, before the view runs; send whoever asks for a page unknown to the sign-in page.

    A page over a whole organization needs its permission everywhere; a page over programs needs it in one of them and
    shows no others.

    Raises:
        Unauthenticated: nobody is signed in, and a form was sent.
        Forbidden: the permission is missing.
    """
    g.home_url = url_for("console.home")
    g.sign_in_url = url_for("console.sign_in", next=request.full_path.removesuffix("?"))
    rule = access_rule(request.endpoint or "")
    with read_session() as session:
        worker = _worker(session)
    if worker is not None:
        _note_here(worker)
    if rule.permission == PUBLIC:
        return None
    if worker is None:
        return _send_to_sign_in()
    _require_allowed(worker, rule)
    return None


def current_worker() -> Worker:
    """Return who asks for this page."""
    worker: Worker = g.worker
    return worker


def _note_here(worker: Worker) -> None:
    """Remember for this request who works here, and for later requests that they did."""
    g.worker = worker
    prefer(time_zone=worker.organization.time_zone, own_locale=worker.staff.locale)
    note_seen(worker.sign_in)


def _send_to_sign_in() -> ResponseReturnValue:
    """Send whoever asks for a page to the sign-in page; a form that was sent could not be sent again from there."""
    if request.method not in READING:
        raise Unauthenticated("Please sign in to the console.")
    return redirect(g.sign_in_url, SEE_OTHER)


def _require_allowed(worker: Worker, rule: AccessRule) -> None:
    """Refuse a page whose permission the worker has nowhere, or not everywhere where it is over everything."""
    programs = worker.programs_for(rule.permission)
    if programs == frozenset() or (programs is not None and rule.scope == TenantScope.ORGANIZATION):
        raise Forbidden("Your roles do not include this. Nothing was changed.")


def _worker(session: Session) -> Worker | None:
    """Return the worker that the request's cookie stands for, if any."""
    sign_in = sign_in_of(session, CONSOLE)
    if sign_in is None or sign_in.staff_id is None:
        return None
    try:
        staff = staff_by_id(session, staff_id=sign_in.staff_id)
    except NotFound:
        return None
    organization = session.get_one(Organization, staff.organization_id)
    return Worker(staff, sign_in, staff_grant(session, staff_id=staff.id), organization)
