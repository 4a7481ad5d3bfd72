"""Cut text that arrives in bits into pieces to be spoken: sentences, or parts of long ones.

Nothing here knows a language's grammar. A full stop ends a sentence when white space follows
and neither an abbreviation nor a list number stands before it; no capital is needed after it.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_PIECE_CHARS = 120
"""Longest piece. A voice needs memory and time in proportion to it: 5000 characters at once
took another server to 11 GB. Sentences of an assistant are seldom longer."""

FIRST_CLAUSE_CHARS = 12
"""The first piece may end at a clause from here on: whoever listens waits for it. A shorter one
("Sim, ...") sounds torn off, and is over before the next piece is spoken."""

# A sentence that is too long ends after a clause, if that leaves no small rest.
_MIN_CLAUSE_CHARS = 30
# Where no clause ends, so much of what fits is taken, lest the rest be a word or two.
_FORCED_SHARE = 0.8

_SENTENCE_END = re.compile(r"""[.!?…。！？]+["'”’»)\]*_]*""")
_CLAUSE_END = re.compile(r"""[,;:—–]["'”’»)\]]*(?=\s)""")
_BLANKS = re.compile(r"[^\S\n]+")
_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«*_]+$")

# A name follows these, so they never end a sentence.
_TITLES = re.compile(
    r"av|exm[ao]|dra?s?|eng[ao]?|mrs?|ms|mt|profa?|rev|sr[as]?|sras|srta|st[ao]?", re.IGNORECASE
)
# These end a sentence only when a capital letter follows.
_ABBREVIATIONS = re.compile(
    # Portuguese, then English, then days and months of both.
    r"apt?o?|aprox|art|cap|cf|cia|depto|ed|etc|ex|fig|hab|jr|ltda|m[ií]n|m[áa]x|mun|nº|núm|obs|págs?"
    r"|pça|pp|ref|séc|tel|vol|vs"
    r"|approx|dept|est|inc|ltd|nos?|pl"
    r"|seg|ter|qua|qui|sex|sáb|dom|mon|tue|wed|thu|fri|sat|sun"
    r"|jan|fe[bv]|mar|a[bp]r|mai|ju[nl]|ago|aug|set|sept?|out|oct|nov|de[cz]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is spoken at once."""

    text: str
    """Without white space around; never empty."""
    ends_sentence: bool
    """A pause belongs after it."""


class SentenceSplitter:
    """Takes text as it comes and gives each piece as soon as its end is certain.

    Pieces are sentences, or parts of one that is too long; the first one may be a clause. They do
    not depend on how the text was cut up on its way; joined they are the text, up to white
    space. What is kept between calls is less than a piece and two characters.
    """

    def __init__(
        self, max_chars: int = MAX_PIECE_CHARS, first_clause_chars: int = FIRST_CLAUSE_CHARS
    ) -> None:
        self._max_chars = max_chars
        self._first_clause_chars = first_clause_chars
        self._rest = ""
        self._is_first = True

    def feed(self, text: str) -> list[Piece]:
        """Add text; returns the pieces that are now complete."""
        return self._take(text, is_last=False)

    def finish(self) -> list[Piece]:
        """End the text; returns what is left and starts anew."""
        pieces = self._take("", is_last=True)
        self._rest = ""
        self._is_first = True
        return pieces

    def _take(self, text: str, *, is_last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        step = self._max_chars
        # Fed in steps, the search never looks at more than two pieces' worth of text.
        for start in range(0, max(len(text), 1), step):
            self._rest = _collapse(self._rest + text[start : start + step])
            is_end = is_last and start + step >= len(text)
            while self._rest and (cut := self._next_cut(is_last=is_end)) is not None:
                end, ends_sentence = cut
                if piece := self._rest[:end].strip():
                    pieces.append(Piece(piece, ends_sentence))
                    self._is_first = False
                self._rest = self._rest[end:].lstrip()
        return pieces

    def _next_cut(self, *, is_last: bool) -> tuple[int, bool] | None:
        """Where the piece at the front ends and whether a sentence does, None to wait."""
        rest = self._rest
        newline = rest.find("\n", 0, self._max_chars + 1)
        head_end = newline if newline >= 0 else min(len(rest), self._max_chars)
        clause = self._first_clause(head_end)
        for mark in _SENTENCE_END.finditer(rest, 0, clause or head_end):
            verdict = _ends_sentence(rest, mark, is_last=is_last)
            if verdict is None:
                return None
            if verdict:
                return mark.end(), True
        if clause is not None:
            return clause, False
        if newline >= 0:
            return newline + 1, True
        # One more character tells whether a space follows the last one that still fits.
        if len(rest) > self._max_chars + 1:
            return _forced_cut(rest, self._max_chars), False
        if not is_last:
            return None
        if len(rest) > self._max_chars:
            return _forced_cut(rest, self._max_chars), False
        return len(rest), True

    def _first_clause(self, head_end: int) -> int | None:
        """Where the first clause ends that may be spoken alone, None if there is none so far."""
        if not self._is_first:
            return None
        # The mark itself belongs to the clause, and must be followed by a blank.
        marks = _CLAUSE_END.finditer(self._rest, self._first_clause_chars - 1)
        return next((mark.end() for mark in marks if mark.end() <= head_end), None)


def _collapse(text: str) -> str:
    """Make each run of blanks one space: a megabyte of them is then one character."""
    return _BLANKS.sub(" ", text).lstrip()


def _ends_sentence(text: str, mark: re.Match[str], *, is_last: bool) -> bool | None:
    """Whether a sentence ends at these marks, None when the next characters must tell."""
    following = text[mark.end() : mark.end() + 2]
    if not following:
        return True if is_last else None
    if not following[0].isspace():
        return False
    if "\n" in following:
        return True
    if mark.group()[0] != "." or mark.group().startswith(".."):
        return True
    word = _word_before(text, mark.start())
    if _is_title(word) or _is_list_number(text, word, mark.start()):
        return False
    if not _is_abbreviation(word):
        return True
    if len(following) < 2:
        return True if is_last else None
    return not (following[1].islower() or following[1].isdigit())


def _word_before(text: str, end: int) -> str:
    found = _WORD_BEFORE.search(text, max(0, end - 20), end)
    return found.group() if found else ""


def _is_title(word: str) -> bool:
    is_initial = len(word) == 1 and word.isalpha() and word.isupper()
    return is_initial or _TITLES.fullmatch(word) is not None


def _is_list_number(text: str, word: str, end: int) -> bool:
    """Tell the "2." that opens a line of a list."""
    return word.isdigit() and len(word) <= 3 and not text[: end - len(word)].strip()


def _is_abbreviation(word: str) -> bool:
    """Tell "etc", "p" and dotted ones such as "e.g", "S.A" or "n.o"."""
    parts = word.lower().split(".")
    is_dotted = len(parts) > 1 and all(0 < len(part) <= 2 and part.isalpha() for part in parts)
    is_letter = len(word) == 1 and word.isalpha()
    return is_dotted or is_letter or _ABBREVIATIONS.fullmatch(word) is not None


def _forced_cut(text: str, limit: int) -> int:
    """Where to cut a sentence that is too long: after a clause, else a word, else anywhere."""
    clauses = [mark.end() for mark in _CLAUSE_END.finditer(text, _MIN_CLAUSE_CHARS, limit + 1)]
    if fitting := [end for end in clauses if end <= limit]:
        return fitting[-1]
    for reach in (int(limit * _FORCED_SHARE), limit):
        if (space := text.rfind(" ", 1, reach + 1)) > 0:
            return space
    cut = limit
    # A letter keeps its accents: combining marks belong to what stands before them.
    while cut > 1 and (unicodedata.combining(text[cut]) or text[cut] == "\u200d"):
        cut -= 1
    return cut if cut > 1 else limit
