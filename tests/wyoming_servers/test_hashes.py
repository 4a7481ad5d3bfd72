"""Tests of noticing that a model is not what it was when it was fetched."""

import hashlib
from pathlib import Path

import pytest

from wyoming_servers.hashes import HubFile, find_damaged, put_aside, write_note

CONTENT = bytes(range(256)) * 5000
SMALL = b'{"size": "small"}'


def sha256(content: bytes) -> str:
    """Return the hash of a large file."""
    return hashlib.sha256(content).hexdigest()


def blob(content: bytes) -> str:
    """Return the hash of a small file, as Git names it."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Put two files on the disk, and what they are known by."""
    (tmp_path / "model.bin").write_bytes(CONTENT)
    (tmp_path / "config.json").write_bytes(SMALL)
    large = HubFile(
        path="a/model.bin", size_bytes=len(CONTENT), digest=sha256(CONTENT), is_large=True
    )
    small = HubFile(path="config.json", size_bytes=len(SMALL), digest=blob(SMALL), is_large=False)
    path = tmp_path / "hashes.json"
    write_note(path, [large, small])
    return path


def test_whole_files_are_not_damaged(note: Path):
    """What has its hash is left alone, and nothing else lies beside it."""
    assert find_damaged(note) == []
    assert {path.name for path in note.parent.iterdir()} == {
        "model.bin",
        "config.json",
        "hashes.json",
    }


@pytest.mark.parametrize("at", [0, len(CONTENT) // 2, len(CONTENT) - 1])
def test_a_single_bit_is_noticed(note: Path, at: int):
    """Wherever it is, and although the size is the same."""
    content = bytearray(CONTENT)
    content[at] ^= 1
    (note.parent / "model.bin").write_bytes(content)
    assert find_damaged(note) == [note.parent / "model.bin"]


def test_small_and_cut_files_are_noticed(note: Path):
    """Both kinds of hash are compared, and the size."""
    (note.parent / "config.json").write_bytes(SMALL.replace(b"small", b"large"))
    (note.parent / "model.bin").write_bytes(CONTENT[:-1])
    assert {path.name for path in find_damaged(note)} == {"model.bin", "config.json"}


def test_what_is_not_there_is_not_damaged(note: Path):
    """It is missing, which others notice."""
    (note.parent / "model.bin").unlink()
    assert find_damaged(note) == []


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[{}]", '[{"path": "x", "digest": "../x"}]'])
def test_a_note_that_makes_no_sense_knows_nothing(note: Path, text: str):
    """A damaged note costs no model."""
    note.write_text(text)
    assert find_damaged(note) == []


def test_a_damaged_file_is_put_aside(note: Path):
    """Under a name that no engine looks for, in place of an earlier one."""
    for _ in range(2):
        path = note.parent / "model.bin"
        path.write_bytes(b"x")
        aside = put_aside(path)
        assert aside.name == "model.bin.damaged"
        assert aside.read_bytes() == b"x"
        assert not path.exists()
