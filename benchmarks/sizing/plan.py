"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    models: tuple[str, ...]
    """Sizes of Whisper."""
    qualities: tuple[str, ...]
    """Qualities of voices."""
    free_s: float
    """Seconds for each length of utterance and answer, at a free server."""
    full_s: float
    """Seconds at full load."""
    check_s: float
    """Seconds of each check of the model."""
    busy: tuple[float, ...]
    """Shares of the capacity at which the model is checked."""


FULL = Size(
    models=("tiny", "base", "small"),
    qualities=("low", "medium", "high"),
    free_s=8,
    full_s=8,
    check_s=45,
    busy=(0.3, 0.6, 0.8),
)
QUICK = Size(
    models=("tiny", "base"),
    qualities=("low", "medium"),
    free_s=1,
    full_s=3,
    check_s=12,
    busy=(0.6,),
)
