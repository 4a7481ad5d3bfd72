"""Numbers as people say them, in Portuguese, English and Spanish."""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CACHED_TEXTS = 1024
"""Utterances and values; each is read a few times within one turn."""

_TOKEN = re.compile(
    r"(?<![\w])-\d+(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[a-z]+|[%°]"
)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+")


@lru_cache(CACHED_TEXTS)
def tokens(text: str) -> tuple[str, ...]:
    """Split into words without accents, numbers with their decimals, "%" and "°".

    "22,5 °C" becomes "22,5", "°", "c"; "Ar-condicionado" becomes "ar", "condicionado".
    """
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("º", "°"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return tuple(_TOKEN.findall(plain))


def read_number(said: Sequence[str], start: int = 0) -> tuple[float, int] | None:
    """Read the longest number that begins at `start`; return it and where it ends."""
    if start >= len(said):
        return None
    if said[start][-1].isdigit():
        whole, end = _digits(said[start]), start + 1
    elif (read := _whole(said, start)) is not None:
        whole, end = read
    else:
        return None
    return _with_fraction(said, whole, end)


def _digits(token: str) -> float:
    if _THOUSANDS.fullmatch(token):
        return float(token.replace(".", ""))
    return float(token.replace(",", "."))


def _whole(said: Sequence[str], start: int) -> tuple[float, int] | None:
    """Add up words of falling size: "dois mil e setecentos", "one hundred and twenty"."""
    total, group, ceiling, at, end = 0, 0, _NO_CEILING, start, start
    while at < len(said):
        word = said[at]
        if word in _JOINING and end > start and end == at:
            at += 1
            continue
        if word in _THOUSAND and total == 0:
            total, group, ceiling = (group or 1) * 1000, 0, 1000
        elif word == "hundred" and group < 10:
            group, ceiling = (group or 1) * 100, 100
        elif (
            (value := _WORDS.get(word)) is not None and value < ceiling and (value or end == start)
        ):
            group += value
            ceiling = _ceiling_after(value)
        else:
            break
        at += 1
        end = at
    return None if end == start else (float(total + group), end)


def _ceiling_after(value: int) -> int:
    """Return what the next word must stay below: after "vinte" come only units."""
    if value >= 100:
        return 100
    return 10 if value >= 20 else 1


def _with_fraction(said: Sequence[str], whole: float, end: int) -> tuple[float, int]:
    """Add "e meio", "and a half", "vírgula cinco", "point five"."""
    for half in _AND_A_HALF:
        if tuple(said[end : end + len(half)]) == half:
            return whole + 0.5, end + len(half)
    if end < len(said) and said[end] in _POINTS and (decimals := _whole(said, end + 1)) is not None:
        digits, after = decimals
        return float(f"{whole:.0f}.{digits:.0f}"), after
    return whole, end


_NO_CEILING = 1_000_000
_JOINING = frozenset({"e", "and", "y"})
_THOUSAND = frozenset({"mil", "thousand"})
_POINTS = frozenset({"virgula", "ponto", "point", "coma", "punto"})
_AND_A_HALF = (
    ("e", "meio"),
    ("e", "meia"),
    ("and", "a", "half"),
    ("y", "medio"),
    ("y", "media"),
)

_WORDS = {
    # Portuguese
    "zero": 0, "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5,
    "seis": 6, "sete": 7, "oito": 8, "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13,
    "quatorze": 14, "catorze": 14, "quinze": 15, "dezesseis": 16, "dezasseis": 16,
    "dezessete": 17, "dezassete": 17, "dezoito": 18, "dezenove": 19, "dezanove": 19,
    "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70,
    "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100, "duzentos": 200, "trezentos": 300,
    "quatrocentos": 400, "quinhentos": 500, "seiscentos": 600, "setecentos": 700,
    "oitocentos": 800, "novecentos": 900,
    # English
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    # Spanish
    "uno": 1, "un": 1, "una": 1, "dos": 2, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
    "once": 11, "doce": 12,
    "trece": 13, "quince": 15, "dieciseis": 16, "diecisiete": 17, "dieciocho": 18,
    "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiun": 21, "veintidos": 22,
    "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26,
    "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "treinta": 30, "cuarenta": 40,
    "cincuenta": 50, "ochenta": 80, "cien": 100, "ciento": 100,
    "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
    "cuatro": 4, "sesenta": 60,
}  # fmt: skip
