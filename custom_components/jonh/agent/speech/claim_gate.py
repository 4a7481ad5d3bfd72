"""Keeps a model from saying that something was done before anything was done."""

import re
from typing import TYPE_CHECKING

from .claims import claims_done

if TYPE_CHECKING:
    from custom_components.jonh.agent.languages import Language

HELD_MAX_CHARS = 60
"""Home Assistant hands text to the voice after 60 characters, so holding them costs no time."""
CLAUSE_MIN_CHARS = 20
"""In a call the voice speaks clause by clause, and such a beginning is more than "Claro,"."""

_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")
_CLAUSE_END = re.compile(r"[,;:.!?…—–]+\s+")


class ClaimGate:
    """Holds the beginning of an answer until it is clear that it claims nothing false.

    Feed it the text of a round in which no tool has acted. What it returns can be spoken. When
    `is_claim` turns True, the answer claims a deed, and nothing more comes out.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._passed = ""
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
        if len(self._passed) + len(self._held) >= HELD_MAX_CHARS:
            self._is_open = True
            return self._pass(len(self._held))
        end = self._last(_CLAUSE_END)
        if len(self._passed) + end >= CLAUSE_MIN_CHARS:
            return self._pass(end)
        self._check(self._last(_SENTENCE_END))
        return ""

    def finish(self) -> str:
        """Return the rest; the answer has ended."""
        return "" if self._is_open or self.is_claim else self._pass(len(self._held))

    def _pass(self, end: int) -> str:
        """Let through what is held up to there, unless it claims something."""
        self._check(end)
        if self.is_claim:
            return ""
        passed, self._held = self._held[:end], self._held[end:]
        self._passed += passed
        return passed

    def _last(self, mark: re.Pattern[str]) -> int:
        """Return where the last of these marks ends in what is held, 0 for none."""
        return max((match.end() for match in mark.finditer(self._held)), default=0)

    def _check(self, end: int) -> None:
        text = self._passed + self._held[:end]
        if text.strip() and claims_done(text, self._language):
            self.is_claim = True
            self.claim = self._passed + self._held
