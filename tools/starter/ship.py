"""Copies finished models to where they ship, pinned by their SHA-256."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUMS_NAME = "SHA256SUMS"
MODEL_FOLDERS = ("voice", "whisper")


def ship(models_dir: Path, target_dir: Path) -> None:
    """Copy both models and write `SHA256SUMS` in the format of `sha256sum --check`."""
    for source in _model_files(models_dir):
        target = target_dir / source.relative_to(models_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    lines = [f"{digest}  {name}\n" for name, digest in _digests(target_dir).items()]
    (target_dir / SUMS_NAME).write_text("".join(lines), encoding="utf-8")


def changed_files(target_dir: Path) -> list[str]:
    """List model files that are missing, unknown, or not what `SHA256SUMS` says."""
    lines = (target_dir / SUMS_NAME).read_text(encoding="utf-8").splitlines()
    pinned = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = _digests(target_dir)
    names = sorted(pinned.keys() | found.keys())
    return [name for name in names if pinned.get(name) != found.get(name)]


def _model_files(folder: Path) -> list[Path]:
    parts = [folder / name for name in MODEL_FOLDERS]
    return sorted(path for part in parts for path in part.rglob("*") if path.is_file())


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _model_files(folder)
    }
