"""Numbers and what they count: units, money, ordinals, parts, ranges and sums."""

import re
import unicodedata
from collections.abc import Callable

from wyoming_servers.tts.normalize.lexicon import (
    NUMBER,
    NUMBER_START,
    SIGN,
    Lexicon,
    Noun,
    Rule,
    alternatives,
)

_Form = tuple[str, Callable[[re.Match[str]], str]]

_VULGAR = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_ROMAN = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"
_YEAR = r"1\d\d\d|20\d\d"
# Nothing that goes on as a number, time or code.
_YEAR_END = r"(?![\w:]|[.,]\d)"

_ONE_NUMBER = re.compile(r"\d+(?:[.,]\d+)?|\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")

_KINGS_MOST = 10
"""Portuguese kings and popes have ordinals up to the tenth."""


def rules(lexicon: Lexicon) -> list[Rule]:
    """Give the rules for quantities, in the order in which they are to be tried."""
    say = _Quantities(lexicon)
    found = [
        *_names_and_years(lexicon, say),
        *_money_and_parts(lexicon, say),
        *_counts(lexicon, say),
    ]
    return [(re.compile(pattern), reading) for pattern, reading in found]


def _names_and_years(lexicon: Lexicon, say: "_Quantities") -> list[_Form]:
    suffixes = "|".join(re.escape(form) for form, _ in lexicon.ordinal_forms)
    links = _links(lexicon, "to", "and", "or")
    return [
        (rf"(?<!\w)((?i:{lexicon.roman_cardinal_cue}) )({_ROMAN})", say.roman_cardinal),
        (rf"(?<!\w)((?:{lexicon.roman_ordinal_cue}) )({_ROMAN})", say.roman_ordinal),
        (rf"{NUMBER_START}(?<!\w)(\d{{1,9}})({suffixes})(?!\w|[ ]?[CF]\b)", say.ordinal),
        (rf"(?<![\w.,:/-])({_YEAR}) ?[-–] ?({_YEAR}){_YEAR_END}(?![-/])", say.years),
        (
            rf"(?<!\w)((?i:{lexicon.year_cue})) ({_YEAR}){_YEAR_END}(?! ?[%°])"
            rf"(?: ({links}) ({_YEAR}){_YEAR_END})?(?! ?(?:{alternatives(lexicon.units)})(?!\w))",
            say.cued_years,
        ),
    ]


def _money_and_parts(lexicon: Lexicon, say: "_Quantities") -> list[_Form]:
    symbol = alternatives(lexicon.currencies)
    amount = (
        rf"(?:(?P<first>{NUMBER}) ?[-–] ?)?(?P<amount>{NUMBER})"
        rf"(?: ?(?P<magnitude>{alternatives(lexicon.magnitudes)})(?!\w))?"
    )
    per = rf"(?:/(?P<per>{_per_words(lexicon)})(?!\w))?"
    counted = (
        rf"(?:[ ](?P<noun>(?i:{lexicon.feminine_nouns}))(?!\w)"
        rf"|[ ]?(?P<unit>{alternatives(lexicon.units)})(?![\w/]))?"
    )
    return [
        (
            rf"(?P<sign>[-–−+])?(?<![\w$])(?P<symbol>{symbol}) ?(?P<minus>[-–−])?{amount}{per}",
            say.money,
        ),
        (
            rf"(?P<sign>{SIGN})?{NUMBER_START}{amount} ?(?P<symbol>{symbol})(?P<minus>)(?!\w){per}",
            say.money,
        ),
        (
            r"(?<![\w.,/])(?P<whole>\d{1,4} )?(?P<up>\d{1,4}(?:[.,]\d)?)/(?P<down>\d{1,4})"
            rf"(?![\d/]|[.,]\d){counted}(?!\w)",
            say.part,
        ),
        (rf"(?P<whole>(?<!\d)\d{{1,4}})? ?(?P<glyph>[{_VULGAR}]){counted}", say.part),
    ]


