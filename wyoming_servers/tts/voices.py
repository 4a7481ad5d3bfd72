"""Which voices can speak now, and which of them answers a request."""

import json
import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wyoming_servers.models import Model, PiperVoices

_LOGGER = logging.getLogger(__name__)

# Piper's four; a voice outside them counts as the worst.
_QUALITIES = ("x_low", "low", "medium", "high")
# Errors are read in a log line: more names than this help nobody.
_NAMES_SHOWN = 12
# A client may name a language as pt, pt-BR or pt_BR.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


class VoiceError(Exception):
    """A voice is unusable or unknown; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An installed voice, as its JSON file describes it."""

    name: str
    path: Path
    """The `.onnx` file."""
    languages: tuple[str, ...]
    """As Home Assistant writes them, the regional one first: `("pt-BR", "pt")`."""
    sample_rate_hz: int
    quality: str
    speakers: dict[str, int] = field(default_factory=dict)
    """Speaker name to id; empty when the voice has one speaker."""
    is_starter: bool = False

    @property
    def title(self) -> str:
        """What a person picks it by: "faber (medium)"."""
        parts = self.name.split("-")
        title = f"{parts[1]} ({parts[2]})" if len(parts) == 3 else self.name
        return f"{title}, for demonstrations" if self.is_starter else title

    def speaker_id(self, speaker: str | None) -> int | None:
        """Return the id of a speaker given by name or number; None for the voice's default.

        Raises VoiceError.
        """
        if speaker is None or not self.speakers:
            return None
        if speaker in self.speakers:
            return self.speakers[speaker]
        if speaker.isascii() and speaker.isdigit() and int(speaker) in self.speakers.values():
            return int(speaker)
        names = _listed(self.speakers)
        raise VoiceError(f"{self.name} has no speaker {speaker[:40]!r}; it has {names}.")


def read_voice(model: Model) -> Voice:
    """Read a voice's JSON file; raises VoiceError when it is not one of Piper's."""
    path = model.path.with_name(f"{model.path.name}.json")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        count = int(config["num_speakers"])
        return Voice(
            name=model.name,
            path=model.path,
            languages=_languages(model.name, config),
            sample_rate_hz=int(config["audio"]["sample_rate"]),
            quality=str(config["audio"].get("quality", "")),
            speakers=_speakers(config, count) if count > 1 else {},
            is_starter=model.is_starter,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise VoiceError(f"{path} does not describe a Piper voice: {err!r}") from err


class VoiceCatalogue:
    """The voices on disk, the default one first; a voice put there while it runs is found."""

    def __init__(self, store: PiperVoices, wanted: str) -> None:
        """Read the voices; raises ModelError when the wanted one makes no sense."""
        self._store = store
        self._wanted = wanted
        self._stamp = self._stamp_now()
        self._voices = self._read_all()

    @property
    def lacks_wanted(self) -> bool:
        """True while another voice stands in for the one that was asked for."""
        return self._store.find(self._wanted) is None

    def voices(self) -> tuple[Voice, ...]:
        """List the voices that can be used now; they are read again when files have changed."""
        if (stamp := self._stamp_now()) != self._stamp:
            self._stamp = stamp
            self._voices = self._read_all()
        return self._voices

    def _stamp_now(self) -> frozenset[tuple[str, int, int]]:
        """Tell one state of the directory from another, a file still being copied included."""
        try:
            with os.scandir(self._store.directory) as entries:
                return frozenset(
                    (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
                    for entry in entries
                    if entry.name.endswith((".onnx", ".onnx.json"))
                )
        except OSError:
            return frozenset()

    def _read_all(self) -> tuple[Voice, ...]:
        """Read each description; a broken one is left out and logged."""
        first = self._store.find(self._wanted) or self._store.fallback(self._wanted)
        others = [model for model in self._store.installed() if model.path != first.path]
        voices: list[Voice] = []
        for model in (first, *others):
            try:
                voices.append(read_voice(model))
            except VoiceError as err:
                _LOGGER.warning("Voice %s is left out: %s", model.name, err)
        if voices[0].path != first.path:
            family = Path(self._wanted).name.partition("_")[0]
            voices.sort(key=lambda voice: (family in voice.languages, _rank(voice)), reverse=True)
        return tuple(voices)


def choose_voice(voices: Sequence[Voice], *, name: str | None, language: str | None) -> Voice:
    """Choose the voice for a request: by name, else the best for the language, else the first.

    A language is matched by region first (`pt-BR`), then by family (`pt`). Raises VoiceError.
    """
    default = voices[0]
    if name:
        found = next((voice for voice in voices if voice.name == name), None)
        if found is None:
            names = _listed(voice.name for voice in voices)
            raise VoiceError(f"There is no voice {name[:80]!r} here; installed: {names}.")
        return found
    if not language:
        return default
    wanted = language_tag(language)
    for tag in (wanted, wanted.partition("-")[0]):
        if tag in default.languages:
            return default
        if speaking := [voice for voice in voices if tag in voice.languages]:
            return max(speaking, key=_rank)
    spoken = _listed(sorted({voice.languages[0] for voice in voices}))
    raise VoiceError(f"No installed voice speaks {language[:40]!r}; there is {spoken}.")


def language_tag(language: str) -> str:
    """Spell a language as Home Assistant does: `pt_BR` and `PT-br` are `pt-BR`."""
    if not _LANGUAGE.fullmatch(language):
        return language
    family, *rest = re.split("[-_]", language)
    return "-".join([family.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():  # a script, such as Latn
        return part.title()
    return part.upper()


def _rank(voice: Voice) -> tuple[bool, int]:
    """Order voices by how they sound; of equals `max` takes the first."""
    quality = _QUALITIES.index(voice.quality) if voice.quality in _QUALITIES else -1
    return not voice.is_starter, quality


def _languages(name: str, config: dict[str, Any]) -> tuple[str, ...]:
    """Both spellings of the voice's language: with its region and without."""
    code = config.get("language", {}).get("code")
    if not code and (match := re.match(r"[a-z]{2,3}_[A-Z]{2}(?=-)", name)):
        code = match.group()
    tag = language_tag(str(code or config["espeak"]["voice"]))
    family = tag.partition("-")[0]
    return (tag,) if tag == family else (tag, family)


def _speakers(config: dict[str, Any], count: int) -> dict[str, int]:
    named = {str(name): int(number) for name, number in config.get("speaker_id_map", {}).items()}
    return named or {str(number): number for number in range(count)}


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more
