"""What somebody asks for, checked for shape before any database is asked, and its fingerprint."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog import KINDS
from catalog.kinds import Details
from rewards_service.codes.format import normal_form
from rewards_service.identity.models import Member
from rewards_service.kit.crypto import Vault
from rewards_service.kit.errors import FieldProblem
from rewards_service.kit.money import MINOR_MAX
from rewards_service.orders.errors import OrderInvalid
from rewards_service.orders.policy import (
    DETAILS_LENGTH_MAX,
    EXTERNAL_ID_LENGTH_MAX,
    TENDERS_CODES_MAX,
    TENDERS_WALLETS_MAX,
    UNITS_MAX,
    WANTED_LINES_MAX,
)
from rewards_service.orders.recipients import NOBODY, OrderRecipient

TOO_MANY_UNITS = "An order has at most {most} units in all."
FINGERPRINT_PURPOSE = "order"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class WantedLine:
    """So many of an item (its public id) in one face value; ``details`` is what its kind asks the buyer."""

    item_id: str
    face_value_minor: int
    quantity: int = 1
    details: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class PayByWallet:
    """Pay from a wallet (its public id), at most ``units`` if said."""

    wallet_id: str
    units: int | None = None


@dataclass(frozen=True, slots=True)
class PayByCode:
    """Pay with a code that somebody entered, at most ``units`` if said."""

    code: str
    units: int | None = None


@dataclass(frozen=True, slots=True)
class PayByProvedCode:
    """Pay with a code (its internal key) that this session has entered rightly before."""

    code_id: int
    units: int | None = None


Tender = PayByWallet | PayByCode | PayByProvedCode


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """All that somebody asks for at once; with a ``member`` only his own wallets pay."""

    external_id: str
    lines: Sequence[WantedLine]
    tenders: Sequence[Tender]
    recipient: OrderRecipient = NOBODY
    member: Member | None = None

    def require_usable(self) -> None:
        """Refuse what no database needs to be asked about.

        Raises:
            OrderInvalid: names every field that cannot be used.
            CodeMistyped: a tender's text is no code.
        """
        require_usable_reference(self.external_id)
        require_usable_lines(self.lines)
        require_usable_tenders(self.tenders)

    def fingerprints(self, vault: Vault) -> list[bytes]:
        """Return keyed hashes of what is asked for, by the current key first: the content may hold codes."""
        content = {
            "lines": [[line.item_id, line.face_value_minor, line.quantity, line.details or {}] for line in self.lines],
            "tenders": sorted([*tender_key(tender), tender.units] for tender in self.tenders),
            "recipient": [self.recipient.name, self.recipient.email, self.recipient.phone],
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return [digest for _, digest in vault.lookups(FINGERPRINT_PURPOSE, text)]


def require_usable_lines(lines: Sequence[WantedLine]) -> None:
    """Refuse lines that no catalog could serve.

    Raises:
        OrderInvalid: names each field: no lines or too many, a quantity or face value that is not a whole number above
            zero, more than ``UNITS_MAX`` units in all, details that cannot be kept.
    """
    problems = [problem for index, line in enumerate(lines) for problem in _line_problems(line, f"/lines/{index}")]
    if not 0 < len(lines) <= WANTED_LINES_MAX:
        problems.append(
            FieldProblem("/lines", "lines_unusable", "An order has 1 to {most} lines.", {"most": WANTED_LINES_MAX})
        )
    if not problems and sum(line.quantity for line in lines) > UNITS_MAX:
        problems.append(FieldProblem("/lines", "too_many_units", TOO_MANY_UNITS, {"most": UNITS_MAX}))
    if problems:
        raise OrderInvalid(problems=tuple(problems))


def require_usable_tenders(tenders: Sequence[Tender]) -> None:
    """Refuse tenders that cannot pay together.

    Raises:
        OrderInvalid: names each: none, too many codes or wallets, one twice, units that are no whole number above zero.
        CodeMistyped: a text is no code.
    """
    problems = [problem for index, tender in enumerate(tenders) for problem in _tender_problems(tender, index)]
    problems += [*_repetitions(tenders), *_miscounts(tenders)]
    if problems:
        raise OrderInvalid(problems=tuple(problems))


def require_usable_reference(external_id: str) -> None:
    """Refuse an external id that is empty, too long, or holds control characters.

    Raises:
        OrderInvalid: it is.
    """
    usable = 0 < len(external_id) <= EXTERNAL_ID_LENGTH_MAX and not _CONTROLS.search(external_id)
    if not usable:
        sentence = "1 to {most} characters, none of them a control character."
        limits = {"most": EXTERNAL_ID_LENGTH_MAX}
        raise OrderInvalid(problems=(FieldProblem("/external_id", "external_id_unusable", sentence, limits),))


def tender_key(tender: Tender) -> tuple[str, str]:
    """Return what makes two tenders the same one."""
    if isinstance(tender, PayByWallet):
        return ("wallet", tender.wallet_id)
    if isinstance(tender, PayByCode):
        return ("code", normal_form(tender.code))
    return ("code_id", str(tender.code_id))


def kept_details(line: WantedLine, *, kind: str) -> Details:
    """Return the details of a line as its kind keeps them.

    Raises:
        catalog.DetailsRefused: the kind cannot use them.
    """
    return KINDS[kind].read_details(line.details or {})


def _line_problems(line: WantedLine, pointer: str) -> Iterator[FieldProblem]:
    """Yield what is wrong with the shape of one line."""
    if not _is_whole(line.face_value_minor):
        message = "A face value is a whole number of smallest units above zero."
        yield FieldProblem(f"{pointer}/face_value_minor", "face_value_unusable", message)
    if not _is_whole(line.quantity):
        yield FieldProblem(f"{pointer}/quantity", "quantity_unusable", "A quantity is a whole number above zero.")
    elif line.quantity > UNITS_MAX:
        yield FieldProblem(f"{pointer}/quantity", "too_many_units", TOO_MANY_UNITS, {"most": UNITS_MAX})
    if len(json.dumps(line.details or {}, default=str)) > DETAILS_LENGTH_MAX:
        limits = {"most": DETAILS_LENGTH_MAX}
        yield FieldProblem(f"{pointer}/details", "details_too_long", "At most {most} characters.", limits)


def _repetitions(tenders: Sequence[Tender]) -> Iterator[FieldProblem]:
    """Yield a problem for each tender that stands there before."""
    keys = [tender_key(tender) for tender in tenders]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield FieldProblem(f"/tenders/{index}", "tender_repeated", "It is there already.")


def _miscounts(tenders: Sequence[Tender]) -> Iterator[FieldProblem]:
    """Yield what is wrong with how many tenders there are of each sort."""
    wallets = sum(isinstance(tender, PayByWallet) for tender in tenders)
    if not tenders:
        yield FieldProblem("/tenders", "tenders_missing", "Say what pays: a wallet, or codes.")
    if len(tenders) - wallets > TENDERS_CODES_MAX:
        limits = {"most": TENDERS_CODES_MAX}
        yield FieldProblem("/tenders", "too_many_codes", "At most {most} codes pay together.", limits)
    if wallets > TENDERS_WALLETS_MAX:
        limits = {"most": TENDERS_WALLETS_MAX}
        yield FieldProblem("/tenders", "too_many_wallets", "At most {most} wallets pay.", limits)


def _tender_problems(tender: Tender, index: int) -> Iterator[FieldProblem]:
    """Yield what is wrong with the shape of one tender."""
    if tender.units is not None and not _is_whole(tender.units):
        message = "Units are a whole number above zero."
        yield FieldProblem(f"/tenders/{index}/units", "units_unusable", message)


def _is_whole(number: object) -> bool:
    """Tell whether ``number`` is an integer above zero within what the books keep; ``True`` and ``1.0`` are none."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 < number <= MINOR_MAX
