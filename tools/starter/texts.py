"""Sentence corpora: Home Assistant's grammar, replies and interface texts, and own templates."""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import home_assistant_intents
from hassil.expression import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sequence,
    TextChunk,
)
from hassil.intents import IntentData, Intents, RangeSlotList, TextSlotList
from jinja2 import Environment, TemplateError
from tools.starter.lexicon import Lexicon
from tools.starter.spelling import spell_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRAMMAR_DIR = Path(home_assistant_intents.__file__).parent / "data"
HELD_OUT_SHARE = 0.04
"""Share of the composed sentences that no training audio ever contains."""
CORPUS_SECONDS = 90
"""Sampling of a corpus stops here even when the grammar holds fewer sentences than asked for."""
CORPUS_WEIGHTS = {
    "intents-pt-BR": 0.16,
    "intents-pt": 0.02,
    "intents-en": 0.13,
    "templates-pt": 0.26,
    "templates-en": 0.19,
    "phrases-pt": 0.07,
    "phrases-en": 0.05,
    "replies-pt": 0.02,
    "replies-en": 0.02,
    "interface-pt": 0.04,
    "interface-en": 0.04,
}
"""Share of each corpus in the training audio."""
_QUESTION = {
    "pt": re.compile(
        r"^(que|qual|quais|quant|como|onde|quando|cadê|há|tem|existe|está|estão|tá|quem|por que"
        r"|o que|a que|você pode|posso)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"^(what|which|how|where|when|is|are|who|whose|why|can|could|do|does|will|any|was)\b",
        re.IGNORECASE,
    ),
}
_SYMBOLS = {
    "pt": {"%": " por cento", "°": " graus", "1/2": "meia"},
    "en": {"%": " percent", "°": " degrees", "1/2": "half"},
}
_INTERFACE_MARKUP = re.compile(r'[{}\[\]<>/_*`#@=:;()"“”&|+~\d\\]')
_INTERFACE_LETTERS = re.compile(r"[A-Za-zÀ-ú' ,.?!-]+")
_REPLY_DOMAINS = ("light", "fan", "switch", "cover", "climate", "media_player", "lock", "vacuum")


def language_of(corpus: str) -> str:
    """Tell the language, "pt" or "en", of a corpus name such as "intents-pt-BR"."""
    return "pt" if "-pt" in corpus else "en"


def is_home_command(corpus: str) -> bool:
    """Whether the corpus speaks about the home, rather than being open text."""
    return not corpus.startswith("interface")


class GrammarSampler:
    """Random sentences of Home Assistant's intent grammar; enumerating them all never ends."""

    def __init__(self, grammar: str, rng: random.Random) -> None:
        """`grammar` is a language of home-assistant-intents, such as "pt-BR"."""
        self.language = grammar[:2]
        self._rng = rng
        self._open_lists = Lexicon.load(self.language).grammar_lists()
        content = json.loads((GRAMMAR_DIR / f"{grammar}.json").read_text(encoding="utf-8"))
        self._intents = Intents.from_dict(content)

    def sentence(self) -> str:
        """One tidy sentence of at most 14 words."""
        while True:
            intent = self._rng.choice(list(self._intents.intents.values()))
            data = self._rng.choice(intent.data)
            if not data.sentences:
                continue
            try:
                text = self._expand(self._rng.choice(list(data.sentences)).expression, data)
            except (KeyError, ValueError):
                continue  # a rule or list that only a running Home Assistant defines
            text = tidy(text, self.language)
            if 1 <= len(text.split()) <= 14:
                return text

    def _expand(self, expression: Expression, data: IntentData) -> str:
        match expression:
            case TextChunk():
                return expression.original_text
            case Alternative():
                return self._expand(self._rng.choice(expression.items), data)
            case Permutation():
                items = self._rng.sample(expression.items, len(expression.items))
                return " ".join(self._expand(item, data) for item in items)
            case Sequence():
                return "".join(self._expand(item, data) for item in expression.items)
            case RuleReference():
                rules = {**self._intents.expansion_rules, **(data.expansion_rules or {})}
                return self._expand(rules[expression.rule_name].expression, data)
            case ListReference():
                return self._expand_list(expression.list_name, data)
        raise ValueError(f"unknown expression {type(expression).__name__}")

    def _expand_list(self, name: str, data: IntentData) -> str:
        if name in self._open_lists:
            return self._rng.choice(self._open_lists[name])
        values = self._intents.slot_lists[name]
        if isinstance(values, TextSlotList):
            return self._expand(self._rng.choice(values.values).text_in, data)
        if isinstance(values, RangeSlotList):
            return spell_number(self._number(values), self.language)
        return self._rng.choice(self._open_lists["message"])

    def _number(self, values: RangeSlotList) -> int:
        usual = [
            n
            for n in (2, 3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)
            if values.start <= n <= values.stop
        ]
        if usual and self._rng.random() < 0.5:
            return self._rng.choice(usual)
        return self._rng.randrange(values.start, values.stop + 1, values.step)


def tidy(text: str, language: str) -> str:
    """Only words, single spaces, hyphens and inner punctuation; numbers in words."""
    for symbol, words in _SYMBOLS[language].items():
        text = text.replace(symbol, words)
    text = re.sub(r"[^\w\s'’?.,!-]|_", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" .,!?")
    text = re.sub(
        r"\d+", lambda m: spell_number(int(m[0]), language) if int(m[0]) < 10000 else "", text
    )
    return re.sub(r"\s+", " ", text).strip()


