"""Take away what is written and never said, in any language: mark-up, emoji, typography."""

import html
import re

# Characters that are drawn, joined with what colours and joins them. Arrows are kept for the
# reader: it says those that stand between words.
_EMOJI = re.compile(
    r"[0-9#*]\ufe0f?\u20e3"
    r"|[\U0001f000-\U0001faff\U000e0000-\U000e0fff\u2300-\u23ff\u2460-\u24ff\u2500-\u27bf"
    r"\u2b00-\u2bff\u3000-\u303f\ufe00-\ufe0f\u200b-\u200f\u2060-\u2064\u20e3\ufeff\u00ad"
    r"\ufffc\ufffd©®™]"
)
_EMOTICON = re.compile(
    r"(?<!\S)(?:[:;=]['’]?-?[()DPpOo/\\|*]|<3|[xX]D|\^_\^|¯\\_\(ツ\)_/¯)(?![^\s.,!?])"
)
_ARROW = re.compile(r"[➔➜➡⟶⇒⟹]\ufe0f?|(?<![-=<])[-=]{1,2}>")

_TAG = re.compile(r"<(?:/?[A-Za-z]|!)[^<>]*>")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]*)>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
_LINK_REFERENCE = re.compile(r"!?\[([^\[\]]*)\]\[[^\[\]]*\]")
_LATEX = re.compile(
    r"\$\$?(?!\s)(?:(?=[^$\n]{0,120}[\\^])|(?=[A-Za-z]))([^$\n]{1,120})(?<!\s)\$\$?"
    r"|\\[(\[]([^\\\n]{0,120}(?:\\[A-Za-z,%][^\\\n]{0,120}){0,8})\\[)\]]"
)
_LATEX_WORDS = (
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname)\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}"), r"\1/\2"),
    (re.compile(r"\^\{?\\circ\}?"), "°"),
    (re.compile(r"\^\{?2\}?"), "²"),
    (re.compile(r"\^\{?3\}?"), "³"),
    (re.compile(r"\\(?:times|cdot)\b"), "×"),
    (re.compile(r"\\approx\b"), "≈"),
    (re.compile(r"\\pm\b"), "±"),
    (re.compile(r"\\leq?\b"), "≤"),
    (re.compile(r"\\geq?\b"), "≥"),
    (re.compile(r"\\[,;: ]|~"), " "),
    (re.compile(r"\\([A-Za-z]+)"), r"\1"),
    (re.compile(r"[\\{}]"), ""),
)

_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})[\w+-]*\s*$")
_RULE_LINE = re.compile(r"^[\s|:*_=-]*[|:*_=-]{2}[\s|:*_=-]*$")
_LINE_START = re.compile(
    r"^\s*(?:#{1,6}\s+|>+(?=\s+\D|[^\s\d=])\s*|[-*+•▪◦‣·–—](?=\s)\s+|\[[ xX]?\]\s+)"
)
_CELLS = re.compile(r"\s*\|\s*")

_STAR_TIMES = re.compile(r"(?<=\d) ?\* ?(?=\d)|(?<=\w) \* (?=\w)")
_UNDERSCORES_OUTSIDE = re.compile(r"(?<!\w)_+|_+(?!\w)")
_STRUCK = re.compile(r"~~")
_BLANKS = re.compile(r"\s+")

_TYPOGRAPHY = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‟": '"', "″": '"',
        "‘": "'", "’": "'", "‚": "'", "′": "'", "´": "'", "‑": "-", "‐": "-", "‒": "–",
        "μ": "µ", "Ω": "Ω", "℃": "°C", "℉": "°F", "％": "%", "．": ".", "，": ",", "`": "",
        "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "！": "!", "？": "?", "：": ":",
    }
)  # fmt: skip

_INNER_ELLIPSIS = re.compile(r"(?<![.…])(?:\.{3,}+|…[….]*+) *(?=[^\W\d])")
_ELLIPSIS = re.compile(r"\.{3,}+|…[….]*+")
_OPENING = re.compile(r"\s*[(\[{]\s*")
_CLOSING = re.compile(r"\s*[)\]}]")
_DASH = re.compile(r"\s+(?:[–—]|-{1,3})\s+|\s*—\s*")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,;:!?](?!\w)|\.(?!\w))")
_COMMAS = re.compile(r",(?:\s*,)+")
_COMMA_BEFORE_MARK = re.compile(r"[,;:]\s*(?=[.!?;:])")
_MARK_BEFORE_COMMA = re.compile(r"(?<=[;:!?])\s*,")
_EDGE = " \t,;:/\\|"


def strip_markup(text: str) -> str:
    """Give the text that would be seen on a page, on one line; numbers and codes stay as they are.

    What opens in one piece of a text may close in another, so marks are taken away one by one,
    not in pairs.
    """
    text = html.unescape(_AUTOLINK.sub(r"\1", text).replace("\r", "\n"))
    text = _LATEX.sub(_plain_formula, text)
    text = _TAG.sub(" ", text)
    text = _ARROW.sub(" → ", text)
    text = _EMOTICON.sub("", _EMOJI.sub(" ", text))
    lines = [said for line in text.split("\n") if (said := _strip_line(line))]
    text = " ".join([*map(_ended, lines[:-1]), *lines[-1:]])
    text = _LINK_REFERENCE.sub(r"\1", _LINK.sub(r"\1", text))
    text = _STAR_TIMES.sub(" × ", _STRUCK.sub("", text)).replace("*", "")
    text = text.translate(_TYPOGRAPHY)
    text = _UNDERSCORES_OUTSIDE.sub("", text)
    return text.strip()


def tidy(text: str) -> str:
    """Put blanks and punctuation right; nothing when no word is left."""
    text = _BLANKS.sub(" ", text)
    # The phonemizer pauses for commas, not for brackets, nor for dots before a small letter.
    text = _CLOSING.sub(",", _OPENING.sub(", ", text))
    text = _INNER_ELLIPSIS.sub(", ", text)
    text = _ELLIPSIS.sub("...", text)
    text = _DASH.sub(", ", text).replace("_", " ")
    text = _SPACE_BEFORE_MARK.sub("", _BLANKS.sub(" ", text))
    text = _COMMAS.sub(",", text)
    text = _MARK_BEFORE_COMMA.sub("", _COMMA_BEFORE_MARK.sub("", text))
    text = re.sub(r",(?=[^\W\d_])", ", ", text)
    text = text.strip(_EDGE) if not text.rstrip().endswith((":", ";")) else text.lstrip(_EDGE)
    text = text.strip().lstrip(".!?- ")
    return text if any(sign.isalnum() for sign in text) else ""


def _strip_line(line: str) -> str:
    if _FENCE.match(line) or _RULE_LINE.match(line):
        return ""
    line = line.strip()
    # A list item may hold a check box, a quotation a heading.
    for _ in range(3):
        stripped = _LINE_START.sub("", line, count=1)
        if stripped == line:
            break
        line = stripped
    if "|" in line:
        line = ", ".join(cell for cell in _CELLS.split(line) if cell.strip(" :-"))
    return line.strip()


def _ended(line: str) -> str:
    return line if line.endswith((".", "!", "?", ":", ";", ",", "…")) else f"{line}."


def _plain_formula(match: re.Match[str]) -> str:
    formula: str = match[1] or match[2] or ""
    for pattern, word in _LATEX_WORDS:
        formula = pattern.sub(word, formula)
    return formula
