"""The names of a home, from a file and from clients."""

import logging
import os
from pathlib import Path

import pytest

from wyoming_servers.stt import names as module
from wyoming_servers.stt.names import HomeNames


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FILE_INTERVAL_S", 0.0)


def _write(path: Path, text: str, mtime_s: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (mtime_s, mtime_s))


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    """Without a file and clients there are no names."""
    assert HomeNames(None, tmp_path / "names.json").current == ()


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """One name a line, comments and empty lines left out, newest first."""
    file = tmp_path / "names.txt"
    _write(file, "# rooms\nSala\n\n  Cozinha  \n#Quarto\n", 1000)
    names = HomeNames(file, tmp_path / "kept.json")
    assert names.current == ("Sala", "Cozinha")
    _write(file, "Varanda\n", 2000)
    assert names.current == ("Varanda",)


def test_a_broken_file_leaves_what_was_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is gone or no text is one warning, and the last good names stay."""
    file = tmp_path / "names.txt"
    _write(file, "Sala\n", 1000)
    names = HomeNames(file, tmp_path / "kept.json")
    assert names.current == ("Sala",)
    file.write_bytes(b"\xff\xfe\xff")
    with caplog.at_level(logging.WARNING):
        assert names.current == names.current == ("Sala",)
        file.unlink()
        assert names.current == ("Sala",)
    assert len(caplog.records) == 1
    assert str(file) in caplog.text
    _write(file, "Quarto\n", 3000)
    assert names.current == ("Quarto",)


def test_what_clients_bring_survives_a_restart(tmp_path: Path) -> None:
    """Names are kept on disk, and the next ones replace them."""
    kept = tmp_path / "data" / "names.json"
    names = HomeNames(None, kept)
    names.take(["Sala", "Luz da sala"])
    assert names.current == ("Sala", "Luz da sala")
    again = HomeNames(None, kept)
    assert again.current == ("Sala", "Luz da sala")
    again.take(["Quarto"])
    assert HomeNames(None, kept).current == ("Quarto",)


def test_servers_that_share_a_place_share_the_names(tmp_path: Path) -> None:
    """Behind a load balancer, Home Assistant brings them to one of several servers."""
    kept = tmp_path / "names.json"
    first, second = HomeNames(None, kept), HomeNames(None, kept)
    first.take(["Sala"])
    assert second.current == ("Sala",)
    second.take(["Sala", "Quarto"])
    assert first.current == ("Sala", "Quarto")
    assert [path.name for path in tmp_path.iterdir()] == ["names.json"]


def test_sources_are_joined(tmp_path: Path) -> None:
    """The file comes first; each name counts once, however it is written; none is too long."""
    file = tmp_path / "names.txt"
    _write(file, "SALA\n", 1000)
    names = HomeNames(file, tmp_path / "kept.json")
    names.take(["sala", "Abajur", " ", "x" * 81])
    assert names.current == ("SALA", "Abajur")


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", "null"])
def test_what_was_kept_may_be_broken(tmp_path: Path, content: str) -> None:
    """A file that was cut or changed by hand is as good as none."""
    kept = tmp_path / "names.json"
    kept.write_text(content, encoding="utf-8")
    names = HomeNames(None, kept)
    assert names.current == ()
    names.take(["Sala"])
    assert HomeNames(None, kept).current == ("Sala",)


def test_a_disk_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The names are used all the same, and one line tells where they were not kept."""
    (tmp_path / "blocked").write_text("a file", encoding="utf-8")
    names = HomeNames(None, tmp_path / "blocked" / "names.json")
    with caplog.at_level(logging.WARNING):
        names.take(["Sala"])
        names.take(["Sala"])
    assert names.current == ("Sala",)
    assert len(caplog.records) == 1
    assert "Sala" not in caplog.text
