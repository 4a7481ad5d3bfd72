"""A language model of a fixed speed: its first token after 300 ms, then twenty words a second."""

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, override

from tests.fakes.scripted_model import ScriptedModel, Step, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST_TOKEN_S = 0.3
WORD_S = 0.05

# The starter voice says it in some ten seconds. No two answers begin alike: what the voice has
# said before it says at once.
LONG_ANSWER = (
    "O ventilador do quarto está em {number} por cento, a persiana do escritório está aberta "
    "e o portão da garagem está fechado. "
    "A televisão está desligada, o ar-condicionado está em vinte e dois graus e a porta da frente "
    "está trancada. "
    "A temperatura da varanda é de dezoito graus."
)


@dataclass(slots=True)
class Talker(ScriptedModel):
    """Answers every question with much the same text, at its speed."""

    asked_s: list[float] = field(default_factory=list)
    """`time.perf_counter` of each question."""
    questions: list[str] = field(default_factory=list)

    @override
    def answer(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> list[Step]:
        """Note the question and return the words with the pauses between them."""
        self.asked_s.append(time.perf_counter())
        asked = [str(each["content"]) for each in messages if each["role"] == "user"]
        self.questions.append(fold(asked[-1]) if asked else "")
        return paced(LONG_ANSWER.format(number=1 + len(self.questions) % 99))


def paced(text: str) -> list[Step]:
    """Return the steps of a text that is written word by word."""
    steps: list[Step] = [{"sleep_s": FIRST_TOKEN_S}]
    for word in re.findall(r"\s*\S+", text):
        steps += [{"content": word}, {"sleep_s": WORD_S}]
    return steps[:-1]
