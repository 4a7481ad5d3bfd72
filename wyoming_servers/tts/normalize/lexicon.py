"""What a language must say about itself to be read aloud, and how it writes numbers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# Numbers with any separators, taken whole: possessive, so no text makes the search go back.
NUMBER = r"\d++(?:[.,]\d++)*+"
# A number starts here and not in the middle of another one.
NUMBER_START = r"(?<!\d)(?<!\d[.,])"
# A dash is a minus only where no word or number stands right before it.
SIGN = r"(?:(?<![\w.,)%°])[-–+±]|[−±])"

_NEVER = r"(?!)"

MAX_DIGITS = 15
"""Longer numbers are read digit by digit, as nobody counts in quadrillions."""

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
"""A form and how a match of it is said."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and its hundredth."""

    whole: Noun
    cent: Noun


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, without its separators."""

    whole: str
    fraction: str = ""

    @property
    def value(self) -> float:
        """Near enough to choose between singular and plural."""
        return float(f"{self.whole[:MAX_DIGITS]}.{self.fraction[:MAX_DIGITS] or '0'}")


@dataclass(frozen=True)
class Lexicon:
    """The words of one language.

    Functions stand for grammar, everything else is data. Patterns are regular expressions;
    those that stand before a number and decide what it is are cues, and have no groups.
    """

    tag: str
    decimal_mark: str
    month_first: bool
    """Whether 5/6 is in May."""
    spaced_thousands: bool
    """Whether 12 345,6 is one number."""
    h_is_clock: bool
    """Whether 14h30 is a time of day."""

    cardinal: Callable[[int, bool], str]
    """Value and whether it is feminine."""
    ordinal: Callable[[int, bool], str]
    year: Callable[[int], str]
    fraction: Callable[[str], str]
    """The digits after the decimal mark."""
    is_plural: Callable[[float], bool]
    date: Callable[[int, int, int | None], str]
    """Day, month, year."""
    clock: Callable[[int, int], str]
    """Hour and minute of a 24-hour clock."""
    half: Callable[[bool], str]
    """Half of something feminine or not."""
    parts: Mapping[int, Noun]
    """Thirds and quarters by their denominator."""

    units: Mapping[str, Noun]
    unit_alone: str
    """Units clear enough to be read without a number."""
    per_nouns: tuple[str, ...]
    """Words that may follow the slash of a unit or price."""
    currencies: Mapping[str, Currency]
    magnitudes: Mapping[str, Noun]
    """Millions and so on, by how they are written after an amount."""
    of_magnitude: str
    """Stands between a million and what is counted."""

    months: tuple[str, ...]
    month_short: Mapping[str, int]
    date_cue: str
    score_cue: str
    code_cue: str
    copula: str
    """Stands between the cue of a code and the code."""
    version_cue: str
    year_cue: str
    ordinal_forms: tuple[tuple[str, bool], ...]
    """What follows the digits of an ordinal, and whether it makes it feminine."""
    phones: tuple[str, ...]
    """Forms of telephone numbers, documents and post codes."""
    roman_ordinal_cue: str
    roman_cardinal_cue: str

    words: Mapping[str, str]
    """Small words and signs; `reader` and its rules name those they use."""
    letters: Mapping[str, str]
    """Names of the letters that the phonemizer would take for words."""
    abbreviations: tuple[tuple[str, str], ...]
    """Patterns with their full stops, and their words."""
    feminine_nouns: str = _NEVER
    """Nouns that make the number before them feminine."""
    feminine_cue: str = _NEVER
    """Words that make the number after them feminine."""
    queens: str = _NEVER
    """Names with a feminine ordinal."""
    clock_cue: str = _NEVER
    """Words before a time written with h, and before a duration."""
    duration_cue: str = _NEVER
    literals: tuple[tuple[str, str], ...] = ()
    """Patterns to be replaced before anything else is read."""
    repairs: tuple[tuple[str, str], ...] = ()
    """Patterns to be replaced in the words that result."""
    acronyms: Mapping[str, str] = field(default_factory=dict)

    def parse(self, written: str) -> Number:
        """Tell thousands separators from the decimal mark."""
        last = max(written.rfind("."), written.rfind(","))
        if last < 0:
            return Number(written)
        mark = written[last]
        before, after = written[:last], written[last + 1 :]
        is_single = written.count(mark) == 1
        is_mixed = "." in written and "," in written
        looks_thousand = len(after) == 3 and len(before) <= 3 and not before.startswith("0")
        if is_single and (is_mixed or mark == self.decimal_mark or not looks_thousand):
            return Number(re.sub(r"[.,]", "", before), after)
        return Number(re.sub(r"[.,]", "", written))

    def say(self, number: Number, *, feminine: bool = False) -> str:
        """Read a number; codes with leading zeros and very long ones digit by digit."""
        whole = number.whole
        if len(whole) > MAX_DIGITS or (len(whole) > 1 and whole[0] == "0"):
            said = self.digits(whole)
        else:
            said = self.cardinal(int(whole), feminine)
        if number.fraction:
            said = f"{said} {self.words['point']} {self.fraction(number.fraction)}"
        return said

    def count(self, value: int) -> str:
        """Read a whole number that agrees with nothing."""
        return self.cardinal(value, False)  # noqa: FBT003

    def digits(self, written: str) -> str:
        """Read digit by digit, in groups such as people make."""
        size = 4 if len(written) % 4 == 0 and len(written) % 3 else 3
        if len(written) <= 5:
            size = 5
        groups = [written[start : start + size] for start in range(0, len(written), size)]
        if len(groups) > 1 and len(groups[-1]) == 1:
            groups[-2:] = ["".join(groups[-2:])]
        return ", ".join(" ".join(self.count(int(digit)) for digit in group) for group in groups)

    def spell(self, letters: str) -> str:
        """Read letters and digits one by one."""
        return " ".join(
            self.count(int(sign))
            if sign.isdecimal()
            else self.letters.get(sign.upper(), sign.upper())
            for sign in letters
        )

    def sign(self, written: str) -> str:
        """Give the word of a sign before a number, with a blank, or nothing."""
        names = {"-": "minus", "–": "minus", "−": "minus", "+": "plus", "±": "plus_minus"}
        return f"{self.words[names[written]]} " if written else ""

    def join(self, parts: list[str]) -> str:
        """List them: "a, b and c"."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.words['and']} {parts[-1]}"


def alternatives(words: Mapping[str, object] | tuple[str, ...]) -> str:
    """Match any of these literally, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
