"""From what requests cost to the rooms and homes that machines serve."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.sizing.queueing import most_by_turns, most_in_line

if TYPE_CHECKING:
    from benchmarks.sizing.listening import Listening
    from benchmarks.sizing.speaking import Speaking

PER_ROOM_AND_HOUR = 20
"""Utterances in the busiest hour, each with its answer: one in three minutes, in every room."""
ROOMS_OF_A_HOME = 5
WAIT_S = 0.5
"""95 of 100 requests wait no longer than this for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How the cores of a machine are given to both servers."""

    listening: int
    listening_threads: int
    """Of each worker."""
    speaking: int
    speaking_threads: int
    rooms: int


def rooms(per_s: float) -> int:
    """Return how many rooms ask so often."""
    return int(per_s * 3600 / PER_ROOM_AND_HOUR)


def homes(of_rooms: int) -> int:
    """Return how many homes have so many rooms."""
    return of_rooms // ROOMS_OF_A_HOME


def heard_per_s(listening: Listening, cores: int) -> tuple[float, int]:
    """Return how many utterances a second some cores take, and the threads of a worker for it.

    Workers are counted as if each had a queue for itself.
    """
    return max(
        (cores // threads * most_in_line(work, 1, wait_s=WAIT_S), threads)
        for threads, work in listening.works.items()
    )


def spoken_per_s(speaking: Speaking, cores: int) -> tuple[float, int]:
    """Return how many answers a second some cores give, likewise."""
    return max(
        (cores // threads * most_by_turns(voice, wait_s=WAIT_S), threads)
        for threads, voice in speaking.voices.items()
    )


def best_share(listening: Listening, speaking: Speaking, cores: int) -> Share:
    """Return how a machine of so many cores serves the most rooms with both servers."""
    shares = []
    for own in range(1, cores):
        heard, listening_threads = heard_per_s(listening, own)
        spoken, speaking_threads = spoken_per_s(speaking, cores - own)
        shares.append(
            Share(
                listening=own,
                listening_threads=listening_threads,
                speaking=cores - own,
                speaking_threads=speaking_threads,
                rooms=rooms(min(heard, spoken)),
            )
        )
    return max(shares, key=lambda each: each.rooms)
