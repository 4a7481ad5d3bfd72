"""Read a text with a lexicon: every rule in turn turns its forms into words."""

import re
from collections.abc import Iterable

from wyoming_servers.tts.normalize import codes, moments, quantities
from wyoming_servers.tts.normalize.lexicon import Lexicon, Rule

# A narrow or fixed blank between digits marks thousands and never ends a number.
_FIXED_BLANK = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_SPACED_THOUSANDS = re.compile(r"(?<!\d )(?<![\w.,+])\d{1,3}(?: \d{3})+(?=,\d| ?[€%°kWVmgLl])")


class Reader:
    """Reads what one language writes; made once, as compiling its patterns takes a while."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._rules: list[Rule] = [
            *_fixed(lexicon.literals),
            *_sums(lexicon),
            *codes.rules(lexicon),
            *_abbreviations(lexicon),
            *moments.rules(lexicon),
            *_signs_before_numbers(lexicon),
            *quantities.rules(lexicon),
            *_signs(lexicon),
            *_acronyms(lexicon),
            *_fixed(lexicon.repairs),
        ]

    def read(self, text: str) -> str:
        """Give the words for a text without mark-up."""
        text = _FIXED_BLANK.sub("", text)
        if self._lexicon.spaced_thousands:
            text = _SPACED_THOUSANDS.sub(lambda match: match[0].replace(" ", ""), text)
        text = re.sub(r"\s+", " ", text)
        for pattern, reading in self._rules:
            text = pattern.sub(reading, text)
        return text


def _fixed(pairs: Iterable[tuple[str, str]]) -> list[Rule]:
    def rule(pattern: str, words: str) -> Rule:
        return re.compile(pattern), lambda match: match.expand(words)

    return [rule(pattern, words) for pattern, words in pairs]


def _sums(lexicon: Lexicon) -> list[Rule]:
    """Read a hyphen or slash as in arithmetic where the result is given or asked for."""
    words = lexicon.words
    result = r"(?=\d+(?:[.,]\d+)? ?[=?])"
    return _fixed(
        (
            (rf"(?<=\d) [-–] {result}", f" {words['minus']} "),
            (rf"(?<=\d) ?/ ?{result}", f" {words['divided_by']} "),
        )
    )


def _abbreviations(lexicon: Lexicon) -> list[Rule]:
    """Write abbreviations out; a full stop that also ends the sentence stays."""

    def rule(pattern: str, words: str) -> Rule:
        def reading(match: re.Match[str]) -> str:
            is_last = match.end() == len(match.string) and match[0].endswith(".")
            said = match.expand(words)
            if match.start() == 0 and match[0][0].isupper():
                said = said[0].upper() + said[1:]
            return f"{said}." if is_last else said

        return re.compile(rf"(?<![\w.@/-])(?:{pattern})"), reading

    return [rule(pattern, words) for pattern, words in lexicon.abbreviations]


def _signs_before_numbers(lexicon: Lexicon) -> list[Rule]:
    """Read comparisons and the like, which take a following number."""
    words = lexicon.words
    return _fixed(
        (
            (r"^(\d{1,2})(?:[.)]|\.\))(?= +[^\W\d])", r"\1:"),
            (r"(?<!\w)(?:N[.º°]{1,2}|[Nn]\.?[º°]|№|#) ?(?=\d)", f"{words['number']} "),
            (r"(?<=\w)\^2(?!\d)", "²"),
            (r"(?<=\w)\^3(?!\d)", "³"),
            (r"(?:≥|>=|=>) ?(?=[\d+−-])", f" {words['at_least']} "),
            (r"(?:≤|<=) ?(?=[\d+−-])", f" {words['at_most']} "),
            (r"(?:≠|!=) ?", f" {words['differs']} "),
            (r"> ?(?=[\d+−-])", f" {words['more_than']} "),
            (r"< ?(?=[\d+−-])", f" {words['less_than']} "),
            (r"(?:[~≈]|(?<!\w)c\.) ?(?=[\d$R€£])", f" {words['about']} "),
        )
    )


def _signs(lexicon: Lexicon) -> list[Rule]:
    """Read the signs that are left between words and drop what cannot be said."""
    words = lexicon.words
    return _fixed(
        (
            (r" ?→ ?(?=\w)", f" {words['arrow']} "),
            (r"(?<=\w) − (?=\w)", f" {words['minus']} "),
            (r"(?<=\w)\^(?=\w)", f" {words['power']} "),
            (r" ?&+ ?", f" {words['and']} "),
            (r" ?\+ ?(?=\S)", f" {words['plus']} "),
            (r"\+", f" {words['plus']}"),
            (r" ?={1,3} ?(?=\S)", f" {words['equals']} "),
            (r" ?÷ ?", f" {words['divided_by']} "),
            (r" ?× ?", f" {words['times']} "),
            (r" ?± ?", f" {words['plus_minus']} "),
            (r" ?% ?", f" {words['percent']} "),
            (r"(?<!\w)@(?=\w)", f"{words['at']} "),
            (r"§ ?", f"{words['section']} "),
            (r"² ?", f" {words['squared']} "),
            (r"³ ?", f" {words['cubed']} "),
            (r"(?<!\w)[\"'](?!\w)(?=\s|$)|[\"“”]", ""),
            (r" / ", ", "),
            (r"/", " "),
            (r"[|]", ", "),
            (r"[→←↑↓↔⇐⇔⇑⇓<>^~\\#=@{}°ºª•·€£¥$¢≠≈≥≤√∞∑¬µ]", " "),
        )
    )


def _acronyms(lexicon: Lexicon) -> list[Rule]:
    """Spell what the phonemizer would read as a word."""
    return _fixed((rf"(?<![\w-]){name}(?!\w)", words) for name, words in lexicon.acronyms.items())
