"""The last guard against words that nobody said.

Whisper learned from subtitles, and writes what subtitles end with when it hears next to nothing:
https://github.com/openai/whisper/discussions/928 and issues 1724 and 2660 of whisper.cpp list such
texts in every language. Speech is demanded before anything is decoded, so this is only a backstop:
a text is dropped when it is nothing but such a phrase, never a part of it.
"""

import re
import zlib
from collections.abc import Sequence

# Nobody says these to a house. Plain words, in any case and with any punctuation; a phrase with
# "..." goes on in any way.
_NEVER_SAID = """
legenda adriana zanotto
legendas pela comunidade ...
legendas feitas por ...
legendado por ...
legendagem ...
transcrição e legendas ...
tradução e legendas ...
obrigado por assistir ...
obrigada por assistir ...
obrigado por assistirem ...
obrigado pela atenção e até ...
até o próximo vídeo
um beijo e até o próximo vídeo
nos vemos no próximo vídeo
inscreva se no canal ...
se inscreva no canal ...
se inscrevam no canal ...
não se esqueça de se inscrever ...
deixe o seu like ...
thanks for watching ...
thank you for watching ...
thank you so much for watching ...
thank you very much for watching ...
please subscribe ...
like and subscribe ...
don t forget to subscribe ...
don t forget to like and subscribe ...
see you in the next video
i ll see you in the next video
i ll see you guys in the next video
subtitles by ...
subtitles made by ...
subtitled by ...
captions by ...
captioned by ...
transcription by ...
transcribed by ...
translated by ...
subtítulos realizados por ...
subtítulos por la comunidad ...
gracias por ver el video
gracias por ver el vídeo
amara org
you
"""

# People do say these, also alone, so a text that the model is sure of stays.
_SELDOM_SAID = """
obrigado
obrigada
muito obrigado
muito obrigada
até a próxima
até mais
tchau
tchau tchau
e aí
e aí pessoal
amém
é isso aí
thank you
thank you so much
thank you very much
thanks
bye
bye bye
so
mm hmm
hmm
uh
"""

# OpenAI's own limit for a text that compresses too well to have been said.
_MAX_COMPRESSION_RATIO = 2.4
# The same words four times and more. "Não, não, não, não!" is said; a model that cannot find the
# end goes on until it runs out of tokens.
_REPEATED = re.compile(r"(.{1,80}?)\1{3,}", re.DOTALL)
_MIN_REPEATED_CHARS = 48
# An answer may name two things of the home; a whole list of them in our order is no answer.
_MIN_ECHOED_NAMES = 3

_WHOLE_ANNOTATION = re.compile(r"\s*([\[(*♪♫].*[\])*♪♫]|[♪♫]+)\s*", re.DOTALL)


def cleaned(text: str, *, is_sure: bool) -> str:
    """Return the text with single spaces; empty when nobody can have said it.

    `is_sure` keeps what people do say now and then, such as "Obrigado."
    """
    words = _once(_words(text))
    is_seldom = words in _SELDOM and not is_sure
    if not words or is_seldom or _NEVER.fullmatch(words) or _WHOLE_ANNOTATION.fullmatch(text):
        return ""
    return " ".join(text.split())


def is_repetitive(text: str) -> bool:
    """Tell whether a text goes in circles, as a model's does that cannot find the end."""
    content = text.encode()
    if len(content) > _MAX_COMPRESSION_RATIO * len(zlib.compress(content)):
        return True
    words = f"{_words(text)} "
    found = _REPEATED.search(words)
    return found is not None and len(found[0]) >= max(_MIN_REPEATED_CHARS, len(words) // 2)


def is_echo(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text only lists names in the order in which the model was told them."""
    said = f" {_words(text)} "
    spelt = [each for each in map(_words, names) if each]
    within = sum(f" {each} " in said for each in spelt)
    return within >= _MIN_ECHOED_NAMES and said in f" {' '.join(spelt)} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _once(words: str) -> str:
    """Return what a text says over and over, such as "obrigado" of "obrigado obrigado"."""
    found = re.fullmatch(r"(.+?)(?: \1)+", words)
    return found[1] if found else words


def _pattern(phrases: str) -> re.Pattern[str]:
    lines = phrases.strip().splitlines()
    return re.compile("|".join(re.escape(line).replace(r"\ \.\.\.", "(?: .*)?") for line in lines))


_NEVER = _pattern(_NEVER_SAID)
_SELDOM = frozenset(_SELDOM_SAID.strip().splitlines())
