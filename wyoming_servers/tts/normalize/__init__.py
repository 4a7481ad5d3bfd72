"""Turn written text into the words a voice reads: "21.5 °C" into "twenty-one point five degrees".

espeak-ng, which gives Piper its phonemes, reads plain words well and little else: it spells
units, breaks sentences after "Sr." and knows no gender for a number. So all that is not a word
becomes words here. `markup` takes away what nobody would say, in any language; `codes`,
`moments` and `quantities` know what forms such things take; a `Lexicon` has the words for them.
"""

from functools import cache

from wyoming_servers.tts.normalize.english import AMERICAN, BRITISH
from wyoming_servers.tts.normalize.lexicon import Lexicon
from wyoming_servers.tts.normalize.markup import strip_markup, tidy
from wyoming_servers.tts.normalize.portuguese import BRAZILIAN, EUROPEAN
from wyoming_servers.tts.normalize.reader import Reader

__all__ = ["normalize"]

_AMERICAN_TAGS = frozenset({"en", "en-us", "en-ca"})


def normalize(text: str, language: str) -> str:
    """Write a sentence or clause as it is said, on one line; empty when nothing is to be said.

    A language without a lexicon only loses its mark-up and emoji.
    """
    lexicon = _lexicon(language)
    plain = strip_markup(text)
    if lexicon is not None:
        plain = _reader(lexicon.tag).read(plain)
    return tidy(plain)


def _lexicon(language: str) -> Lexicon | None:
    tag = language.lower().replace("_", "-")
    match tag.partition("-")[0]:
        case "pt":
            return EUROPEAN if tag == "pt-pt" else BRAZILIAN
        case "en":
            return AMERICAN if tag in _AMERICAN_TAGS else BRITISH
        case _:
            return None


@cache
def _reader(tag: str) -> Reader:
    """Compile a language's patterns when it is first spoken."""
    lexicons = {lexicon.tag: lexicon for lexicon in (AMERICAN, BRITISH, BRAZILIAN, EUROPEAN)}
    return Reader(lexicons[tag])
