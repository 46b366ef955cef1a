"""Kinds of messages: what each needs to be told, and what is made for it at the moment of sending."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from rewards_service.delivery.errors import MessageContextError, TextUnusable
from rewards_service.delivery.policy import Channel

URGENT = 10
ORDINARY = 50

FieldType = type[str] | type[int] | type[dict[str, object]]

NAME = {"name": str}
"""The recipient's own name, for the greeting; every kind may be told it."""
CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
TURNS_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
PARAGRAPHS = frozenset({"note"})
"""Fields that may have several lines; all others stand in one line, some of them in a header."""


@dataclass(frozen=True, slots=True)
class Made:
    """Something made from a reference at the moment of sending: for what purpose, and which field names it."""

    purpose: str
    of_field: str


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of message.

    Attributes:
        needs, may_have: fields of the context and their types; ``value`` is what ``words.value_context`` returns.
        link: where its button leads, see ``links``.
        secrets: variables that are read when it is sent, e.g. a code to type; ``None`` where nobody offers a reader.
        holds_value: its head ends in the row of notches that means value.
    """

    name: str
    channels: frozenset[Channel]
    needs: Mapping[str, FieldType]
    link: Made
    may_have: Mapping[str, FieldType] = field(default_factory=dict)
    secrets: Mapping[str, Made] = field(default_factory=dict)
    priority: int = ORDINARY
    holds_value: bool = False
    shows_qr: bool = False


_BOTH = frozenset(Channel)

KINDS: dict[str, MessageKind] = {
    kind.name: kind
    for kind in (
        MessageKind(
            "sign_in",
            _BOTH,
            needs={"login": str, "minutes": int},
            link=Made("sign_in", "login"),
            secrets={"login_code": Made("sign_in.code", "login")},
            priority=URGENT,
        ),
        MessageKind(
            "code_delivered",
            _BOTH,
            needs={"claim_link": str, "value": dict},
            may_have={"code": str, "note": str, "expires_on": str},
            link=Made("claim", "claim_link"),
            secrets={"code_text": Made("code.text", "code")},
            holds_value=True,
            shows_qr=True,
        ),
        MessageKind(
            "award_received",
            _BOTH,
            needs={"value": dict, "reason": str},
            may_have={"award": str, "expires_on": str},
            link=Made("shop", "award"),
            holds_value=True,
        ),
        MessageKind(
            "order_ready",
            _BOTH,
            needs={"order": str},
            may_have={"title": str},
            link=Made("order", "order"),
        ),
        MessageKind(
            "order_failed",
            _BOTH,
            needs={"order": str},
            may_have={"title": str},
            link=Made("order", "order"),
        ),
    )
}


def kind_named(name: str, *, channel: Channel) -> MessageKind:
    """Return the kind of that name, which may travel by ``channel``.

    Raises:
        MessageContextError: there is none, or it does not travel that way.
    """
    kind = KINDS.get(name)
    if kind is None or channel not in kind.channels:
        raise MessageContextError(f"there is no message {name} by {channel}")
    return kind


def require_context(kind: MessageKind, context: Mapping[str, object]) -> None:
    """Refuse a context that lacks something, has something unknown, or would break a header.

    Raises:
        MessageContextError: a field is missing, unknown or of another type.
        TextUnusable: a text that people wrote is not ``is_clean``.
    """
    allowed = {**kind.needs, **kind.may_have, **NAME}
    if missing := sorted(kind.needs.keys() - context.keys()):
        raise MessageContextError(f"{kind.name} needs {', '.join(missing)}")
    for name, value in context.items():
        if name not in allowed or not isinstance(value, allowed[name]):
            raise MessageContextError(f"{kind.name} has no {name} of type {type(value).__name__}")
        if isinstance(value, str):
            require_clean(value, field_name=name, may_have_lines=name in PARAGRAPHS)


def require_clean(text: str, *, field_name: str, may_have_lines: bool = False) -> None:
    """Refuse a text that cannot stand in a message.

    Raises:
        TextUnusable: it is not ``is_clean``; a plain line break is allowed where the text may have several lines.
    """
    if not is_clean(text.replace("\n", "") if may_have_lines else text):
        raise TextUnusable(field_name)


def is_clean(text: str) -> bool:
    """Tell whether a text can stand in a message: no symbol in it breaks a line, or turns what follows around.

    By such symbols a header could be smuggled in (CWE-93). Joiners within words are none of them.
    """
    return not any(unicodedata.category(symbol) in CONTROL_CATEGORIES or symbol in TURNS_AROUND for symbol in text)
