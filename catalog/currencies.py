"""Currencies of ISO 4217 and amounts in their smallest units.

The standard's own exponents are listed, not those of a locale library: CLDR says how a currency is usually shown
(RSD without decimals), ISO 4217 says how it is counted (RSD in hundredths).
Source: ISO 4217 list one, as of 2026-01-01, without precious metals, bond units and test codes.
"""

from decimal import Decimal

from catalog.errors import AmountRefused

AMOUNT_MINOR_MAX = 10**12
"""The largest face value or cost that a catalog may name, in smallest units."""

DIGITS_MAX = 28
"""How many digits ``decimal`` computes with exactly; an amount with more is not one that people write."""

EXPONENT_USUAL = 2
_EXPONENTS_UNUSUAL = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_USUAL = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""

EXPONENTS: dict[str, int] = dict.fromkeys(_USUAL.split(), EXPONENT_USUAL) | {
    code: exponent for exponent, codes in _EXPONENTS_UNUSUAL.items() for code in codes.split()
}
"""ISO 4217 code → how many decimals one whole has: EUR 2, JPY 0, KWD 3."""


def to_minor(amount: Decimal, currency: str) -> int:
    """Return ``amount`` of a known ``currency`` in its smallest units.

    Raises:
        AmountRefused: it is not a finite number, has more decimals than the currency, or is beyond
            ``AMOUNT_MINOR_MAX`` either way.
    """
    exponent = EXPONENTS[currency]
    if not amount.is_finite() or abs(amount.adjusted()) > DIGITS_MAX or len(amount.as_tuple().digits) > DIGITS_MAX:
        raise AmountRefused("amount_invalid", f"{str(amount)[:40]} is not a usable amount")
    shifted = amount.scaleb(exponent)
    if shifted != shifted.to_integral_value():
        raise AmountRefused(
            "amount_precision", f"{str(amount)[:40]} has more than the {exponent} decimals of {currency}"
        )
    if abs(shifted) > AMOUNT_MINOR_MAX:
        raise AmountRefused("amount_too_large", f"{str(amount)[:40]} {currency} is beyond what a catalog may name")
    return int(shifted)


def to_decimal(amount_minor: int, currency: str) -> Decimal:
    """Return smallest units of a known ``currency`` as the decimal that people write: 2500 EUR → ``25.00``."""
    return Decimal(amount_minor).scaleb(-EXPONENTS[currency])
