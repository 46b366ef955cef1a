"""To whom a reward goes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rewards_service.delivery.kinds import is_clean
from rewards_service.identity.addresses import normalise_email, normalise_phone
from rewards_service.identity.errors import AddressUnusable
from rewards_service.kit.errors import FieldProblem
from rewards_service.orders.errors import OrderInvalid

NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class OrderRecipient:
    """Who is told when the reward is ready; no address at all where it is only shown. ``locale`` is BCP 47."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None


NOBODY = OrderRecipient()


def usable_recipient(recipient: OrderRecipient, *, region: str | None) -> OrderRecipient:
    """Return the recipient with addresses in their one spelling; national telephone numbers are of ``region``.

    Raises:
        OrderInvalid: names each field: an address that is none, a name that is too long or cannot stand in a message.
            Refused now, so that no message fails later, when the reward is ready.
    """
    problems: list[FieldProblem] = []
    if recipient.name is not None and not (len(recipient.name) <= NAME_LENGTH_MAX and is_clean(recipient.name)):
        sentence = "At most {most} characters, none of them a control character."
        problems.append(FieldProblem("/recipient/name", "name_unusable", sentence, {"most": NAME_LENGTH_MAX}))
    email = _normal(recipient.email, normalise=normalise_email, field="email", problems=problems)
    phone = _normal(
        recipient.phone, normalise=lambda text: normalise_phone(text, region=region), field="phone", problems=problems
    )
    if problems:
        raise OrderInvalid(problems=tuple(problems))
    return OrderRecipient(recipient.name, email, phone, recipient.locale)


def _normal(
    text: str | None, *, normalise: Callable[[str], str], field: str, problems: list[FieldProblem]
) -> str | None:
    """Return an address in its one spelling, or add to ``problems`` what is wrong with it."""
    try:
        return None if text is None else normalise(text)
    except AddressUnusable as refusal:
        problems.append(replace(refusal.problems[0], pointer=f"/recipient/{field}"))
        return None