def _counts(lexicon: Lexicon, say: "_Quantities") -> list[_Form]:
    unit, per = alternatives(lexicon.units), _per_words(lexicon)
    links = _links(lexicon, "to", "and", "or", "until")
    first = (
        rf"(?:(?P<first>{SIGN}?{NUMBER})(?P<link> ?[-–—~] ?| (?:{links}) ))?"
        rf"(?P<sign>{SIGN})?(?P<num>{NUMBER})"
    )
    # The stop of an abbreviated unit goes when the sentence does not end there.
    counted = (
        rf"[ ]?(?:(?P<unit>{unit})(?![\w°²³])(?:/(?P<per>{per})(?!\w))?"
        r"(?:(?<=[a-z])\.(?=[ ][a-zà-ÿ]))?)"
        rf"|[ ](?P<noun>(?i:(?:mil )?(?:{lexicon.feminine_nouns})))(?!\w)"
    )
    return [
        (rf"{NUMBER_START}(?<![^\W\dxX])(\d{{1,4}}) ?[xX×] ?(?=\d)", say.times),
        (rf"(?<=[\d ])({unit})(?: ?([-–—])| [xX×]) ?(?=\d)", say.link_after_unit),
        (rf"{NUMBER_START}(?<![A-Za-z]){first}(?:{counted})", say.counted),
        (rf"{NUMBER_START}(?<!\w)({NUMBER})[xX×](?!\w)", say.multiple),
        (rf"{NUMBER_START}(?<![\w/-])({NUMBER}) ?[-–] ?(?={NUMBER}(?![\w/-]))", say.span),
        (rf"(?<!\w)({lexicon.unit_alone})(?:/({per}))?(?!\w)", say.unit_alone),
        (rf"(?<=s)/({alternatives(lexicon.per_nouns)})(?!\w)", say.per_noun),
        (r"(?<=[^\W\d_])-?(?=\d)|(?<=\d)(?=[^\W\d_])", say.gap),
        (rf"(?<!\w)((?i:{lexicon.feminine_cue}) )({NUMBER})(?![-–:])", say.cued),
        (rf"(?P<sign>{SIGN})?{NUMBER_START}(?P<num>{NUMBER})", say.bare),
    ]


def _links(lexicon: Lexicon, *names: str) -> str:
    return "|".join(re.escape(lexicon.words[name]) for name in names)


def _per_words(lexicon: Lexicon) -> str:
    return alternatives((*lexicon.units, *lexicon.per_nouns))


