"""What the stand-ins for model services answer: scripted steps, or a small rule for lights.

A step is one JSON object:
  {"content": TEXT}  {"thinking": TEXT}  {"tool_calls": [{"name": N, "arguments": {}}]}
  {"sleep_s": S}     {"stall": true}     wait, or fall silent for good
  {"error": TEXT}    {"cut": true}       fail in the middle: an error event, or a reset connection
  {"end": true}      {"raw": TEXT}       end without the last event; bytes as they stand
  {"length": true}                       end because the answer reached its limit
  {"status": 429, ...}                   refuse at once; only as the first step
"""

import re
import unicodedata
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

type Step = dict[str, Any]

PT_WORDS = re.compile(r"\b(a|as|o|os|da|do|de|na|no|que|qual|acend\w*|apag\w*|lig\w*|deslig\w*)\b")
EN_WORDS = re.compile(r"\b(the|turn|switch|on|off|is|what|which|please|in|my)\b")
OFF = re.compile(r"\b(apag\w*|deslig\w*|turn off|switch off|turn .* off|switch .* off)\b")
ON = re.compile(r"\b(acend\w*|ligu?(a|e|ar)\b|turn on|switch on|turn .* on\b|switch .* on\b)")
NOT_NAME = re.compile(
    r"\b(acend\w*|apag\w*|deslig\w*|ligu?(a|e|ar)|turn|switch|on|off|please|por favor|the)\b|[.!?,]"
)


@dataclass(slots=True)
class ScriptedModel:
    """Answers from a queue of scripts; when it is empty, by matching rules, then like a home's."""

    scripts: deque[list[Step]] = field(default_factory=deque)
    rules: list[tuple[re.Pattern[str], list[Step]]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Words of a request (lower case, no accents) and the name of the device they mean."""

    @classmethod
    def from_json(cls, script: Mapping[str, Any]) -> Self:
        """Read `{"names": {...}, "answers": [{"match": REGEX, "steps": [...]}]}`."""
        answers = script.get("answers", [])
        return cls(
            rules=[(re.compile(a["match"], re.IGNORECASE), a["steps"]) for a in answers],
            names=dict(script.get("names", {})),
        )

    def answer(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> list[Step]:
        """Choose the steps for a request, given its messages and the names of its tools."""
        if self.scripts:
            return self.scripts.popleft()
        asked = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
        if messages and messages[-1]["role"] == "tool":
            return [{"content": piece} for piece in _pieces(_report(asked, messages[-1]))]
        for pattern, steps in self.rules:
            if pattern.search(asked):
                return steps
        return self._home_answer(asked, messages, tools)

    def _home_answer(
        self, asked: str, messages: Sequence[Mapping[str, Any]], tools: Sequence[str]
    ) -> list[Step]:
        folded = fold(asked)
        intent = "HassTurnOff" if OFF.search(folded) else "HassTurnOn" if ON.search(folded) else ""
        tool = next((name for name in tools if intent and name.endswith(intent)), None)
        if tool is None:
            return [{"content": piece} for piece in _pieces(_small_talk(asked))]
        system = "\n".join(str(m["content"]) for m in messages if m["role"] == "system")
        arguments = {"name": self._device(asked, system)}
        return [{"tool_calls": [{"name": tool, "arguments": arguments}]}]

    def _device(self, asked: str, system: str) -> str:
        """Name from the table, else the longest name of the prompt's home that was said."""
        folded = fold(asked)
        for words, name in self.names.items():
            if words in folded:
                return name
        listed: list[str] = re.findall(r"names?:\s*(.+)", system)
        names = [name.strip(" '\"") for line in listed for name in line.split(",")]
        said: list[str] = [name for name in names if name and fold(name) in folded]
        if said:
            return max(said, key=len)
        return re.sub(r"^(a|o|as|os)\s+", "", " ".join(NOT_NAME.sub(" ", asked.lower()).split()))


def fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _is_portuguese(text: str) -> bool:
    folded = fold(text)
    return len(PT_WORDS.findall(folded)) >= len(EN_WORDS.findall(folded))


def _report(asked: str, result: Mapping[str, Any]) -> str:
    """Say what came out of a tool, in the language of the request."""
    content = str(result["content"])
    failed = '"error"' in content or "MatchFailed" in content
    is_off = bool(OFF.search(fold(asked)))
    if _is_portuguese(asked):
        if failed:
            return "Não encontrei esse dispositivo."
        return "Pronto, a luz está apagada." if is_off else "Pronto, a luz está acesa."
    if failed:
        return "I could not find that device."
    return "Done, the light is off." if is_off else "Done, the light is on."


def _small_talk(asked: str) -> str:
    if _is_portuguese(asked):
        return "Sou um modelo de demonstração e só sei acender e apagar luzes."
    return "I am a demonstration model and only know how to turn lights on and off."


def _pieces(text: str) -> list[str]:
    """Split like tokens: each word with the space before it."""
    return re.findall(r"\s*\S+", text)
