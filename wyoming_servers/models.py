"""Which models there are, where they lie on disk, and how they get there.

A model is looked for on disk first, and the network is not touched when it is there. Otherwise
it is fetched from the hub; when that fails, `obtain` gives the best model that is on disk, and
at the very least the starter model that ships with this package.
"""

import logging
import re
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import override

from .hub import Hub, HubError, HubFile, HubUnreachableError, NotOnHubError

_LOGGER = logging.getLogger(__name__)

STARTER_DIR = Path(__file__).parent / "starter"
STARTER_MODEL = "starter"
DEFAULT_VOICE = "pt_BR-faber-medium"

WHISPER_REPOSITORIES = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
_PIPER_REPOSITORY = "rhasspy/piper-voices"
_PIPER_CATALOGUE = "voices.json"

# The files faster-whisper itself takes from such a repository.
_WHISPER_FILE = re.compile(
    r"(config|preprocessor_config|tokenizer)\.json|model\.bin|vocabulary\.(json|txt)"
)
# Without tokenizer.json faster-whisper would go and fetch one from the hub by itself.
_WHISPER_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_VOICE_NAME = re.compile(
    r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z]{2})-(?P<name>\w{1,40})-(?P<quality>\w{1,10})"
)


class ModelError(Exception):
    """A model cannot be used; the text says which one, why, and what to do."""


class UnknownModelError(ModelError):
    """No such model name."""


class ModelMissingError(ModelError):
    """The model is not on disk and could not be fetched."""

    def __init__(self, text: str, *, is_retryable: bool) -> None:
        super().__init__(text)
        self.is_retryable = is_retryable
        """The hub may answer later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that is complete on disk."""

    name: str
    path: Path
    """The folder of a Whisper model, the `.onnx` file of a voice."""
    is_starter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    repository: str
    folder: str
    files: re.Pattern[str]
    """Names of the files that make the model."""
    target: Path
    """Directory to put them in."""


class ModelStore(ABC):
    """The models of one server: on disk, on the hub, and the starter model."""

    kind: str

    def __init__(self, directory: Path, hub: Hub | None) -> None:
        self.directory = directory
        self._hub = hub
        self._fetching = threading.Lock()

    @abstractmethod
    def find(self, name: str) -> Model | None:
        """Return the model if it is complete on disk; raises UnknownModelError."""

    @abstractmethod
    def installed(self) -> list[Model]:
        """List every complete model in the directory, then the starter models."""

    @abstractmethod
    def _source(self, name: str) -> _Source | None:
        """Tell where the hub keeps a model, None for one that is never on a hub."""

    @abstractmethod
    def fallback(self, name: str) -> Model:
        """Return the best model on disk to use in place of one that is not."""

    def fetch(self, name: str) -> Model:
        """Get the model from the hub unless it is on disk; blocks; raises ModelError."""
        with self._fetching:
            if model := self.find(name):
                return model
            source = self._source(name)
            if source is None or self._hub is None:
                raise self._missing(name, "fetching is turned off", is_retryable=False)
            _LOGGER.info("Fetching %s from %s", name, self._hub.url)
            try:
                self._hub.fetch(source.repository, self._choose(self._hub, source), source.target)
            except HubError as err:
                retryable = isinstance(err, HubUnreachableError)
                raise self._missing(name, str(err), is_retryable=retryable) from err
            except OSError as err:
                raise self._missing(name, str(err), is_retryable=False) from err
            if model := self.find(name):
                return model
            raise self._missing(name, f"{source.repository} lacks files", is_retryable=False)

    def obtain(self, name: str) -> Model:
        """Return the model from disk or hub, or the fallback with one plain warning; blocks.

        Raises UnknownModelError.
        """
        try:
            return self.find(name) or self.fetch(name)
        except ModelMissingError as err:
            model = self.fallback(name)
            _LOGGER.warning("%s; %s", err, describe_fallback(model))
            return model

    @staticmethod
    def _choose(hub: Hub, source: _Source) -> list[HubFile]:
        files = hub.list_files(source.repository, source.folder)
        chosen = [file for file in files if source.files.fullmatch(file.name)]
        if not chosen:
            raise NotOnHubError(f"{source.repository} on {hub.url} has no such model")
        return chosen

    def _missing(self, name: str, reason: str, *, is_retryable: bool) -> ModelMissingError:
        return ModelMissingError(
            f"{self.kind} {name} is not on disk and cannot be fetched ({reason});"
            f" put it into {self._expected_place(name)}",
            is_retryable=is_retryable,
        )

    @abstractmethod
    def _expected_place(self, name: str) -> str:
        """Tell where a person can put the files of a model by hand."""


