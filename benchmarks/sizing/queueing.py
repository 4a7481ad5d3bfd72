"""How long requests wait for a worker: the models behind the sizing tables.

Requests of many rooms that know nothing of each other come as a Poisson process.

A recogniser finishes one utterance before the next. Of the requests, those wait that come when all
workers are busy: Erlang's C formula. How long these wait is exact on average for one worker
(Pollaczek and Khinchine) and close for several: the time of M/M/c, scaled by (1 + variation) / 2
(Lee and Longton 1959), and exponential, as the tail of such queues is.

A voice gives each answer its turn after every part of its sound. How many answers are spoken when
another one comes then depends on nothing but how busy the worker is: the geometric distribution
of processor sharing (Sakata, Noguchi and Oizumi 1971; Kleinrock).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

# A worker that is busy for more of its time has nothing left for what nobody foresaw.
MOST_BUSY = 0.7

_STEPS = 60
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What requests keep a worker busy for."""

    mean_s: float
    variation: float
    """Variance by the square of the mean: 0 when all are alike, 1 when exponential."""

    @classmethod
    def of(cls, times_s: Sequence[float], shares: Sequence[float]) -> Self:
        """Return the work of kinds of requests, each with its time and its share of all."""
        mean_s = sum(share * each for share, each in zip(shares, times_s, strict=True))
        square = sum(share * each**2 for share, each in zip(shares, times_s, strict=True))
        return cls(mean_s=mean_s, variation=max(0.0, square / mean_s**2 - 1))

    def scaled(self, scale: float) -> Work:
        """Return work that takes so many times as long."""
        return Work(mean_s=self.mean_s * scale, variation=self.variation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Equal workers that finish one request before they take the next in line."""

    work: Work
    per_s: float
    """Requests in a second."""
    workers: int = 1

    @property
    def busy(self) -> float:
        """The share of its time that a worker works."""
        return self.per_s * self.work.mean_s / self.workers

    @property
    def waiting_share(self) -> float:
        """How many requests find all workers busy, by Erlang's C formula."""
        if self.busy >= 1:
            return 1.0
        load, refused = self.per_s * self.work.mean_s, 1.0
        for workers in range(1, self.workers + 1):
            refused = load * refused / (workers + load * refused)
        return refused / (1 - self.busy * (1 - refused))

    @property
    def mean_s(self) -> float:
        """How long requests wait on average, those counted that do not."""
        return self.waiting_share * self._delay_s

    def within_s(self, share: float) -> float:
        """Return the time that this share of all requests waits no longer than."""
        longer = 1 - share
        if self.waiting_share <= longer:
            return 0.0
        return self._delay_s * math.log(self.waiting_share / longer)

    @property
    def _delay_s(self) -> float:
        """The mean wait of those that wait."""
        if self.busy >= 1:
            return math.inf
        scale = (1 + self.work.variation) / 2
        return scale * self.work.mean_s / (self.workers * (1 - self.busy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One worker that speaks several answers, in turns."""

    work: Work
    turn_s: float
    """What a first sound waits more for each other answer."""
    speed: float
    """Seconds of sound that are made in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """One worker that gives all its requests their turn, part by part."""

    busy: float
    turn_s: float
    """What a request waits more for its first part for each other one that is there."""

    @property
    def mean_s(self) -> float:
        """How long requests wait for their first part on average."""
        return self.turn_s * self.busy / (1 - self.busy) if self.busy < 1 else math.inf

    def within_s(self, share: float) -> float:
        """Return the time that this share of all requests waits no longer than."""
        return self.turn_s * others_within(self.busy, share)


def others_within(busy: float, share: float) -> float:
    """Return how many others this share of all requests does not find more of."""
    if busy >= 1:
        return math.inf
    if busy <= 0:
        return 0
    # More than n are found by busy ** (n + 1) of all.
    return float(max(0, math.ceil(math.log(1 - share) / math.log(busy) - 1 - _ROUNDING)))


def most_in_line(work: Work, workers: int, *, wait_s: float, share: float = 0.95) -> float:
    """Return how many requests a second may come so that this share waits no longer.

    Workers are never more than 70 % busy.
    """
    low, high = 0.0, MOST_BUSY * workers / work.mean_s
    if Line(work=work, per_s=high, workers=workers).within_s(share) <= wait_s:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if Line(work=work, per_s=middle, workers=workers).within_s(share) <= wait_s:
            low = middle
        else:
            high = middle
    return low


def most_by_turns(voice: Voice, *, wait_s: float, share: float = 0.95) -> float:
    """Return how many answers a second one voice may be asked for.

    This share of them waits no longer for its first sound, and has no gaps: the voice keeps pace
    with as many others as they find.
    """
    others = min(math.floor(wait_s / voice.turn_s), math.floor(voice.speed) - 1)
    if others < 0:
        return 0.0
    busy = math.exp(math.log(1 - share) / (others + 1))
    return min(MOST_BUSY, busy) / voice.work.mean_s
