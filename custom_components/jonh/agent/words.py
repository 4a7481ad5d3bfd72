"""Words as they are compared: lower case, without accents, one sign between them."""

import re
import unicodedata
from functools import lru_cache

_SEPARATORS = re.compile(r"[^0-9a-z%°]+")

CACHED_TEXTS = 16_384
"""Names, aliases and words of a home of thousands of entities, a few megabytes."""


@lru_cache(CACHED_TEXTS)
def fold(text: str) -> str:
    """Return the text in lower case, without accents, words separated by single blanks.

    "Ar-condicionado da Suíte" becomes "ar condicionado da suite", "22,5 °C" becomes "22 5 °c".
    """
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("º", "o").replace("ª", "a"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", plain).strip()


@lru_cache(CACHED_TEXTS)
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, in order."""
    return tuple(fold(text).split())