class WhisperModels(ModelStore):
    """Models of the speech-to-text server, one folder each."""

    kind = "The STT model"

    @override
    def find(self, name: str) -> Model | None:
        if name == STARTER_MODEL:
            return Model(name=name, path=STARTER_DIR / "whisper", is_starter=True)
        if is_whisper_folder(local := Path(name).expanduser()):
            return Model(name=local.name, path=local)
        folder = self._folder(name)
        return Model(name=name, path=folder) if is_whisper_folder(folder) else None

    @override
    def installed(self) -> list[Model]:
        folders = sorted(self.directory.iterdir()) if self.directory.is_dir() else []
        found = [
            Model(name=path.name.replace("--", "/", 1), path=path)
            for path in folders
            if is_whisper_folder(path)
        ]
        return [
            *found,
            Model(name=STARTER_MODEL, path=STARTER_DIR / "whisper", is_starter=True),
        ]

    @override
    def fallback(self, name: str) -> Model:
        # The biggest model a person keeps is the best one they found bearable.
        return max(
            self.installed(),
            key=lambda model: (not model.is_starter, (model.path / "model.bin").stat().st_size),
        )

    @override
    def _source(self, name: str) -> _Source:
        return _Source(
            repository=WHISPER_REPOSITORIES.get(name, name),
            folder="",
            files=_WHISPER_FILE,
            target=self._folder(name),
        )

    @override
    def _expected_place(self, name: str) -> str:
        return str(self._folder(name))

    def _folder(self, name: str) -> Path:
        if name not in WHISPER_REPOSITORIES and not (_HUB_ID.fullmatch(name) and ".." not in name):
            raise UnknownModelError(
                f"There is no STT model {name!r}: use {STARTER_MODEL},"
                f" {', '.join(WHISPER_REPOSITORIES)}, a hub id such as"
                " Systran/faster-whisper-base, or the folder of a model in CTranslate2 format"
            )
        return self.directory / name.replace("/", "--")


class PiperVoices(ModelStore):
    """Voices of the text-to-speech server, two files each in one directory."""

    kind = "The voice"

    @override
    def find(self, name: str) -> Model | None:
        if name.endswith(".onnx"):
            return self._find_file(Path(name).expanduser())
        _voice_parts(name)
        starter = STARTER_DIR / "voice" / f"{name}.onnx"
        for path in (self.directory / f"{name}.onnx", starter):
            if _is_voice(path):
                return Model(name=name, path=path, is_starter=path == starter)
        return None

    @override
    def installed(self) -> list[Model]:
        own = sorted(self.directory.glob("*.onnx")) if self.directory.is_dir() else []
        starter = sorted((STARTER_DIR / "voice").glob("*.onnx"), reverse=True)
        found = [Model(name=path.stem, path=path) for path in own if _is_voice(path)]
        names = {model.name for model in found}
        found += [
            Model(name=path.stem, path=path, is_starter=True)
            for path in starter
            if path.stem not in names
        ]
        return found

    @override
    def fallback(self, name: str) -> Model:
        stem = Path(name).stem

        def rank(model: Model) -> tuple[bool, bool, bool]:
            same_family = model.name.partition("_")[0] == stem.partition("_")[0]
            same_language = model.name.partition("-")[0] == stem.partition("-")[0]
            return same_family, same_language, not model.is_starter

        return max(self.installed(), key=rank)

    def download(self, name: str) -> Model:
        """Get a voice from the hub unless it is on disk; blocks.

        Raises ModelError, which names the voices of its language if it is not one of them.
        """
        try:
            return self.fetch(name)
        except ModelMissingError as err:
            if not isinstance(err.__cause__, NotOnHubError):
                raise
            raise UnknownModelError(f"There is no voice {name!r}; {self._others(name)}") from err

    def _others(self, name: str) -> str:
        """Tell which voices of the same language, or of which languages, the hub has."""
        assert self._hub is not None
        try:
            names = sorted(self._hub.read_json(_PIPER_REPOSITORY, _PIPER_CATALOGUE))
        except (HubError, TypeError) as err:
            return f"which there are cannot be read ({err})"
        family = name.partition("_")[0]
        alike = [each for each in names if each.partition("_")[0] == family]
        if alike:
            return f"there are {', '.join(alike)}"
        languages = sorted({each.partition("-")[0] for each in names})
        return f"there are voices for {', '.join(languages)}"

    @override
    def _source(self, name: str) -> _Source | None:
        if name.endswith(".onnx"):
            return None
        parts = _voice_parts(name)
        family, language = parts["family"], f"{parts['family']}_{parts['region']}"
        return _Source(
            repository=_PIPER_REPOSITORY,
            folder=f"{family}/{language}/{parts['name']}/{parts['quality']}",
            files=re.compile(re.escape(name) + r"\.onnx(\.json)?"),
            target=self.directory,
        )

    @override
    def _expected_place(self, name: str) -> str:
        return f"{self.directory} as {name}.onnx and {name}.onnx.json"

    @staticmethod
    def _find_file(path: Path) -> Model:
        if not _is_voice(path):
            raise UnknownModelError(
                f"There is no voice at {path}: both it and {path.name}.json must be there"
            )
        return Model(name=path.stem, path=path)


def describe_fallback(model: Model) -> str:
    """Tell in words for the log which model stands in for another."""
    quality = ", good for a demonstration and for tests, not for a living room"
    return f"going on with {model.name}{quality if model.is_starter else ''}"


def is_whisper_folder(path: Path) -> bool:
    """Whether a folder holds every file that faster-whisper needs."""
    return all((path / name).is_file() for name in _WHISPER_NEEDED) and any(
        path.glob("vocabulary.*")
    )


def _is_voice(path: Path) -> bool:
    return path.is_file() and path.with_name(f"{path.name}.json").is_file()


def _voice_parts(name: str) -> re.Match[str]:
    if parts := _VOICE_NAME.fullmatch(name):
        return parts
    raise UnknownModelError(
        f"There is no voice {name!r}: voices are named like {DEFAULT_VOICE}"
        " (language_REGION-name-quality), or give the path of an .onnx file"
    )
