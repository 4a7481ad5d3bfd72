"""The models of one server: found on disk, fetched, checked, replaced by the best other one."""

import logging
import re
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from .hashes import DAMAGED, HubFile, find_damaged, put_aside, write_note
from .hub import CorruptFileError, DiskSpaceError, Hub, HubError, NotOnHubError

_LOGGER = logging.getLogger(__name__)


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
class Source:
    """What of a hub makes a model, and where that goes."""

    repository: str
    folder: str
    files: re.Pattern[str]
    """Names of the files that make the model."""
    target: Path
    """Directory to put them in."""
    note: Path
    """What tells their hashes."""


class ModelStore(ABC):
    """The models of one server: on disk, on the hub, and the starter model."""

    kind: str

    def __init__(self, directory: Path, hub: Hub | None) -> None:
        self.directory = directory
        self._hub = hub
        self._fetching = threading.Lock()
        self._refused: set[Path] = set()

    def find(self, name: str) -> Model | None:
        """Return the model if it is complete on disk; raises UnknownModelError."""
        model = self._find(name)
        return None if model is None or model.path in self._refused else model

    def installed(self) -> list[Model]:
        """List every complete model in the directory, then the starter models."""
        return [model for model in self._installed() if model.path not in self._refused]

    @abstractmethod
    def _find(self, name: str) -> Model | None:
        """Find the files of a model, whatever they are worth."""

    @abstractmethod
    def _installed(self) -> list[Model]:
        """Find all of them."""

    @abstractmethod
    def _note(self, model: Model) -> Path:
        """Return where the hashes of a fetched model are."""

    @abstractmethod
    def _source(self, name: str) -> Source | None:
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
                self._fetch(self._hub, name, source)
            except (HubError, OSError) as err:
                # What the hub does not have, or has wrong, it will not have right in a minute.
                is_retryable = not isinstance(err, NotOnHubError | CorruptFileError)
                raise self._missing(name, str(err), is_retryable=is_retryable) from err
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

    def put_aside_if_damaged(self, model: Model) -> bool:
        """Tell whether a fetched model is not what was fetched; such a one is not used any more.

        Reads all of it. Its damaged files are put aside, so that `fetch` gets them again.
        """
        damaged = find_damaged(self._note(model))
        if not damaged:
            return False
        names = ", ".join(path.name for path in damaged)
        fate = f"put aside as *{DAMAGED}"
        try:
            for path in damaged:
                put_aside(path)
        except OSError as err:
            self._refused.add(model.path)
            fate = f"not used any more, but cannot be put aside ({err})"
        place = self._expected_place(model.name)
        remedy = "it is fetched again" if self._hub else f"put it into {place} anew"
        _LOGGER.error(
            "%s %s is damaged on the disk: %s in %s changed since it was fetched, and is %s; %s",
            self.kind,
            model.name,
            names,
            damaged[0].parent,
            fate,
            remedy,
        )
        return True

    def _fetch(self, hub: Hub, name: str, source: Source) -> None:
        files = self._choose(hub, source)
        source.target.mkdir(parents=True, exist_ok=True)
        # Before the files: what has its name is checked, whenever the process ends.
        write_note(source.note, files)
        try:
            hub.fetch(source.repository, files, source.target, name=name)
        except DiskSpaceError:
            aside = [source.target / f"{file.name}{DAMAGED}" for file in files]
            if not any(path.exists() for path in aside):
                raise
            for path in aside:
                path.unlink(missing_ok=True)
            hub.fetch(source.repository, files, source.target, name=name)

    @staticmethod
    def _choose(hub: Hub, source: Source) -> list[HubFile]:
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


def describe_fallback(model: Model) -> str:
    """Tell in words for the log which model stands in for another."""
    quality = ", good for a demonstration and for tests, not for a living room"
    return f"going on with {model.name}{quality if model.is_starter else ''}"
