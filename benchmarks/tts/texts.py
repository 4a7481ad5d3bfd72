"""What servers are given to say: sentences of a house, of a wanted length, no two alike.

A server may keep the sound of what it has said. So each text is made of clauses and words of
answer that no earlier text of the same maker had, as long as there are any; always the same texts,
in the same order.
"""

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SEED = 7

_ANSWERS = (
    *("Sim", "Não", "Já", "Tá", "Bom", "Bem", "Dez", "Vou", "Sei", "Oi", "Um", "Lá", "Aí", "Fim"),
    *("Ok", "Pois", "Dois", "Três", "Seis", "Sete", "Oito", "Nove", "Onze", "Doze"),
)
_THINGS = (
    *("a luz da varanda", "a porta da garagem", "a janela do quarto", "a cortina da sala"),
    *("o portão da frente", "o ventilador do escritório", "a bomba da piscina", "o forno"),
    *("a televisão da cozinha", "o aquecedor do banheiro", "a lâmpada do corredor", "o alarme"),
    *("o sensor do jardim", "a máquina de lavar", "a tomada da bancada", "o ar do quarto"),
)
_STATES = (
    *("ficou do mesmo jeito", "parou de responder", "voltou a funcionar", "precisa de atenção"),
    *("não mudou nada", "continua como estava", "está fora do ar", "pediu uma pilha nova"),
    *(
        "perdeu a conexão",
        "gastou mais que o normal",
        "está funcionando bem",
        "mudou por conta própria",
    ),
)
_TIMES = (
    *("desde as nove horas", "durante a noite", "há meia hora", "desde ontem cedo", "hoje"),
    *("depois do almoço", "antes do amanhecer", "na semana passada", "agora há pouco"),
    *("desde que você saiu", "por duas horas seguidas", "logo depois da chuva", "às sete da manhã"),
)
_HOWS = ("", "", " de novo", " sem motivo", " aos poucos", " outra vez", " por engano", " à toa")
_DEEDS = ("desligue", "veja", "reinicie", "mude", "teste", "abra", "feche", "ligue", "confira")
_LATER = (
    *("mais tarde", "só amanhã", "daqui a pouco", "no fim do dia", "quando você voltar", "já"),
    *("depois do jantar", "na hora de dormir", "de madrugada", "no domingo", "ainda hoje"),
)
# Texts of a kind differ in length by so many characters.
_SLACK = 1
# Of some lengths there are a few dozen sentences only; so many tries without a new one tell.
_TRIES = 20_000


class Texts:
    """Makes texts that were not made before."""

    def __init__(self, seed: int = _SEED) -> None:
        self._generator = random.Random(seed)
        self._made: set[str] = set()
        self._answers = list(_ANSWERS)

    def short(self) -> str:
        """Return a sentence of 25 characters without a comma."""
        return self._fresh(24, lambda: f"{_upper(self._pick(_DEEDS))} {self._pick(_THINGS)}") + "."

    def one_comma(self) -> str:
        """Return a sentence of 95 characters with a comma after some 45."""
        return f"{_upper(self._clause(45))}, e {self._clause(46)}."

    def after_a_word(self) -> str:
        """Return 103 characters: a word of answer, a sentence and a question."""
        begun = f"{self._answers.pop(0)}. {_upper(self._clause(49))}."

        def question() -> str:
            later = self._pick(_LATER)
            return f"Quer que eu {self._pick(_DEEDS)} {self._pick(_THINGS)} {later}?"

        return f"{begun} {self._fresh(102 - len(begun), question)}"

    def long(self) -> str:
        """Return 312 characters in three sentences, 27 s of speech."""
        return " ".join(f"{_upper(self._clause(48))}, e {self._clause(50)}." for _ in range(3))

    def endless(self, chars: int) -> str:
        """Return so many characters of words without a stop."""
        text = ""
        while len(text) < chars:
            text += f"{self._pick(_THINGS)} {self._pick(_STATES)} {self._pick(_TIMES)} "
        return text[:chars].strip()

    def _clause(self, chars: int) -> str:
        def clause() -> str:
            state = f"{self._pick(_STATES)}{self._pick(_HOWS)}"
            return f"{self._pick(_THINGS)} {state} {self._pick(_TIMES)}"

        return self._fresh(chars, clause)

    def _pick(self, choices: tuple[str, ...]) -> str:
        return self._generator.choice(choices)

    def _fresh(self, chars: int, make: Callable[[], str]) -> str:
        """Make until one has about the length and is new; when all were made, begin anew."""
        for _ in range(_TRIES):
            if abs(len(text := make()) - chars) <= _SLACK and text not in self._made:
                self._made.add(text)
                return text
        if not self._made:
            raise ValueError(f"no sentence has {chars} characters")
        self._made.clear()
        return self._fresh(chars, make)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
