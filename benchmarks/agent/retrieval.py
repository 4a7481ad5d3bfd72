"""How often all entities that a sentence is about are among the first k.

.venv-harness/bin/python -m benchmarks.agent.retrieval
"""

import random
from collections import Counter, defaultdict
from heapq import nlargest
from math import log
from time import thread_time
from typing import TYPE_CHECKING, Any

from benchmarks.agent.homes import make_home
from benchmarks.agent.requests import with_noise
from benchmarks.agent.utterances import utterances
from custom_components.jonh.agent.names.retrieve import Retriever
from custom_components.jonh.agent.words import words

if TYPE_CHECKING:
    from custom_components.jonh.agent.home import Entity, Home

SEEDS = (9101, 9202, 9303)
"""Homes that nothing was tuned on."""
KS = (4, 8, 12, 20)
NOISE_RATIO = 0.15


class BM25:
    """Okapi BM25 over the words of names, aliases, areas and domains: what ours is measured by."""

    def __init__(self, home: Home, *, k1: float = 1.2, b: float = 0.75) -> None:
        self._home = home
        self._k1, self._b = k1, b
        self._counts = [Counter(self._document(entity)) for entity in home.entities]
        self._mean = sum(count.total() for count in self._counts) / len(self._counts)
        self._postings: dict[str, list[int]] = defaultdict(list)
        for i, count in enumerate(self._counts):
            for word in count:
                self._postings[word].append(i)

    def relevant(self, text: str, *, k: int, here: str | None = None) -> list[Entity]:
        """Return the k best; the speaker's area is a word of the query like any other."""
        area = self._home.area_by_id.get(here or "")
        scores: defaultdict[int, float] = defaultdict(float)
        for word in (*words(text), *(words(area.name) if area else ())):
            found = self._postings.get(word, ())
            rarity = log(1 + (len(self._counts) - len(found) + 0.5) / (len(found) + 0.5))
            for i in found:
                count, length = self._counts[i][word], self._counts[i].total()
                norm = self._k1 * (1 - self._b + self._b * length / self._mean)
                scores[i] += rarity * count * (self._k1 + 1) / (count + norm)
        return [self._home.entities[i] for i in nlargest(k, scores, key=scores.__getitem__)]

    def _document(self, entity: Entity) -> list[str]:
        area = self._home.area_of(entity)
        names = (*entity.names, *(area.names if area else ()), entity.domain)
        return [word for name in names for word in words(name)]


def measure(
    n: int, seeds: tuple[int, ...] = SEEDS, *, noise_ratio: float = 0.0, count: int = 1000
) -> dict[str, Any]:
    """Return in how many percent of `count` sentences per home all entities were found.

    Times are of the processor.
    """
    full: dict[str, Counter[int]] = {"bm25": Counter(), "ours": Counter()}
    by_kind: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    times: list[float] = []
    for seed in seeds:
        made = make_home(n, seed)
        rankers: dict[str, BM25 | Retriever] = {
            "bm25": BM25(made.home),
            "ours": Retriever(made.home),
        }
        rng = random.Random(seed + 3)
        for utterance in utterances(made, rng, count):
            text = with_noise(utterance.text, rng, noise_ratio)
            for name, ranker in rankers.items():
                begin = thread_time()
                found = ranker.relevant(text, k=max(KS), here=utterance.here)
                if name == "ours":
                    times.append(thread_time() - begin)
                ids = [entity.entity_id for entity in found]
                for k in KS:
                    full[name][k] += utterance.needed <= set(ids[:k])
                if name == "ours":
                    by_kind[utterance.kind][0] += utterance.needed <= set(ids[:12])
                    by_kind[utterance.kind][1] += 1
    total = count * len(seeds)
    return {
        "entities": n,
        "noise_ratio": noise_ratio,
        "sentences": total,
        "bm25_percent": {k: round(100 * full["bm25"][k] / total, 1) for k in KS},
        "ours_percent": {k: round(100 * full["ours"][k] / total, 1) for k in KS},
        "p95_ms": round(sorted(times)[int(len(times) * 0.95)] * 1000, 2),
        "at_12_by_kind": {k: round(100 * part / whole, 1) for k, (part, whole) in by_kind.items()},
    }


def main() -> None:
    """Print the figures for homes of 100, 300 and 1000 entities, heard well and with noise."""
    for n in (100, 300, 1000):
        for noise_ratio in (0.0, NOISE_RATIO):
            print(measure(n, noise_ratio=noise_ratio))


if __name__ == "__main__":
    main()
