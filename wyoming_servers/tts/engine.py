"""Speech from text: Piper voices, loaded when they are wanted. The only importer of piper."""

import json
import logging
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from piper import PiperVoice
from piper.config import PhonemeType, PiperConfig

from wyoming_servers.cancellation import Cancellation
from wyoming_servers.cores import default_threads
from wyoming_servers.residence import Residence

from .cutting import CutError, find_parts, make_parts
from .loudness import Pcm, Sound, faded, gain_for, to_pcm
from .networks import Line, Network, NetworkInParts, WholeNetwork

_LOGGER = logging.getLogger(__name__)

# Speech of some 10 s at once: memory and time of a voice grow with the ids it gets, and 120
# characters can be many more of them (120 digits are over a thousand).
_MAX_IDS = 300
# Others need dictionaries and packages that a home server does not have.
_PHONEME_TYPES = (PhonemeType.ESPEAK, PhonemeType.TEXT)
# Read alike in about every language.
_TRIAL_TEXT = "Ma, me, mi, mo, mu. La, le, li, lo, lu."
_CLAUSE_ENDS = frozenset(",;:.!?")


class VoiceLoadError(Exception):
    """A voice's files are there but cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a voice speaks; None leaves what its own JSON file says."""

    length_scale: float | None = None
    """Above 1 is slower."""
    noise_scale: float | None = None
    """Variation of tone."""
    noise_w_scale: float | None = None
    """Variation of rhythm."""


class _File(NamedTuple):
    path: Path
    version: int


class SpeechEngine:
    """Keeps the voices used last in memory and speaks with them; safe to call from any thread."""

    def __init__(
        self,
        style: Style | None = None,
        *,
        threads: int = 0,
        max_voices: int = 2,
        parts_dir: Path | None = None,
        keep_alive_s: float | None = None,
        unloaded: Callable[[], None] = lambda: None,
    ) -> None:
        """Speak with `threads` threads, 0 for one per core.

        Voices are cut into parts that are kept in `parts_dir`, unless it is None, and leave the
        memory when they have been idle for `keep_alive_s`.
        """
        self._style = style or Style()
        self._threads = threads or default_threads()
        self._max_voices = max_voices
        self._parts_dir = parts_dir
        self._keep_alive_s = keep_alive_s
        self._unloaded = unloaded
        self._voices: OrderedDict[_File, Residence[_Voice]] = OrderedDict()
        self._choosing = threading.Lock()

    @property
    def loaded(self) -> list[Path]:
        """The voices in memory, the one used last at the end."""
        return [file.path for file, each in self._voices.items() if each.model.is_loaded]

    def warm_up(self, path: Path) -> None:
        """Cut and load a voice and speak with it, so that the first request waits for nothing.

        Raises VoiceLoadError.
        """
        if self._parts_dir is not None:
            cut_voice(path, self._parts_dir)
        for _ in self.speak(path, _TRIAL_TEXT):
            pass

    def prepare(self, path: Path) -> None:
        """Begin to load a voice that has left the memory; returns at once."""
        self._residence(path).prepare()

    def speak(
        self,
        path: Path,
        text: str,
        *,
        speaker_id: int | None = None,
        cancellation: Cancellation | None = None,
    ) -> Iterator[Pcm]:
        """Yield the sound of a text in parts; nothing for a text that has no sounds.

        It ends within a moment when it is cancelled. Raises VoiceLoadError.
        """
        with self._residence(path).in_use() as voice:
            yield from voice.speak(text, speaker_id, cancellation or Cancellation())

    def _residence(self, path: Path) -> "Residence[_Voice]":
        file = _File(path, version_of(path))
        with self._choosing:
            if file not in self._voices:
                voice = _Voice(path, self._style, self._threads, self._parts_dir)
                self._voices[file] = Residence(voice, self._keep_alive_s, self._unloaded)
                while len(self._voices) > self._max_voices:
                    _, residence = self._voices.popitem(last=False)
                    # Who speaks with it at this moment still holds it.
                    residence.retire()
                    _LOGGER.debug("%s gave way to another", residence.model)
            self._voices.move_to_end(file)
            return self._voices[file]


