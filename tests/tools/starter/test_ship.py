"""Shipping: what is copied, and which changes the checksums reveal."""

from typing import TYPE_CHECKING

import pytest

from tools.starter.ship import changed_files, ship

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Ship two small files."""
    built = tmp_path / "built"
    for name in ("voice/a.onnx", "whisper/model.bin"):
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(name.encode())
    target = tmp_path / "target"
    ship(built, target)
    return target


def test_what_was_shipped_is_unchanged(shipped: Path):
    """Every model file arrives and is pinned."""
    assert (shipped / "voice/a.onnx").read_bytes() == b"voice/a.onnx"
    sums = (shipped / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ")[1] for line in sums] == ["voice/a.onnx", "whisper/model.bin"]
    assert changed_files(shipped) == []


def test_a_flipped_byte_is_found(shipped: Path):
    """A file that differs is named."""
    (shipped / "whisper/model.bin").write_bytes(b"whisper/model.bim")
    assert changed_files(shipped) == ["whisper/model.bin"]


def test_missing_and_unknown_files_are_found(shipped: Path):
    """So are a file that went and a file that came."""
    (shipped / "voice/a.onnx").rename(shipped / "voice/b.onnx")
    assert changed_files(shipped) == ["voice/a.onnx", "voice/b.onnx"]


def test_a_readme_beside_the_models_is_no_model(shipped: Path):
    """Only the two model folders are pinned."""
    (shipped / "README.md").write_text("hello")
    assert changed_files(shipped) == []
