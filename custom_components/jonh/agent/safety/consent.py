"""Whether a whole utterance is a yes, a no or a PIN, and nothing else."""

from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.names.lexicon import STOP_WORDS
from custom_components.jonh.agent.words import words

from .pin import spoken_digits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Answer(StrEnum):
    """What somebody answered to a question of the guard."""

    YES = "yes"
    NO = "no"
    OTHER = "other"
    """Neither, both, or more than that."""


def answer_of(text: str, languages: Iterable[Language], echo: Collection[str] = ()) -> Answer:
    """Read an answer; `echo` are folded words of the question, which may follow the yes or no.

    "Sim, pode abrir o portão" answers the question about the gate; "sim, e apaga tudo" does not.
    A yes counts in the given languages only, a no in any.
    """
    yes = frozenset(chain.from_iterable(_YES[language] for language in languages))
    left = words(text)
    heard: set[Answer] = set()
    while left:
        phrase = _first_phrase(left, yes | _NO | _POLITE)
        if phrase in _NO:
            heard.add(Answer.NO)
        elif phrase in yes:
            heard.add(Answer.YES)
        elif not phrase:
            if not heard or not (left[0] in echo or left[0] in _JOINING):
                return Answer.OTHER
            phrase = left[:1]
        left = left[len(phrase) :]
    return heard.pop() if len(heard) == 1 else Answer.OTHER


def pin_of(text: str) -> str:
    """Return the digits of an utterance that is nothing but a PIN: "o PIN é 1 2 3 4"; else ""."""
    said = list(words(text))
    while said and said[0] in _BEFORE_PIN:
        del said[0]
    while said and said[-1] in _AFTER_PIN:
        del said[-1]
    return spoken_digits(" ".join(said))


def _first_phrase(left: tuple[str, ...], phrases: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the longest phrase at the beginning, or nothing."""
    for length in range(min(len(left), _LONGEST), 0, -1):
        if left[:length] in phrases:
            return left[:length]
    return ()


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(words(phrase) for phrase in text.split(","))


_YES_PT = _phrases(
    "sim, sim sim, pode, pode sim, pode ser, pode fazer, pode mandar, confirmo, confirma, "
    "confirmado, confirmar, isso, isso mesmo, isso ai, claro, claro que sim, com certeza, "
    "certeza, tenho certeza, tenho, ok, okay, ta bom, ta bem, ta certo, beleza, certo, "
    "positivo, afirmativo, exato, exatamente, quero, quero sim, eu quero, faz isso, faca "
    "isso, faz, faca, manda ver, vai em frente, pode ir, perfeito, por favor sim, ta "
    "confirmado, esta confirmado, esta bem, esta certo, autorizo, autorizado"
)
_YES_EN = _phrases(
    "yes, yes yes, yeah, yep, yup, yes i do, i do, i am, i m sure, i am sure, sure, sure "
    "thing, of course, do it, go ahead, please do, do that, confirm, confirmed, i confirm, "
    "ok, okay, right, that s right, correct, absolutely, definitely, affirmative, certainly, "
    "by all means"
)
_YES_ES = _phrases(
    "si, si si, claro, claro que si, por supuesto, desde luego, confirmo, confirmado, "
    "confirma, confirmar, hazlo, adelante, dale, vale, ok, okay, de acuerdo, seguro, estoy "
    "seguro, estoy segura, quiero, si quiero, correcto, exacto, eso, eso es, puedes, "
    "afirmativo, esta bien"
)
_YES = {
    Language.PT_BR: _YES_PT,
    Language.PT: _YES_PT,
    Language.EN: _YES_EN,
    Language.ES: _YES_ES,
}

_NO = _phrases(
    # Portuguese
    "nao, nao nao, nao pode, nao quero, nao precisa, nao faz, nao faca, nao faz isso, nao "
    "faca isso, nao obrigado, nao obrigada, agora nao, ainda nao, melhor nao, claro que nao, "
    "com certeza nao, isso nao, acho que nao, nem pensar, de jeito nenhum, negativo, nunca, "
    "jamais, cancela, cancelar, cancele, pode cancelar, cancela isso, cancelado, deixa, deixa "
    "pra la, deixa para la, deixa isso, deixa quieto, deixa assim, deixa como esta, deixe, "
    "deixe pra la, pode deixar, esquece, esqueca, esquece isso, para, pare, para com isso, "
    "desiste, desisto, mudei de ideia, "
    # English
    "no, no no, nope, nah, no thanks, no thank you, not now, don t, do not, don t do it, do "
    "not do it, cancel, cancel that, cancel it, never mind, nevermind, forget it, forget "
    "that, stop, leave it, of course not, absolutely not, no way, negative, i don t, i "
    "changed my mind, better not, "
    # Spanish
    "no gracias, ahora no, mejor no, claro que no, cancela eso, olvidalo, dejalo, deja, "
    "dejalo asi, ni hablar, de ninguna manera, negativo, no lo hagas, no quiero, para nada, "
    "no hace falta"
)
_POLITE = _phrases(
    "por favor, por gentileza, faz favor, se faz favor, obrigado, obrigada, jonh, john, "
    "please, thanks, thank you, then, gracias, entao, ah, oh, eh, bom, bem, well, pues, uh, "
    "um"
)
_LONGEST = 5
"""Words of the longest phrases."""

_JOINING = STOP_WORDS | frozenset(words("ele ela isso eles elas it that them lo la eso"))
"""Words that bring nothing new after a yes: "sim, pode abrir ele"."""

_BEFORE_PIN = frozenset(
    words("""
        o a meu minha pin e eh codigo senha numero aqui vai the my code is it s here password
        number el la mi es clave contrasena sim yes si claro ok okay
    """)
)
_AFTER_PIN = frozenset(words("por favor please jonh obrigado obrigada thanks gracias"))
