"""Tests of keeping what was spoken: in memory and on disk, up to a size."""

import logging
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_servers.tts.cache import SoundCache


def test_a_sound_is_found_again():
    """By all of its key, and no other."""
    cache = SoundCache(100)
    assert cache.get(("a", None)) is None
    cache.put(("a", None), b"sound")
    assert cache.get(("a", None)) == b"sound"
    assert cache.get(("a", 0)) is None


def test_sounds_used_longest_ago_give_way():
    """The size is the limit, and what is used stays."""
    cache = SoundCache(10)
    for name in "abc":
        cache.put((name,), name.encode() * 3)
    cache.get(("a",))
    cache.put(("d",), b"dddd")
    assert [cache.get((name,)) for name in "abcd"] == [b"aaa", None, b"ccc", b"dddd"]
    assert cache.size_bytes == 10


@pytest.mark.parametrize("max_bytes", [0, 4])
def test_what_is_too_large_is_not_kept(max_bytes: int, tmp_path: Path):
    """It would drive out everything else; a size of nothing turns the cache off."""
    cache = SoundCache(max_bytes, tmp_path)
    cache.put(("a",), b"sound")
    assert cache.get(("a",)) is None
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=40))
def test_the_size_is_true(puts: list[tuple[int, int]]):
    """Whatever is put, replaced and forgotten, the count of bytes is that of the sounds."""
    cache = SoundCache(30)
    for name, size in puts:
        cache.put((name,), b"x" * size)
        kept = [cache.get((each,)) for each in range(6)]
        assert cache.size_bytes == sum(len(each) for each in kept if each is not None) <= 30


def test_sounds_on_disk_outlive_the_process(tmp_path: Path):
    """Another cache on the same folder has them; their names tell nothing."""
    folder = tmp_path / "sounds"
    SoundCache(100, folder).put(("segredo",), b"sound")
    (file,) = folder.iterdir()
    assert "segredo" not in file.name
    assert SoundCache(100, folder).get(("segredo",)) == b"sound"
    assert SoundCache(100, folder).get(("outro",)) is None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_folder_is_bounded(tmp_path: Path):
    """Files used longest ago are deleted, also those of an earlier process."""
    for number in range(8):
        SoundCache(80, tmp_path).put((number,), b"x" * 20)
        for age, file in enumerate(
            sorted(tmp_path.iterdir(), key=lambda each: -each.stat().st_mtime_ns)
        ):
            os.utime(file, ns=(0, 10**9 * (100 - age)))
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 80
    assert SoundCache(80, tmp_path).get((7,)) is not None
    assert SoundCache(80, tmp_path).get((0,)) is None


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """The sound is kept in memory all the same."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = SoundCache(100, blocked)
    with caplog.at_level(logging.WARNING):
        cache.put(("a",), b"sound")
    assert cache.get(("a",)) == b"sound"
    assert str(blocked) in caplog.text
