"""What a case of the matrix is made of, and how the usual ones are built."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from tests.isolation.callers import Sent
from tests.isolation.world import Tenant

_NUMBERS = itertools.count(1)
REASON = {"reason": "because"}


@dataclass(frozen=True)
class Case:
    """One way to call an endpoint.

    Attributes:
        send: takes who calls and whose thing is asked for.
        refused: the statuses by which a thing out of reach is answered.
        has_target: whether one thing is asked for; else only what is shown counts.
        echoes: whether the answer shows what was asked, so that a private text in it is no leak.
        mixes: whether something of the caller goes with it, which must be of the same program.
        reaches: takes who calls and whose thing it is, and tells whether it is within reach; none: as callers cover.
        accepted: the statuses by which a thing within reach is answered; none: all that are no refusal.
    """

    send: Callable[[Tenant, Tenant], Sent]
    refused: frozenset[int] = frozenset({404})
    has_target: bool = True
    echoes: bool = False
    mixes: bool = False
    reaches: Callable[[Tenant, Tenant], bool] | None = None
    accepted: frozenset[int] | None = None


def plain(**values: str) -> Case:
    """Return a case that asks for nothing of anybody's."""
    return Case(lambda _own, _target: Sent(values), has_target=False)


def form(**fields: str) -> Case:
    """Return a case that sends a form about nothing of anybody's."""
    return Case(lambda _own, _target: Sent({}, form=fields), has_target=False)


def body(make: Callable[[Tenant, Tenant], dict[str, object]]) -> Case:
    """Return a case whose body names the thing."""
    return Case(lambda own, target: Sent({}, body=make(own, target)))


def mixed(make: Callable[[Tenant, Tenant], dict[str, object]], *, refused: int = 404) -> Case:
    """Return a case whose body names the thing beside one of the caller's own."""
    return Case(lambda own, target: Sent({}, body=make(own, target)), refused=frozenset({refused}), mixes=True)


def new_id() -> str:
    """Return an external id not used before."""
    return f"X{next(_NUMBERS)}"


def new_unit() -> str:
    """A name for points that no program has."""
    return "PT" + "".join(chr(65 + int(digit)) for digit in str(next(_NUMBERS))) + "Z"


def award(program: Tenant, member: Tenant) -> dict[str, object]:
    """Return an award in one tenant's program to another's member."""
    return {
        "program_id": program.program_name,
        "member": {"id": member.member.public_id},
        "value_units": 1,
        "reason": "x",
        "external_id": new_id(),
    }


def order(program: Tenant, *, item: Tenant, **tender: str) -> dict[str, object]:
    """Return an order in one tenant's program for an item of another, paid by ``tender``."""
    return {
        "program_id": program.program_name,
        "external_id": new_id(),
        "lines": [{"item_id": item.item, "face_value_minor": 2_500}],
        "tenders": [tender],
    }


def quote(program: Tenant, *, item: Tenant, **tender: str) -> dict[str, object]:
    """Return a request for a quote."""
    asked = order(program, item=item, **tender)
    del asked["external_id"]
    return asked


def by_id(name: str, of: Callable[[Tenant], object], body: dict[str, object] | None = None) -> Case:
    """Return a case whose address names the thing."""
    return Case(lambda _own, target: Sent({name: of(target)}, body=body))


def line(of: Callable[[Tenant], object]) -> Case:
    """Return a case about the first line of an order."""
    return Case(lambda _own, target: Sent({"order_id": of(target), "number": 1}, body=dict(REASON)))


def console(name: str, of: Callable[[Tenant], object], **fields: str) -> Case:
    """Return a page of the console, or with ``fields`` a form of it, about one thing."""
    return Case(lambda _own, target: Sent({name: of(target)}, form=fields or None))


def shop(**fields: str) -> Case:
    """Return a page, or a form, of the caller's own shop that asks for nothing in particular."""
    return Case(lambda own, _target: Sent({"program": own.program_name}, form=fields or None), has_target=False)


def shop_order(of: Callable[[Tenant], object], **more: object) -> Case:
    """Return a page of the caller's own shop about an order."""
    return Case(
        lambda own, target: Sent(
            {"program": own.program_name, "order_id": of(target), **{k: v for k, v in more.items() if k != "form"}},
            form=more.get("form"),  # type: ignore[arg-type]  # a mapping of texts
        )
    )


def shop_token(
    of: Callable[[Tenant], str],
    name: str,
    *,
    is_form: bool = False,
    reaches: Callable[[Tenant, Tenant], bool] | None = None,
) -> Case:
    """Return a page of the caller's own shop opened with somebody's token: whoever has it may come in, nowhere else."""
    return Case(
        lambda own, target: Sent({"program": own.program_name, name: of(target)}, form={} if is_form else None),
        refused=frozenset({403, 404, 410}),
        reaches=reaches or same_program,
    )


def shop_bearer(
    make: Callable[[Tenant], dict[str, str]], *, accepted: int, refused: int, reaches: Callable[[Tenant, Tenant], bool]
) -> Case:
    """Return a form of the caller's own shop that names something which whoever is within reach may use."""
    return Case(
        lambda own, target: Sent({"program": own.program_name}, form=make(target)),
        refused=frozenset({refused}),
        accepted=frozenset({accepted}),
        reaches=reaches,
    )


def same_program(own: Tenant, target: Tenant) -> bool:
    """Tell whether two tenants are of one program: there a code is worth the same in every hand."""
    return own.program_name == target.program_name


def same_organization(own: Tenant, target: Tenant) -> bool:
    """Tell whether two tenants are of one organization, whose items all of its programs show."""
    return own.program.organization_id == target.program.organization_id


def nobody(_own: Tenant, _target: Tenant) -> bool:
    """Say that it is in nobody's reach who has not proved it before."""
    return False


def checkout(own: Tenant, target: Tenant) -> Sent:
    """Return the form that orders what lies in the basket of the caller's member, paid from the target's wallet."""
    return Sent({"program": own.program_name}, form={**own.basket_form(), "pay": target.wallet.public_id})


def order_id(tenant: Tenant) -> str:
    """Return the id of an order that stays as it is."""
    return tenant.order.public_id


def new_order_id(tenant: Tenant) -> str:
    """Return the id of an order that may be changed."""
    return tenant.new_order().public_id


def code_id(tenant: Tenant) -> str:
    """Return the id of a code that may be changed."""
    return tenant.new_code()[0].public_id


def code_text(tenant: Tenant) -> str:
    """Return a code that may be used up."""
    return tenant.new_code()[1]
