"""How long the speech filter holds text back, and what is spoken without one."""

import re
from dataclasses import dataclass

from custom_components.jonh.agent.speech.speech_text import SpeechText

ANSWERS = (
    "A luz da sala está acesa e a cortina do quarto está fechada.",
    "Pronto, luz da cozinha acesa. Quer que eu feche a cortina também?",
    "Agora fazem 23,5 graus na sala e 19 graus na varanda, com umidade de 60 %.",
    "Claro! **Luzes acesas**:\n- Sala de estar\n- Cozinha\n- *Varanda*",
    "# Resumo\n\n1. Apaguei a luz\n2. Fechei a cortina\n\nTudo certo! ✅",
    "<think>O usuário quer saber a hora.</think>São dez e meia da manhã.",
    "Veja [a previsão do tempo](https://www.exemplo.com.br/tempo?cidade=1) antes de sair.",
    "| Cômodo | Estado |\n|---|---|\n| Sala | acesa |\n| Quarto | apagada |",
    "Use o `modo noturno` ou a cena _Boa Noite_, que apaga tudo. 😀",
    "A Torre Eiffel tem 330 metros [1] e fica em Paris, segundo https://pt.wikipedia.org.",
    "It is 21.5 °C in the living room, and the front door is **locked**.",
    "Sure, here is the plan:\n\n* lights off\n* doors locked\n\n> Good night!",
)
"""Plain sentences and what small models write although they are told not to."""

MARKUP = re.compile(r"[*#_`|<>\[\]{}~]|https?:|\n|[\U0001F300-\U0001FAFF\u2705\uFE0F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBack:
    """Characters that could be said and are not yet handed on, over all points of all answers."""

    largest: int
    p99: int
    mean: float
    with_markup: int
    """Answers in which something is spoken that nobody should hear."""
    with_markup_unfiltered: int
    """The same for the answers as they were written, which is what core speaks."""
    answers: int


def measure() -> HoldBack:
    """Feed the answers character by character."""
    held = sorted(chars for answer in ANSWERS for chars in _held(answer))
    return HoldBack(
        largest=held[-1],
        p99=held[int(len(held) * 0.99)],
        mean=sum(held) / len(held),
        with_markup=sum(bool(MARKUP.search(_spoken(answer))) for answer in ANSWERS),
        with_markup_unfiltered=sum(bool(MARKUP.search(answer)) for answer in ANSWERS),
        answers=len(ANSWERS),
    )


def _held(answer: str) -> list[int]:
    """Return what was held after each character: what would be said if the answer ended there."""
    speech, said, held = SpeechText(), 0, []
    for end, char in enumerate(answer, start=1):
        said += len(speech.feed(char))
        held.append(max(0, len(_spoken(answer[:end])) - said))
    return held


def _spoken(text: str) -> str:
    speech = SpeechText()
    return speech.feed(text) + speech.finish()
