"""Counting the tokens of a request, exactly where the tokenizer is there."""

import base64
import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Tokenizer(Protocol):
    """Cuts a text into tokens; equal tokens are equal numbers."""

    name: str

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text."""


class Llama3:
    """The tokenizer of Llama 3, from the vocabulary in the package `llama-models`.

    Raises ImportError where that package or `tiktoken` is not installed.
    """

    def __init__(self) -> None:
        # Only `scripts/bench` installs it.
        import tiktoken  # type: ignore[import-not-found]

        spec = importlib.util.find_spec("llama_models")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("llama-models is not installed")
        folder = Path(spec.submodule_search_locations[0]) / "llama3"
        # The package itself needs PyTorch; its pattern is read from the source instead.
        pattern = re.search(r'pat_str = r"(.+?)"', (folder / "tokenizer.py").read_text("utf-8"))
        if pattern is None:
            raise ImportError("llama-models has another form")
        lines = (folder / "tokenizer.model").read_text("utf-8").splitlines()
        ranks = {base64.b64decode(word): int(rank) for word, rank in map(str.split, lines)}
        self._encoding = tiktoken.Encoding(
            "llama3", pat_str=pattern[1], mergeable_ranks=ranks, special_tokens={}
        )
        self.name = "Llama 3 BPE"

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        tokens: list[int] = self._encoding.encode(text, disallowed_special=())
        return tokens


class Estimate:
    """Pieces of at most four characters, for comparisons where no tokenizer is installed."""

    name = "estimate"

    def encode(self, text: str) -> list[int]:
        """Return a number for each piece."""
        return [hash(piece) for piece in re.findall(r"\s?\w{1,4}|\s?[^\w\s]{1,4}|\s+", text)]


def tokenizer() -> Tokenizer:
    """Return the exact tokenizer, or the estimate where it is not installed."""
    try:
        return Llama3()
    except ImportError:
        return Estimate()


def stable_part(body: Mapping[str, Any]) -> str:
    """Return what a model reads before any conversation: system message and tools."""
    system = [message["content"] for message in body["messages"] if message["role"] == "system"]
    return "\n".join([*system, *map(_compact, body.get("tools") or ())])


def rendered(body: Mapping[str, Any]) -> str:
    """Return the text of a request in the order in which chat templates put it."""
    said = (message for message in body["messages"] if message["role"] != "system")
    return "\n".join([stable_part(body), *map(_message, said)])


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two requests share at their beginning."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def uncached(tokens: Tokenizer, before: Mapping[str, Any], now: Mapping[str, Any]) -> int:
    """Return how many tokens of a request a model has to read that it did not just read."""
    first, second = tokens.encode(rendered(before)), tokens.encode(rendered(now))
    return len(second) - common_prefix(first, second)


def _message(message: Mapping[str, Any]) -> str:
    calls: Iterable[Any] = message.get("tool_calls") or ()
    made = "".join(_compact(call["function"]) for call in calls)
    return f"{message['role']}: {message.get('content') or ''}{made}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
