"""One text that a model gave for a stretch of sound, and whether to believe it."""

from collections.abc import Sequence
from dataclasses import dataclass

from .phantoms import cleaned, is_repetitive

# OpenAI decodes again below -1.0. In quiet every right sentence of the starter model, of 139, was
# above -0.46, and in noise -0.7 left fewer wrong words than -0.5 or -0.8.
_DOUBTFUL_LOGPROB = -0.7
# Each token had less than a third of the probability: a house that acts on that does harm.
_HOPELESS_LOGPROB = -1.2
# OpenAI's threshold, there as here only for texts that are unlikely as well.
_NO_SPEECH_PROBABILITY = 0.6
# What people seldom say alone and models often write for a cough has to be likelier than others.
_SURE_LOGPROB = -0.4
_SURE_NO_SPEECH_PROBABILITY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The text of one decoding."""

    text: str
    logprob: float
    """Mean over the tokens and the end of the text, natural logarithm; 0 is certain."""
    no_speech_probability: float
    is_complete: bool
    """The model found the end of the text before it ran out of tokens."""
    is_echo: bool = False
    """It only lists what the model was told to expect."""

    @property
    def is_doubtful(self) -> bool:
        """Whether another decoding may well give a better text."""
        return self.logprob < _DOUBTFUL_LOGPROB or self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether the model did not find out of the text, as with too little context."""
        return not self.is_complete or self._is_stuck

    @property
    def heard(self) -> str:
        """The text as far as it can be believed: empty when nobody can have said it."""
        return "" if self._is_stuck or self._is_noise else cleaned(self.text, is_sure=self._is_sure)

    @property
    def worth(self) -> tuple[bool, bool, float]:
        """Order of attempts at the same sound, the best one last."""
        return not self._is_stuck, self.is_complete, self.logprob

    @property
    def _is_stuck(self) -> bool:
        return self.is_echo or is_repetitive(self.text)

    @property
    def _is_noise(self) -> bool:
        is_doubtful = self.logprob < _DOUBTFUL_LOGPROB
        is_silent = self.no_speech_probability > _NO_SPEECH_PROBABILITY
        return self.logprob < _HOPELESS_LOGPROB or (is_doubtful and is_silent)

    @property
    def _is_sure(self) -> bool:
        is_silent = self.no_speech_probability > _SURE_NO_SPEECH_PROBABILITY
        return self.logprob >= _SURE_LOGPROB and not is_silent


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """Return the attempt to believe most; the earlier of equal ones."""
    return max(attempts, key=lambda each: each.worth)
