"""Who is in the shop: nobody yet, a guest with proved codes, or a member; and what that allows."""

from dataclasses import dataclass, replace

from flask import g, request, url_for
from sqlalchemy.orm import Session

from rewards_service.identity.models import Member, SignInSession
from rewards_service.identity.policy import GUEST_PERMISSIONS, MEMBER_PERMISSIONS, SessionKind
from rewards_service.identity.queries import keep_living_member, living_member, member_by_id, proved_codes
from rewards_service.kit.access import PUBLIC, access_rule
from rewards_service.kit.actor import Actor
from rewards_service.kit.database import read_session
from rewards_service.kit.errors import Unauthenticated
from rewards_service.kit.throttle import Caller
from rewards_service.programs.models import Program
from rewards_service.programs.queries import program_by_reference
from rewards_service.web.i18n import prefer
from rewards_service.web.sessions import browser_nonce, note_seen, shop_cookie, sign_in_of
from rewards_service.web.shop.order_links import opened_orders

STRANGER = Actor(kind="guest", reference="stranger")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks for a page of one program's shop.

    Attributes:
        code_ids: public ids of the codes that were typed in this session, in that order.
        order_ids: public ids of the orders that links of messages opened in this browser.
    """

    program: Program
    sign_in: SignInSession | None = None
    member: Member | None = None
    code_ids: tuple[str, ...] = ()
    order_ids: tuple[str, ...] = ()

    @property
    def permissions(self) -> frozenset[str]:
        """What this visitor may do."""
        if self.member is not None:
            return MEMBER_PERMISSIONS | {PUBLIC}
        return GUEST_PERMISSIONS | {PUBLIC} if self.holds_anything else frozenset({PUBLIC})

    @property
    def holds_anything(self) -> bool:
        """Whether there is value, or a history, to show."""
        return self.sign_in is not None or bool(self.order_ids)

    @property
    def actor(self) -> Actor:
        """Who is named as the one who did something."""
        if self.member is not None:
            return Actor(kind="member", reference=self.member.public_id)
        return Actor(kind="guest", reference=self.sign_in.public_id) if self.sign_in is not None else STRANGER

    @property
    def initials(self) -> str:
        """One or two letters that stand for the member."""
        assert self.member is not None, "only members have a name"
        words = self.member.name.split()
        return "".join(word[0] for word in (words[0], *words[-1:])[: len(words)]).upper() if words else "?"

    @property
    def first_name(self) -> str:
        """How a greeting calls the member."""
        assert self.member is not None, "only members have a name"
        return self.member.name.partition(" ")[0]

    def caller(self) -> Caller:
        """Return how this visitor's failures are counted."""
        name = self.sign_in.public_id if self.sign_in is not None else browser_nonce()
        return Caller(session=name, address=request.remote_addr, organization_id=self.program.organization_id)


def admit() -> None:
    """Find out whose shop this is and who is in it, before the view runs, which is no longer told the program.

    Raises:
        ProgramNotFound: there is no such shop.
        Unauthenticated: the page needs value in hand, or a member.
    """
    reference = (request.view_args or {}).pop("program", "")
    with read_session() as session:
        visitor = _visitor(session, program_by_reference(session, reference=reference))
    _remember(visitor)
    if visitor.sign_in is not None:
        note_seen(visitor.sign_in)
    if access_rule(request.endpoint or "").permission not in visitor.permissions:
        raise Unauthenticated("Please sign in, or type in a code, to see this page.")


def see_as(visitor: Visitor) -> None:
    """Show the rest of this answer to ``visitor``, who proved more than he had when he asked."""
    g.visitor = visitor
    g.pop("balance", None)


def current_visitor() -> Visitor:
    """Return who asks for this page."""
    visitor: Visitor = g.visitor
    return visitor


def keep_visitor(session: Session, visitor: Visitor) -> Visitor:
    """Return the visitor as the member who stands for him now, whom nobody can merge until the transaction ends."""
    if visitor.member is None:
        return visitor
    return replace(visitor, member=keep_living_member(session, member_id=visitor.member.id))


def _visitor(session: Session, program: Program) -> Visitor:
    """Return the visitor that the request's cookie stands for; a cookie of another program stands for nobody."""
    sign_in = sign_in_of(session, shop_cookie(program))
    orders = opened_orders(program)
    if sign_in is None or sign_in.program_id != program.id:
        return Visitor(program, order_ids=orders)
    codes = tuple(proved_codes(session, session_id=sign_in.id))
    if sign_in.kind != SessionKind.MEMBER:
        return Visitor(program, sign_in, None, codes, orders)
    assert sign_in.member_id is not None, "a member's session has a member"
    member = member_by_id(session, organization_id=program.organization_id, member_id=sign_in.member_id)
    return Visitor(program, sign_in, living_member(session, member=member), codes, orders)


def _remember(visitor: Visitor) -> None:
    """Keep what templates and error pages need to know about the place and its reader."""
    program = visitor.program
    g.visitor = visitor
    g.place_name = program.name
    g.home_url = url_for("shop.home", program=program.external_id)
    back = request.full_path.removesuffix("?") if request.method == "GET" else None
    g.sign_in_url = url_for("shop.sign_in", program=program.external_id, next=back)
    own = visitor.member.locale if visitor.member is not None else None
    prefer(time_zone=program.time_zone, program_locale=program.locale, own_locale=own)
