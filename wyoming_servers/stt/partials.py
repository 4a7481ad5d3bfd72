"""Transcripts while somebody still speaks: words are told once they have stopped changing.

A text is recognised again and again as it grows, and its last words change as it does. Those on
which two recognitions in a row agree seldom change later: LocalAgreement-2 of Macháček, Dabre
and Bojar, "Turning Whisper into Real-Time Transcription System" (2023).
"""

from itertools import takewhile


class Partials:
    """The words of one utterance that were told so far."""

    def __init__(self) -> None:
        self._previous: list[str] = []
        self._told: list[str] = []

    def agree(self, text: str) -> str:
        """Take a text of the utterance so far and return what can be told now, often nothing."""
        words = text.split()
        agreed = _common(self._previous, words)
        self._previous = words
        if len(agreed) <= len(self._told) or not _same(agreed, self._told):
            return ""
        return self._tell(agreed)

    def rest(self, text: str) -> str:
        """Return what is missing of the whole text; nothing when other words were told before."""
        words = text.split()
        return self._tell(words) if _same(words, self._told) else ""

    def _tell(self, words: list[str]) -> str:
        new = words[len(self._told) :]
        lead = " " if self._told and new else ""
        self._told = words
        return lead + " ".join(new)


def _common(first: list[str], second: list[str]) -> list[str]:
    """Return the beginning of `second` that `first` has too."""
    pairs = takewhile(
        lambda pair: _plain(pair[0]) == _plain(pair[1]), zip(first, second, strict=False)
    )
    return [word for _, word in pairs]


def _same(words: list[str], beginning: list[str]) -> bool:
    return len(_common(beginning, words)) == len(beginning)


def _plain(word: str) -> str:
    """Leave out what punctuation and case add: both change when a sentence goes on."""
    return "".join(char for char in word.casefold() if char.isalnum())
