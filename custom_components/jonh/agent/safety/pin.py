"""A spoken number that confirms what is risky: kept as a salted hash, heard as digits or words."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Self

from custom_components.jonh.agent.words import words

MIN_DIGITS = 4
"""As many as a bank card has; shorter ones are guessed within a few lock-outs."""
MAX_DIGITS = 8
"""More than that nobody says, or a recogniser gets right."""
MIN_SALT_BYTES = 16
"""NIST SP 800-132, section 5.1."""

_COST_LOG2 = 13
"""Scrypt with N = 2^13 and r = 8 takes 19 ms and 8 MiB on one core of a small server: short enough
for the event loop, and the lock-out of the guard, not the hash, is what stops guessing."""
_MAX_COST_LOG2 = 14
"""What is read back may not cost more: 40 ms and 16 MiB on the same machine."""
_BLOCK_SIZE = 8
_HASH_BYTES = 32
_SCHEME = "scrypt"

_WHOLE_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The salted hash of a PIN; the PIN itself is nowhere."""

    salt: bytes
    hashed: bytes
    cost_log2: int = _COST_LOG2

    @classmethod
    def create(cls, digits: str, salt: bytes) -> Self:
        """Hash 4 to 8 digits with 16 or more random bytes; anything else is a ValueError."""
        if not is_pin(digits):
            raise ValueError(f"a PIN has {MIN_DIGITS} to {MAX_DIGITS} digits")
        if len(salt) < MIN_SALT_BYTES:
            raise ValueError(f"a salt has at least {MIN_SALT_BYTES} bytes")
        return cls(salt=salt, hashed=_hash(digits, salt, _COST_LOG2))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; anything else is a ValueError."""
        match text.split("$"):
            case [scheme, cost, salt, hashed] if scheme == _SCHEME and cost.isdecimal():
                pin = cls(salt=_decoded(salt), hashed=_decoded(hashed), cost_log2=int(cost))
            case _:
                raise ValueError("not a stored PIN")
        if (
            not 1 <= pin.cost_log2 <= _MAX_COST_LOG2
            or len(pin.salt) < MIN_SALT_BYTES
            or len(pin.hashed) != _HASH_BYTES
        ):
            raise ValueError("not a stored PIN")
        return pin

    def to_text(self) -> str:
        """Return one line to be stored: scheme, cost, salt and hash."""
        encoded = (base64.b64encode(part).decode() for part in (self.salt, self.hashed))
        return "$".join((_SCHEME, str(self.cost_log2), *encoded))

    def matches(self, digits: str) -> bool:
        """Return True for the right PIN; takes the same 20 ms for every number that may be one."""
        if not is_pin(digits):
            return False
        return hmac.compare_digest(_hash(digits, self.salt, self.cost_log2), self.hashed)


def is_pin(digits: str) -> bool:
    """Return True for 4 to 8 digits."""
    return digits.isascii() and digits.isdecimal() and MIN_DIGITS <= len(digits) <= MAX_DIGITS


def spoken_digits(text: str) -> str:
    """Return the digits of a text that is nothing but digits, numbers or their words, else "".

    "um dois três quatro", "12 34", "doze trinta e quatro", "one double two three" have digits;
    Portuguese, English and Spanish words may be mixed.
    """
    digits = ""
    left = list(words(text))
    while left:
        part, used = _part(left)
        if not part:
            return ""
        digits += part
        del left[:used]
    return digits


def _part(left: list[str]) -> tuple[str, int]:
    """Return the digits at the beginning, and the number of words that they take."""
    first, second = left[0], left[1] if len(left) > 1 else ""
    if _WHOLE_NUMBER.fullmatch(first):
        return first, 1
    if first in _REPEATED:
        return _DIGITS.get(second, "") * _REPEATED[first], 2
    if first in _TENS:
        return _tens_and_unit(left)
    return _DIGITS.get(first) or _TEENS.get(first, ""), 1


def _tens_and_unit(left: list[str]) -> tuple[str, int]:
    """Read "trinta e quatro" and "thirty four" as 34, but "trinta quatro" as 30 and 4."""
    tens = left[0]
    is_joined = len(left) > 1 and left[1] in _JOINING
    unit_at = 2 if is_joined else 1
    unit = _DIGITS.get(left[unit_at], "0") if len(left) > unit_at else "0"
    if unit != "0" and (is_joined or tens in _ENGLISH_TENS):
        return _TENS[tens] + unit, unit_at + 1
    return _TENS[tens] + "0", 1


def _hash(digits: str, salt: bytes, cost_log2: int) -> bytes:
    return hashlib.scrypt(
        digits.encode(), salt=salt, n=1 << cost_log2, r=_BLOCK_SIZE, p=1, dklen=_HASH_BYTES
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as err:
        raise ValueError("not a stored PIN") from err


def _table(*rows: str) -> dict[str, str]:
    """Read rows of "DIGITS: WORD WORD"."""
    pairs = (row.split(":") for row in rows)
    return {word: digits.strip() for digits, names in pairs for word in names.split()}


# "meia" is half a dozen; the English words that sound like a number are what recognisers write.
_DIGITS = _table(
    "0: zero cero oh",
    "1: um uma one uno una un",
    "2: dois duas two dos to too",
    "3: tres three",
    "4: quatro four cuatro for",
    "5: cinco five",
    "6: seis meia six",
    "7: sete seven siete",
    "8: oito eight ocho",
    "9: nove nine nueve",
)
_TEENS = _table(
    "10: dez ten diez",
    "11: onze eleven once",
    "12: doze twelve doce",
    "13: treze thirteen trece",
    "14: quatorze catorze fourteen catorce",
    "15: quinze fifteen quince",
    "16: dezesseis dezasseis sixteen dieciseis",
    "17: dezessete dezassete seventeen diecisiete",
    "18: dezoito eighteen dieciocho",
    "19: dezenove dezanove nineteen diecinueve",
    "21: veintiuno",
    "22: veintidos",
    "23: veintitres",
    "24: veinticuatro",
    "25: veinticinco",
    "26: veintiseis",
    "27: veintisiete",
    "28: veintiocho",
    "29: veintinueve",
)
_ENGLISH_TENS = _table(
    "2: twenty",
    "3: thirty",
    "4: forty",
    "5: fifty",
    "6: sixty",
    "7: seventy",
    "8: eighty",
    "9: ninety",
)
_TENS = _ENGLISH_TENS | _table(
    "2: vinte veinte",
    "3: trinta treinta",
    "4: quarenta cuarenta",
    "5: cinquenta cincuenta",
    "6: sessenta sesenta",
    "7: setenta",
    "8: oitenta ochenta",
    "9: noventa",
)
_JOINING = ("e", "y")
_REPEATED = {"double": 2, "doble": 2, "duplo": 2, "dobro": 2, "triple": 3, "triplo": 3}
