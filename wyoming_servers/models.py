"""Which models there are, where they lie on disk, and how they get there.

A model is looked for on disk first, and the network is not touched when it is there. Otherwise
it is fetched from the hub; when that fails, `obtain` gives the best model that is on disk, and
at the very least the starter model that ships with this package.
"""

import re
from pathlib import Path
from typing import override

from .hub import HubError, NotOnHubError
from .model_store import (
    Model,
    ModelError,
    ModelMissingError,
    ModelStore,
    Source,
    UnknownModelError,
    describe_fallback,
)

__all__ = [
    "DEFAULT_VOICE",
    "STARTER_DIR",
    "STARTER_MODEL",
    "WHISPER_REPOSITORIES",
    "Model",
    "ModelError",
    "ModelMissingError",
    "ModelStore",
    "PiperVoices",
    "UnknownModelError",
    "WhisperModels",
    "describe_fallback",
    "is_whisper_folder",
]

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
_NOTE = "hashes.json"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_VOICE_NAME = re.compile(
    r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z]{2})-(?P<name>\w{1,40})-(?P<quality>\w{1,10})"
)


class WhisperModels(ModelStore):
    """Models of the speech-to-text server, one folder each."""

    kind = "The STT model"

    @override
    def _find(self, name: str) -> Model | None:
        if name == STARTER_MODEL:
            return Model(name=name, path=STARTER_DIR / "whisper", is_starter=True)
        if is_whisper_folder(local := Path(name).expanduser()):
            return Model(name=local.name, path=local)
        folder = self._folder(name)
        return Model(name=name, path=folder) if is_whisper_folder(folder) else None

    @override
    def _installed(self) -> list[Model]:
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
    def _source(self, name: str) -> Source:
        return Source(
            repository=WHISPER_REPOSITORIES.get(name, name),
            folder="",
            files=_WHISPER_FILE,
            target=self._folder(name),
            note=self._folder(name) / _NOTE,
        )

    @override
    def _note(self, model: Model) -> Path:
        return model.path / _NOTE

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
    def _find(self, name: str) -> Model | None:
        if name.endswith(".onnx"):
            return self._find_file(Path(name).expanduser())
        _voice_parts(name)
        starter = STARTER_DIR / "voice" / f"{name}.onnx"
        for path in (self.directory / f"{name}.onnx", starter):
            if _is_voice(path):
                return Model(name=name, path=path, is_starter=path == starter)
        return None

    @override
    def _installed(self) -> list[Model]:
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
    def _source(self, name: str) -> Source | None:
        if name.endswith(".onnx"):
            return None
        parts = _voice_parts(name)
        family, language = parts["family"], f"{parts['family']}_{parts['region']}"
        return Source(
            repository=_PIPER_REPOSITORY,
            folder=f"{family}/{language}/{parts['name']}/{parts['quality']}",
            files=re.compile(re.escape(name) + r"\.onnx(\.json)?"),
            target=self.directory,
            note=self.directory / f"{name}.{_NOTE}",
        )

    @override
    def _note(self, model: Model) -> Path:
        return model.path.with_name(f"{model.path.stem}.{_NOTE}")

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