class _Quantities:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def counted(self, match: re.Match[str]) -> str:
        """Read "2 a 3 h", "21.0 °C", "-3%", "2 luzes"."""
        lexicon = self._lexicon
        noun = self._noun(match)
        number = lexicon.parse(match["num"])
        if not number.fraction.strip("0"):
            number = lexicon.parse(number.whole)  # a state of "21.0 °C" is just 21
        said = lexicon.sign(match["sign"] or "") + lexicon.say(number, feminine=noun.feminine)
        if match["first"]:
            said = f"{self._signed(match['first'], noun)} {self._link(match['link'])} {said}"
        plural = lexicon.is_plural(number.value) or bool(match["first"])
        return f"{said} {noun.many if plural else noun.one}{self._per(match['per'])}"

    def money(self, match: re.Match[str]) -> str:
        lexicon = self._lexicon
        currency = lexicon.currencies[match["symbol"]]
        number = lexicon.parse(match["amount"])
        sign = lexicon.sign((match["sign"] or match["minus"] or "").replace("+", ""))
        if match["magnitude"]:
            magnitude = lexicon.magnitudes[match["magnitude"]]
            name = magnitude.many if lexicon.is_plural(number.value) else magnitude.one
            of = lexicon.of_magnitude if magnitude.one != magnitude.many else ""
            said = f"{lexicon.say(number)} {name} {of}{currency.whole.many}"
        elif number.fraction and len(number.fraction) != 2:
            said = f"{lexicon.say(number)} {currency.whole.many}"
        else:
            cents = int(number.fraction or "0")
            parts = [self._priced(str(cents), currency.cent)] if cents else []
            if not cents or number.whole.strip("0"):
                parts.insert(0, self._priced(number.whole, currency.whole))
            said = lexicon.join(parts)
        if match["first"]:
            said = f"{lexicon.say(lexicon.parse(match['first']))} {lexicon.words['to']} {said}"
        return sign + said + self._per(match["per"])

    def _priced(self, whole: str, noun: Noun) -> str:
        lexicon = self._lexicon
        number = lexicon.parse(whole)
        name = noun.many if lexicon.is_plural(number.value) or number.value == 0 else noun.one
        of = lexicon.of_magnitude if len(whole) > 6 and whole.endswith("000000") else ""
        return f"{lexicon.say(number, feminine=noun.feminine)} {of}{name}"

    def part(self, match: re.Match[str]) -> str:
        """Read halves, thirds and quarters; other parts are scores: "5/10" is five out of ten."""
        lexicon, groups = self._lexicon, match.groupdict()
        if glyph := groups.get("glyph"):
            up, _, down = unicodedata.normalize("NFKC", glyph).partition("⁄")
        else:
            up, down = match["up"], match["down"]
        noun = self._noun(match) if match["noun"] or match["unit"] else None
        whole = match["whole"]
        is_part = up.isdecimal() and 0 < int(up) < int(down) and int(down) in lexicon.parts
        is_half = (up, down) == ("1", "2")
        if is_half:
            said = lexicon.half(noun is not None and noun.feminine)
            if whole:
                said = lexicon.words.get("a_half", said)
        elif is_part:
            name = lexicon.parts[int(down)]
            said = f"{self._cardinal(up)} {name.one if up == '1' else name.many}"
            if noun and not whole and lexicon.words["of_part"]:
                said = f"{said} {lexicon.words['of_part']}"
        else:
            is_score = lexicon.parse(up).value <= int(down)
            over = lexicon.words["out_of" if is_score else "by"]
            said = f"{self._cardinal(up)} {over} {self._cardinal(down)}"
        if whole:
            count = lexicon.cardinal(int(whole), noun is not None and noun.feminine)
            said = f"{count} {lexicon.words['and']} {said}"
        # A glyph may stand right beside words.
        said = f" {said} " if glyph else said
        if noun is None:
            return said
        return f"{said.rstrip()} {noun.one if (is_half or is_part) and not whole else noun.many}"

    def _cardinal(self, digits: str) -> str:
        return self._lexicon.say(self._lexicon.parse(digits))

    def ordinal(self, match: re.Match[str]) -> str:
        feminine = dict(self._lexicon.ordinal_forms)[match[2]]
        return self._lexicon.ordinal(int(match[1]), feminine)

    def roman_cardinal(self, match: re.Match[str]) -> str:
        return match[1] + self._lexicon.count(_roman(match[2]))

    def roman_ordinal(self, match: re.Match[str]) -> str:
        lexicon, value = self._lexicon, _roman(match[2])
        if value > _KINGS_MOST and not lexicon.words["the_ordinal"]:
            return match[1] + lexicon.count(value)
        feminine = re.fullmatch(lexicon.queens, match[1].strip()) is not None
        return f"{match[1]}{lexicon.words['the_ordinal']}{lexicon.ordinal(value, feminine)}"

    def years(self, match: re.Match[str]) -> str:
        lexicon = self._lexicon
        first, last = (lexicon.year(int(year)) for year in match.groups())
        return f"{first} {lexicon.words['to']} {last}"

    def cued_years(self, match: re.Match[str]) -> str:
        cue, year, link, last = match.groups()
        said = f"{cue} {self._lexicon.year(int(year))}"
        return f"{said} {link} {self._lexicon.year(int(last))}" if link else said

    def link_after_unit(self, match: re.Match[str]) -> str:
        return f"{match[1]} {self._lexicon.words['to' if match[2] else 'by']} "

    def times(self, match: re.Match[str]) -> str:
        name = "times" if " " in match[0] and "×" in match[0] else "by"
        return f"{match[1]} {self._lexicon.words[name]} "

    def multiple(self, match: re.Match[str]) -> str:
        number = self._lexicon.parse(match[1])
        noun = self._lexicon.units["x"]
        plural = self._lexicon.is_plural(number.value)
        said = self._lexicon.say(number, feminine=noun.feminine)
        return f"{said} {noun.many if plural else noun.one}"

    def span(self, match: re.Match[str]) -> str:
        return f"{match[1]} {self._lexicon.words['to']} "

    def unit_alone(self, match: re.Match[str]) -> str:
        return self._lexicon.units[match[1]].many + self._per(match[2])

    def per_noun(self, match: re.Match[str]) -> str:
        return self._per(match[1])

    def gap(self, _match: re.Match[str]) -> str:
        return " "

    def cued(self, match: re.Match[str]) -> str:
        lexicon = self._lexicon
        return match[1] + lexicon.say(lexicon.parse(match[2]), feminine=True)

    def bare(self, match: re.Match[str]) -> str:
        """Read a number of nothing; "1,2,3" and other odd ones part by part."""
        lexicon, written = self._lexicon, match["num"]
        parts = [written] if _ONE_NUMBER.fullmatch(written) else re.findall(r"\d+", written)
        said = ", ".join(map(self._cardinal, parts))
        return lexicon.sign(match["sign"] or "") + said

    def _noun(self, match: re.Match[str]) -> Noun:
        if match["noun"]:
            return Noun(match["noun"], match["noun"], feminine=True)
        return self._lexicon.units[match["unit"]]

    def _signed(self, written: str, noun: Noun) -> str:
        digits = written.lstrip("-–−+±")
        sign = self._lexicon.sign(written[: len(written) - len(digits)])
        return sign + self._lexicon.say(self._lexicon.parse(digits), feminine=noun.feminine)

    def _link(self, written: str) -> str:
        word = written.strip()
        return word if word.isalpha() else self._lexicon.words["to"]

    def _per(self, written: str | None) -> str:
        if not written:
            return ""
        noun = self._lexicon.units.get(written)
        return f" {self._lexicon.words['per']} {noun.one if noun else written}"


def _roman(written: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in written]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )
