"""Which column of a voucher file is what: names that suppliers use, in five languages."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from rewards_service.kit.errors import FieldProblem
from rewards_service.stock.errors import ColumnsMissing


class Field(StrEnum):
    """What a column can mean."""

    NUMBER = "number"
    PIN = "pin"
    FACE_VALUE = "face_value"
    CURRENCY = "currency"
    COST = "cost"
    VAT = "vat"
    EXPIRES_ON = "expires_on"


ALIASES: dict[Field, tuple[str, ...]] = {
    Field.NUMBER: (
        *("number", "card number", "cardnumber", "card no", "voucher", "voucher number", "voucher code", "code"),
        *("gift card number", "gift card code", "serial", "serial number", "claim code", "redemption code", "coupon"),
        *("nummer", "kartennummer", "gutscheinnummer", "gutscheincode", "gutschein", "seriennummer"),
        *("numero", "numero de carte", "numero de tarjeta", "codigo", "codice", "numero carta"),
    ),
    Field.PIN: ("pin", "pin code", "pincode", "security code", "secret", "cvv", "cvc", "pruefziffer", "geheimzahl"),
    Field.FACE_VALUE: (
        *("face value", "facevalue", "value", "amount", "denomination", "nominal", "nominal value", "card value"),
        *("wert", "nennwert", "betrag", "guthaben", "valeur", "montant", "valor", "importe", "valore", "importo"),
    ),
    Field.CURRENCY: ("currency", "currency code", "iso", "waehrung", "devise", "moneda", "valuta", "divisa"),
    Field.COST: (
        *("cost", "cost price", "purchase price", "price", "net price", "unit cost", "our price"),
        *("einkaufspreis", "ek", "ek preis", "kosten", "preis", "prix d achat", "prix", "coste", "precio", "costo"),
    ),
    Field.VAT: ("vat", "tax", "sales tax", "mwst", "ust", "umsatzsteuer", "tva", "iva"),
    Field.EXPIRES_ON: (
        *("expires", "expires on", "expiry", "expiry date", "expiration", "expiration date", "valid until", "valid to"),
        *(
            "gueltig bis",
            "ablaufdatum",
            "verfallsdatum",
            "ablauf",
            "expire le",
            "date d expiration",
            "valable jusqu au",
        ),
        *("caducidad", "fecha de caducidad", "valido hasta", "scadenza", "data di scadenza"),
    ),
}

NEEDED = (Field.NUMBER,)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_FIELDS = {alias: field for field, aliases in ALIASES.items() for alias in aliases}


def read_columns(header: Sequence[str]) -> Mapping[Field, int]:
    """Return the index of each field's column; of two columns of one field the first counts.

    Raises:
        ColumnsMissing: no column holds the number.
    """
    columns: dict[Field, int] = {}
    for index, name in enumerate(header):
        field = _FIELDS.get(normal_name(name))
        if field is not None:
            columns.setdefault(field, index)
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        raise ColumnsMissing(
            problems=tuple(
                FieldProblem(field, "column_missing", "Name a column “{column}”.", {"column": ALIASES[field][0]})
                for field in missing
            )
        )
    return columns


def normal_name(name: str) -> str:
    """Return a header without case, accents and signs: ``Gültig-bis:`` → ``gueltig bis``."""
    spelled = name.casefold().translate(_UMLAUTS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return _NO_LETTER.sub(" ", plain).strip()
