"""Constructs that models write and voices must not read: one rule each, tried in order."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(Enum):
    """What to do with the text of a rule."""

    SAY = "say"
    REREAD = "reread"
    """Read it as if it had stood in the place of the construct."""
    HIDE = "hide"
    """It is an end mark: drop everything up to and including it."""
    JSON = "json"
    """Drop the object or list that begins here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A construct.

    Both patterns are matched after the character before the construct, which is a line
    break at the start of the text. `whole` must not change its mind when more text comes;
    `part` matches every beginning of a text that `whole` may match later.
    """

    whole: re.Pattern[str]
    part: re.Pattern[str] | None
    text: Callable[[re.Match[str]], str]
    kind: Kind


REASONING_ENDS = frozenset({"</think>", "</thinking>", "</thought>", "</reasoning>"})
"""End marks of what a model tells itself; a tool call in there is a thought, not a wish."""

END_MAX_CHARS = 16
"""Length of the longest end mark, `</function_call>`."""

HELD_MAX_CHARS = 2000
"""Longest construct waited for, such as an address; a longer one is read as it stands."""

_ADDRESS = r"[\w.~:/?#@!$&+,;=%-]"
_AFTER_ADDRESS = r"[^\w.~:/?#@!$&+,;=%-]"
_ADDRESS_PART = (
    rf"(?:h|ht|htt|https?|https?:|https?:/|https?://{_ADDRESS}{{0,{HELD_MAX_CHARS}}}"
    rf"|w|ww|www|www\.{_ADDRESS}{{0,{HELD_MAX_CHARS}}})"
)
_HIDDEN_TAGS = (
    "think|thinking|thought|reasoning|tool_call|tool_calls|function_call|tool_response|tools"
)
_TAG_PART = r"</?(?:[a-z][\w-]{0,30}(?:\s[^<>\n]{0,100})?/?)?"


def _rule(
    whole: str,
    part: str | None = None,
    text: str | Callable[[re.Match[str]], str] = "",
    kind: Kind = Kind.SAY,
) -> Rule:
    return Rule(
        whole=re.compile(whole, re.IGNORECASE),
        part=re.compile(rf"(?:{part})\Z", re.IGNORECASE) if part else None,
        text=(lambda _match: text) if isinstance(text, str) else text,
        kind=kind,
    )


def _end_tag(match: re.Match[str]) -> str:
    return f"</{match[1].lower()}>"


def _cells(match: re.Match[str]) -> str:
    """Join the cells of a table row; the line under the head has none."""
    cells = [cell.strip() for cell in match[0].split("|")]
    return ", ".join(cell for cell in cells if cell.strip(":- "))


def _number(match: re.Match[str]) -> str:
    return f"{match[1]}, "


def _host(match: re.Match[str]) -> str:
    """Name the host of an address and give the sentence its punctuation back."""
    address = match[0].rstrip(".,;:!?…")
    if "://" not in address:
        address = f"//{address}"
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") + match[0][len(match[0].rstrip(".,;:!?…")) :]


RULES = (
    # Tags of chat templates and of HTML
    _rule(r"<\|[^|<>\n]{0,60}\|>", r"<(?:\|[^|<>\n]{0,60}\|?)?"),
    _rule(rf"<({_HIDDEN_TAGS})>", _TAG_PART, _end_tag, Kind.HIDE),
    _rule(r"<(?:br|/p|/li|/div|/h\d)\s?/?>", _TAG_PART, "\n", Kind.REREAD),
    _rule(r"</?[a-z][\w-]{0,30}(?:\s[^<>\n]{0,100})?/?>", _TAG_PART),
    _rule(r"\[(?-i:/?[A-Z_]{4,20})\]", r"\[(?-i:/?[A-Z_]{0,20})"),
    # Code and JSON
    _rule(r"```", r"`{1,2}", "```", Kind.HIDE),
    _rule(r"`"),
    _rule(r"\{\s{0,20}[\"'}]|\[\s{0,20}\{", r"\{\s{0,20}|\[\s{0,20}", "", Kind.JSON),
    # Lines
    _rule(
        rf"(?<=\n)\|[^\n]{{0,{HELD_MAX_CHARS}}}(?=\n)",
        rf"(?<=\n)\|[^\n]{{0,{HELD_MAX_CHARS}}}",
        _cells,
        Kind.REREAD,
    ),
    _rule(r"(?<=\n)[ \t]"),
    _rule(
        r"(?<=\n)(?:-{1,99}|={1,99}|_{2,99}|\*{3,99})(?=\n)",
        r"(?<=\n)(?:-{1,99}|={1,99}|_{1,99}|\*{1,99})",
    ),
    _rule(r"(?<=\n)[-+*•–—][ \t]", r"(?<=\n)[-+*•–—]"),
    _rule(r"(?<=\n)#{1,6}(?:[ \t]|(?=\n))", r"(?<=\n)#{1,6}"),
    _rule(r"(?<=\n)>"),
    _rule(r"(?<=\n)(\d{1,2})[.)][ \t]", r"(?<=\n)\d{1,2}[.)]?", _number),
    # Links, images and citations
    _rule(r"!(?=\[)", r"!"),
    _rule(r"\[(?:[\d^†, ]{1,12}|x)?\]", r"\[(?:[\d^†, ]{0,12}|x)"),
    _rule(r"\["),
    _rule(
        rf"\](?:\([^)\n]{{0,{HELD_MAX_CHARS}}}\)|\[[^\]\n]{{0,80}}\])",
        rf"\](?:\([^)\n]{{0,{HELD_MAX_CHARS}}}|\[[^\]\n]{{0,80}})?",
    ),
    _rule(r"\]"),
    _rule(r"【[^】\n]{0,200}】", r"【[^】\n]{0,200}", " "),
    _rule(
        rf"\((?:https?://|www\.){_ADDRESS}{{0,{HELD_MAX_CHARS}}}\)",
        rf"\({_ADDRESS_PART}?",
    ),
    _rule(
        rf"(?<![^\W_])(?:https?://|www\.){_ADDRESS}{{0,{HELD_MAX_CHARS}}}(?={_AFTER_ADDRESS})",
        rf"(?<![^\W_]){_ADDRESS_PART}",
        _host,
    ),
    # Emphasis; a star between numbers or blanks is a sign, a line inside a word a blank
    _rule(r"~~", r"~"),
    _rule(r"(?<=\d)\*(?=\d)|(?<= )\*(?= )", r"(?<=[\d ])\*", "*"),
    _rule(r"\*"),
    _rule(r"(?<=[^\W_])_(?=[^\W_])", r"(?<=[^\W_])_", " "),
    _rule(r"_"),
    # Signs without a sound: escapes, invisible characters, emoji, arrows
    _rule(r"[\\{}【】\r\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]"),
    _rule(r"[\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff]", None, " "),
    _rule(r"[\U0001f000-\U0001faff]", None, " "),
)
