"""How often somebody may ask: a bucket for each, that fills again as time goes by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE_S = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    looked_s: float
    """When `tokens` was right."""


class RateLimit:
    """Lets everybody ask `burst` times at once and `per_minute` times a minute in the long run.

    `clock` returns seconds and only moves forward.
    """

    def __init__(self, clock: Callable[[], float], *, per_minute: float, burst: int) -> None:
        """Begin with full buckets."""
        self._clock = clock
        self._per_s = per_minute / _MINUTE_S
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, who: str) -> float:
        """Return 0 when somebody may ask now, else the seconds until they may."""
        now_s = self._clock()
        self._forget_full(now_s)
        bucket = self._buckets.setdefault(who, _Bucket(self._burst, now_s))
        bucket.tokens = self._level(bucket, now_s)
        bucket.looked_s = now_s
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_s
        bucket.tokens -= 1
        return 0

    def _level(self, bucket: _Bucket, now_s: float) -> float:
        return min(self._burst, bucket.tokens + (now_s - bucket.looked_s) * self._per_s)

    def _forget_full(self, now_s: float) -> None:
        """Forget who has not come for a while: a full bucket is as good as none."""
        for who, bucket in list(self._buckets.items()):
            if self._level(bucket, now_s) >= self._burst:
                del self._buckets[who]
