"""The last guard against words that nobody said, and the form of those that somebody did.

Whisper learned from subtitles, and writes what subtitles end with when it hears next to nothing:
https://github.com/openai/whisper/discussions/928 and the issues of whisper.cpp list such texts in
every language. Speech is demanded before anything is decoded, so this is only a backstop: a text
is dropped when it is nothing but such a phrase, never a part of it.
"""

import re

# What a person says to a house is not here: "obrigado", "tchau" and "thank you" are answered.
_PHRASES = """
legendas pela comunidade amara org
legendas pela comunidade de amara org
legenda adriana zanotto
legendas em português
legendas por
legendado por
transcrição e legendas
tradução e legendas
obrigado por assistir
obrigada por assistir
obrigado por assistirem
obrigado por assistir ao vídeo
obrigado por assistir até o próximo vídeo
até o próximo vídeo
até a próxima
inscreva se no canal
se inscreva no canal
se inscreva no canal e ative o sininho
deixe o seu like
e aí pessoal
um beijo e até o próximo vídeo
thanks for watching
thank you for watching
thank you so much for watching
thanks for watching and i ll see you in the next video
please subscribe
please subscribe to my channel
like and subscribe
don t forget to like and subscribe
see you in the next video
i ll see you in the next video
subtitles by the amara org community
subtitles by
subtitled by
captions by
transcription by castingwords
copyright
subtítulos realizados por la comunidad de amara org
subtítulos por la comunidad de amara org
gracias por ver el video
suscríbete
"""
_PHANTOMS = frozenset(_PHRASES.strip().splitlines())

# The same words over and over: what a model writes that cannot find the end.
_REPEATED = re.compile(r"(.+?)\1{3,}", re.DOTALL)
_MIN_REPEATED_CHARS = 24


def cleaned(text: str) -> str:
    """Return a text as a person would read it; empty when nobody can have said it."""
    text = " ".join(text.split())
    words = re.findall(r"\w+", text.casefold())
    if not words or " ".join(words) in _PHANTOMS or _is_stuck(" ".join(words)):
        return ""
    return text


def _is_stuck(words: str) -> bool:
    found = _REPEATED.search(f"{words} ")
    return found is not None and len(found[0]) >= max(_MIN_REPEATED_CHARS, 0.6 * len(words))
