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
REQUEST = re.compile(r"^(?:PEDIDO|REQUEST):", re.MULTILINE)
AREA_LINE = re.compile(r"^(?P<area>[^:;\n]+): (?P<kinds>[a-z_]+ .+)$", re.MULTILINE)
DOMAINS = re.compile(
    r"alarm_control_panel|binary_sensor|button|climate|cover|fan|humidifier|input_boolean|light|lock"
    r"|media_player|scene|script|sensor|siren|switch|todo|vacuum|valve|water_heater"
)
FAILED = re.compile(r'"error"|MatchFailed|não (foi|encontr)|not (found|done)', re.IGNORECASE)
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
        last = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
        # Behind the context, where there is one.
        asked = REQUEST.split(last, maxsplit=1)[-1].strip()
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
        action = "off" if OFF.search(folded) else "on" if ON.search(folded) else ""
        intent = {"off": "HassTurnOff", "on": "HassTurnOn"}.get(action)
        known = "\n".join(str(m["content"]) for m in messages if m["role"] in ("system", "user"))
        if action and "home_control" in tools:
            name, area = self._device(asked, known)
            arguments = {"action": action, "names": [name]} | ({"area": area} if area else {})
            return [{"tool_calls": [{"name": "home_control", "arguments": arguments}]}]
        tool = next((name for name in tools if intent and name.endswith(intent)), None)
        if tool is None:
            return [{"content": piece} for piece in _pieces(_small_talk(asked))]
        arguments = {"name": self._device(asked, known)[0]}
        return [{"tool_calls": [{"name": tool, "arguments": arguments}]}]

    def _device(self, asked: str, known: str) -> tuple[str, str]:
        """Name from the table, else the longest one of the prompt's home that was said.

        With it comes the area that was said, where devices of several areas share the name.
        """
        folded = fold(asked)
        for words, name in self.names.items():
            if words in folded:
                return name, ""
        listed = [*_listed_names(known), *_mapped_names(known)]
        said = [(name, areas) for name, areas in listed if name and fold(name) in folded]
        if not said:
            words = " ".join(NOT_NAME.sub(" ", asked.lower()).split())
            return re.sub(r"^(a|o|as|os)\s+", "", words), ""
        name = max((name for name, _ in said), key=len)
        places = {areas[0]: areas for each, areas in said if each == name and areas}
        here = [
            place for place, areas in places.items() if any(fold(area) in folded for area in areas)
        ]
        return name, here[0] if here and len(places) > 1 else ""


def _listed_names(known: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read Home Assistant's own list: `- names: Luz da Sala, Lustre`."""
    lines: list[str] = re.findall(r"names?:\s*(.+)", known)
    return [(name.strip(" '\""), ()) for line in lines for name in line.split(",")]


def _mapped_names(known: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read the map and the states: `Sala de Estar=Sala (Térreo): light Luz=Lustre, Abajur`."""
    named = []
    for match in AREA_LINE.finditer(known):
        areas = tuple(re.sub(r"\s*\([^)]*\)$", "", match["area"]).split("="))
        for kind in match["kinds"].split("; "):
            domain, _, names = kind.partition(" ")
            if DOMAINS.fullmatch(domain):
                # A state stands behind " = ", an alias behind "=".
                shown = names.partition(" = ")[0].split(", ")
                named += [(name, areas) for each in shown for name in each.split("=")]
    return named


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
    failed = bool(FAILED.search(content))
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
