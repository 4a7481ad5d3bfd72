"""Word lists and sentence templates of one language, and how a template becomes a sentence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.starter.spelling import spell_number

if TYPE_CHECKING:
    import random

LEXICON_DIR = Path(__file__).parent / "lexicon"
DEMO_SHARE = 0.45
"""How often a slot takes a room or device of the demo house: those are what people try first."""
ADDRESS_SHARE = 0.05
"""How often a sentence starts by calling the assistant."""
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_CONTRACTIONS = {
    "of": {"a": "da", "o": "do", "as": "das", "os": "dos"},
    "in": {"a": "na", "o": "no"},
}


@dataclass(frozen=True)
class Lexicon:
    """What can be said about a home in one language; Portuguese nouns carry their article."""

    language: str
    """"pt" or "en"."""
    lists: dict[str, list[str]]

    @classmethod
    def load(cls, language: str) -> Lexicon:
        """Read `lexicon/<language>.json`."""
        text = (LEXICON_DIR / f"{language}.json").read_text(encoding="utf-8")
        return cls(language, json.loads(text))

    def bare(self, noun: str) -> str:
        """Take the article off a noun."""
        return noun.split(" ", 1)[1] if self.language == "pt" else noun

    def grammar_lists(self) -> dict[str, list[str]]:
        """Values for the open slots of Home Assistant's grammar, which brings its own articles."""
        names = [self.bare(name) for name in self.lists["names"] + self.lists["demo_names"]]
        areas = [self.bare(area) for area in self.lists["areas"] + self.lists["demo_areas"]]
        return {
            "area": areas,
            "name": names,
            "entity": names,
            "floor": self.lists["floors"],
            "message": self.lists["messages"],
            "response": self.lists["messages"],
            "search_query": self.lists["searches"],
            "zone": self.lists["zones"],
            "timer_name": self.lists["timer_names"],
            "timer_command": self.lists["commands"],
            "shopping_list_item": self.lists["items"],
            "todo_list_item": self.lists["items"],
            "item": self.lists["items"],
        }

    def sentence(self, rng: random.Random) -> str:
        """Make a random command, question or reply, in lower case and without punctuation."""
        text = rng.choice(self.lists["templates"])
        while found := _ALTERNATIVES.search(text):
            choice = rng.choice(found[1].split("|"))
            text = text[: found.start()] + choice + text[found.end() :]
        text = _SLOT.sub(lambda match: self._fill(match[1], rng), text)
        if rng.random() < ADDRESS_SHARE:
            text = f"{rng.choice(self.lists['address'])} {text}"
        return " ".join(text.split())

    def _noun(self, kind: str, rng: random.Random) -> str:
        source = f"demo_{kind}" if rng.random() < DEMO_SHARE else kind
        return rng.choice(self.lists[source])

    def _fill(self, slot: str, rng: random.Random) -> str:
        if slot in ("number", "degrees", "hour", "day", "digit"):
            return spell_number(_random_number(slot, self.language, rng), self.language)
        if slot in ("turn_on", "turn_off"):
            return rng.choice(self.lists[slot])
        form, _, kind = slot.rpartition("_")
        if kind in ("name", "area"):
            return self._inflect(form, self._noun(f"{kind}s", rng))
        return rng.choice(self.lists[f"{kind}es" if kind == "search" else f"{kind}s"])

    def _inflect(self, form: str, noun: str) -> str:
        if form == "bare":
            return self.bare(noun)
        if form in _CONTRACTIONS:
            article, rest = noun.split(" ", 1)
            return f"{_CONTRACTIONS[form][article]} {rest}"
        return noun


def _random_number(slot: str, language: str, rng: random.Random) -> int:
    if slot == "degrees":
        return rng.randint(14, 34) if language == "pt" else rng.randint(14, 80)
    if slot in ("hour", "digit"):
        return rng.randint(1, 12 if slot == "hour" else 9)
    if slot == "day":
        return rng.randint(1, 31)
    round_numbers = (5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)
    return rng.choice(round_numbers) if rng.random() < 0.4 else rng.randint(1, 100)
