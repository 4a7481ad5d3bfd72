"""Keeps a model from saying that something was done before anything was done."""

import re
from typing import TYPE_CHECKING

from .claims import claims_done

if TYPE_CHECKING:
    from custom_components.jonh.agent.languages import Language

HELD_MAX_CHARS = 60
"""Home Assistant hands text to the voice after 60 characters, so holding them costs no time."""

_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")


class ClaimGate:
    """Holds the beginning of an answer until it is clear that it claims nothing false.

    Feed it the text of a round in which no tool has acted. What it returns can be spoken. When
    `is_claim` turns True, the answer claims a deed, and nothing more comes out.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._held = ""
        self._is_open = False
        self.is_claim = False
        self.claim = ""
        """What was claimed, for the model to read again."""

    def feed(self, text: str) -> str:
        """Take text and return what can be spoken by now."""
        if self.is_claim:
            self.claim += text
            return ""
        if self._is_open:
            return text
        self._held += text
        is_full = len(self._held) >= HELD_MAX_CHARS
        self._check(self._held if is_full else self._sentences())
        return self._release() if is_full and not self.is_claim else ""

    def finish(self) -> str:
        """Return the rest; the answer has ended."""
        if self._is_open or self.is_claim:
            return ""
        self._check(self._held)
        return "" if self.is_claim else self._release()

    def _sentences(self) -> str:
        """Return the complete sentences that are held."""
        ends = [match.end() for match in _SENTENCE_END.finditer(self._held)]
        return self._held[: ends[-1]] if ends else ""

    def _check(self, text: str) -> None:
        if text.strip() and claims_done(text, self._language):
            self.is_claim = True
            self.claim = self._held

    def _release(self) -> str:
        self._is_open = True
        held, self._held = self._held, ""
        return held