def version_of(path: Path) -> int:
    """Tell one file of a voice from another that is put in its place."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def cut_voice(path: Path, parts_dir: Path) -> None:
    """Cut a voice for quick first sounds; blocks for seconds. Without it the voice speaks too."""
    try:
        make_parts(path, parts_dir)
    except CutError as err:
        _LOGGER.warning("The voice %s answers later than it could: %s", path.stem, err)


class _Voice:
    """A voice that may be in memory."""

    def __init__(self, path: Path, style: Style, threads: int, parts_dir: Path | None) -> None:
        self._path = path
        self._style = style
        self._threads = threads
        self._parts_dir = parts_dir
        self._loading = threading.Lock()
        self._network: Network | None = None
        self._piper: PiperVoice | None = None
        self._gains: dict[int | None, float] = {}

    def __str__(self) -> str:
        return f"Voice {self._path.stem}"

    @property
    def is_loaded(self) -> bool:
        """Whether it is in memory."""
        return self._network is not None

    def load(self) -> None:
        """Bring it into memory unless it is there; blocks. Raises VoiceLoadError."""
        with self._loading:
            if self._network is not None:
                return
            config = self._read_config()
            try:
                network = self._load_network()
            except Exception as err:  # onnxruntime's exceptions share no public base
                raise self._unusable(err) from err
            # Only its phonemes are asked of it, for which it needs no network.
            self._piper = PiperVoice(session=None, config=config, download_dir=self._path.parent)
            self._network = network
        _LOGGER.info("%s loaded", self)

    def unload(self) -> None:
        """Take it out of memory; whoever speaks with it at this moment goes on."""
        with self._loading:
            self._network = None

    def speak(self, text: str, speaker_id: int | None, cancellation: Cancellation) -> Iterator[Pcm]:
        """Yield the sound of a text in parts."""
        network, piper = self._network, self._piper
        assert network is not None
        assert piper is not None
        config = piper.config
        if config.num_speakers <= 1:
            speaker_id = None
        elif speaker_id is None:
            speaker_id = config.default_speaker_id or 0
        gain = self._gain(network, piper, speaker_id)
        for ids in _phoneme_ids(piper, text):
            line = self._line(config, ids, speaker_id)
            for sound in faded(network.speak(line, cancellation), config.sample_rate):
                yield to_pcm(sound, gain)
            if cancellation():
                return

    def _gain(self, network: Network, piper: PiperVoice, speaker_id: int | None) -> float:
        """Return the factor that makes a speaker as loud as all others; measured on first use."""
        if speaker_id not in self._gains:
            sounds: list[Sound] = [
                sound
                for ids in _phoneme_ids(piper, _TRIAL_TEXT)
                for sound in network.speak(
                    self._line(piper.config, ids, speaker_id), Cancellation()
                )
            ]
            whole = np.concatenate(sounds) if sounds else np.empty(0, np.float32)
            self._gains[speaker_id] = gain_for(whole, piper.config.sample_rate)
        return self._gains[speaker_id]

    def _line(self, config: PiperConfig, ids: list[int], speaker_id: int | None) -> Line:
        style = self._style
        return Line(
            phoneme_ids=ids,
            noise_scale=_first(style.noise_scale, config.noise_scale),
            length_scale=_first(style.length_scale, config.length_scale),
            noise_w_scale=_first(style.noise_w_scale, config.noise_w_scale),
            speaker_id=speaker_id,
        )

    def _read_config(self) -> PiperConfig:
        try:
            config = PiperConfig.from_dict(
                json.loads(Path(f"{self._path}.json").read_text("utf-8"))
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
            raise self._unusable(err) from err
        if config.phoneme_type not in _PHONEME_TYPES:
            raise VoiceLoadError(
                f"The voice {self._path.stem} needs phonemes of type {config.phoneme_type.value},"
                " which this server does not make"
            )
        return config

    def _load_network(self) -> Network:
        if self._parts_dir is not None:
            if parts := find_parts(self._path, self._parts_dir):
                return NetworkInParts(parts, self._threads)
            threading.Thread(target=self._cut, name="cut", daemon=True).start()
        return WholeNetwork(self._path, self._threads)

    def _cut(self) -> None:
        """Cut the voice while it speaks as a whole, and go over to its parts."""
        assert self._parts_dir is not None
        cut_voice(self._path, self._parts_dir)
        if parts := find_parts(self._path, self._parts_dir):
            network = NetworkInParts(parts, self._threads)
            with self._loading:
                if self._network is not None:
                    self._network = network

    def _unusable(self, err: Exception) -> VoiceLoadError:
        return VoiceLoadError(
            f"The voice {self._path.stem} cannot be loaded from {self._path.parent}: {err}"
        )


def _first(wanted: float | None, otherwise: float) -> float:
    return otherwise if wanted is None else wanted


def _phoneme_ids(piper: PiperVoice, text: str) -> Iterator[list[int]]:
    """Ids of a text in lines short enough for one run, what has no sounds left out."""
    known = piper.config.phoneme_id_map
    for sentence in piper.phonemize(_speakable(text)):
        phonemes = [phoneme for phoneme in sentence if phoneme in known]
        while any(phoneme.isalpha() for phoneme in phonemes):
            ids = piper.phonemes_to_ids(phonemes)
            cut = len(phonemes)
            if len(ids) > _MAX_IDS:
                cut = _cut_before(phonemes, cut * _MAX_IDS // len(ids))
                ids = piper.phonemes_to_ids(phonemes[:cut])
            yield ids
            phonemes = phonemes[cut:]


def _cut_before(phonemes: list[str], limit: int) -> int:
    """Where to end a line: after the last clause that fits, else a word, else anywhere."""
    for at in range(limit - 1, limit // 2, -1):
        if phonemes[at] == " " and phonemes[at - 1] in _CLAUSE_ENDS:
            return at
    spaces = (at for at in range(limit - 1, 0, -1) if phonemes[at] == " ")
    return next(spaces, limit)


def _speakable(text: str) -> str:
    """Leave what the C library and Piper's own mark-up can take.

    NUL and lone surrogates cannot cross into C, soft hyphens and joiners would split a word,
    and "[[" would switch to raw phonemes.
    """
    text = "".join(
        char if char.isprintable() else "" if unicodedata.category(char) == "Cf" else " "
        for char in text
    )
    return text.replace("[[", "[ [")