def punctuate(text: str, language: str) -> str:
    """Upper-case first letter and a final full stop or question mark."""
    return text[0].upper() + text[1:] + ("?" if _QUESTION[language].match(text) else ".")


def replies(language: str, rng: random.Random) -> set[str]:
    """Render Home Assistant's own answers: its response templates with random homes in them."""
    grammar = "pt-BR" if language == "pt" else "en"
    content = json.loads((GRAMMAR_DIR / f"{grammar}.json").read_text(encoding="utf-8"))
    environment = Environment(autoescape=False)  # noqa: S701 (speech, never a web page)
    lexicon = Lexicon.load(language).grammar_lists()
    found: set[str] = set()
    for template in _strings(content["responses"]):
        for _ in range(30):
            try:
                text = environment.from_string(template).render(_reply_context(lexicon, rng))
            except (TemplateError, TypeError, ValueError, KeyError):
                break  # needs live states
            text = tidy(text, language)
            if text and "None" not in text and len(text.split()) <= 14:
                found.add(text)
    return found


def _reply_context(lexicon: dict[str, list[str]], rng: random.Random) -> dict[str, Any]:
    words = {key: rng.choice(values) for key, values in lexicon.items()}
    domain = rng.choice(_REPLY_DOMAINS)
    matched = [{"name": name} for name in rng.sample(lexicon["name"], rng.randint(0, 3))]
    return {
        **words,
        "slots": words | {"brightness": rng.randint(1, 100), "temperature": rng.randint(10, 30)},
        "domain": domain,
        "state": {"domain": domain, "name": words["name"]},
        "query": {"matched": matched, "unmatched": matched},
    }


def interface_texts(language: str, homeassistant_dir: Path) -> set[str]:
    """Short plain sentences from the translations of Home Assistant's user interface."""
    folder = "pt-BR" if language == "pt" else "en"
    found: set[str] = set()
    for path in sorted(homeassistant_dir.glob(f"components/*/translations/{folder}.json")):
        for text in _strings(json.loads(path.read_text(encoding="utf-8"))):
            for sentence in re.split(r"(?<=[.!?])\s+|\n", text):
                if _is_plain(sentence.strip()):
                    found.add(re.sub(r"[,!.]+(?= )", "", sentence.strip(" .!,")))
    return found


def _is_plain(sentence: str) -> bool:
    if _INTERFACE_MARKUP.search(sentence) or not _INTERFACE_LETTERS.fullmatch(sentence):
        return False
    words = sentence.split()
    has_inner_capital = any(c.isupper() for c in words[0][1:] + "".join(words[1:]))
    return 2 <= len(words) <= 11 and max(map(len, words)) <= 16 and not has_inner_capital


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def build_corpora(homeassistant_dir: Path | None, scale: float = 1.0) -> dict[str, list[str]]:
    """All corpora, each sorted; `scale` shrinks them for a trial run.

    Without `homeassistant_dir` there are no interface texts.
    """
    corpora: dict[str, list[str]] = {}
    for grammar, count in (("pt-BR", 26000), ("pt", 5000), ("en", 26000)):
        sampler = GrammarSampler(grammar, random.Random(1))
        corpora[f"intents-{grammar}"] = _collect(sampler.sentence, int(count * scale))
    for language in ("pt", "en"):
        rng = random.Random(5)
        lexicon = Lexicon.load(language)

        def template_sentence(lexicon: Lexicon = lexicon, rng: random.Random = rng) -> str:
            return tidy(lexicon.sentence(rng), lexicon.language)

        corpora[f"templates-{language}"] = _collect(template_sentence, int(16000 * scale))
        corpora[f"phrases-{language}"] = [tidy(p, language) for p in lexicon.lists["phrases"]]
        corpora[f"replies-{language}"] = sorted(replies(language, rng))
        if homeassistant_dir is not None:
            corpora[f"interface-{language}"] = sorted(interface_texts(language, homeassistant_dir))
    return {
        name: sorted({punctuate(text, language_of(name)) for text in texts})
        for name, texts in corpora.items()
    }


def save_corpora(corpora: dict[str, list[str]], path: Path) -> None:
    """Write what `load_split` reads."""
    path.write_text(json.dumps(corpora, ensure_ascii=False, indent=0), encoding="utf-8")


def _collect(sample: Callable[[], str], count: int) -> list[str]:
    found: set[str] = set()
    deadline = time.monotonic() + CORPUS_SECONDS
    while len(found) < count and time.monotonic() < deadline:
        found.add(sample())
    return sorted(found)


def is_held_out(sentence: str) -> bool:
    """Whether the sentence belongs to the test set, by its hash, so equally in every corpus."""
    digest = hashlib.sha256(sentence.lower().encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_OUT_SHARE


def load_split(path: Path, *, held_out: bool) -> dict[str, list[str]]:
    """Read one side of the split; fixed phrases and replies are for training only."""
    corpora: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    fixed = {
        text
        for name, texts in corpora.items()
        if name.startswith(("phrases", "replies"))
        for text in texts
    }
    split = {
        name: [t for t in texts if (is_held_out(t) and t not in fixed) == held_out]
        for name, texts in corpora.items()
    }
    return {name: texts for name, texts in split.items() if texts}
