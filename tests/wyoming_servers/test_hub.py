"""Tests of fetching files from a hub over real HTTP, faults included."""

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault
from wyoming_servers.hashes import HubFile
from wyoming_servers.hub import (
    CorruptFileError,
    DiskSpaceError,
    Hub,
    HubError,
    HubUnreachableError,
    NotOnHubError,
    Progress,
)
from wyoming_servers.patient_http import Patience

REPOSITORY = "Systran/faster-whisper-tiny"
BIG = bytes(range(256)) * 8000
SMALL = b'{"size": "small"}'
FILES = {"model.bin": BIG, "config.json": SMALL, "sub/other.json": b"{}"}
CDN = f"/cdn/{REPOSITORY}/model.bin"
QUICK = Patience(connect_s=2.0, stall_s=2.0, pauses_s=(0.0,))


def _entry(oid: str) -> bytes:
    """Write a listing of one file with this hash."""
    return json.dumps([{"type": "file", "path": "a", "size": 1, "oid": oid}]).encode()


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    """Run a hub with one repository."""
    with FakeHub({REPOSITORY: dict(FILES)}) as hub:
        yield hub


def fetch(fake: FakeHub, directory: Path, patience: Patience = QUICK) -> None:
    """Fetch the whole repository."""
    hub = Hub(fake.url, patience=patience)
    hub.fetch(REPOSITORY, hub.list_files(REPOSITORY), directory)


def test_files_arrive_with_nothing_left_over(fake: FakeHub, tmp_path: Path):
    """A fetch leaves exactly the files of the folder, byte for byte."""
    fetch(fake, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "model.bin": BIG,
        "config.json": SMALL,
    }


def test_largest_file_comes_last(fake: FakeHub, tmp_path: Path):
    """Whoever sees the model's file can rely on the small ones."""
    fetch(fake, tmp_path)
    resolved = [path for path, _ in fake.requests if "/resolve/" in path]
    assert [path.rpartition("/")[2] for path in resolved] == ["config.json", "model.bin"]


def test_whole_file_is_not_fetched_again(fake: FakeHub, tmp_path: Path):
    """A second fetch moves no file."""
    fetch(fake, tmp_path)
    sent = fake.sent_bytes.total()
    fetch(fake, tmp_path)
    assert fake.sent_bytes.total() == sent


def test_cut_transfer_goes_on_where_it_stopped(fake: FakeHub, tmp_path: Path):
    """A cut costs no byte twice."""
    fake.faults.append(Fault(path="/cdn/", cut_after_bytes=700_000))
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG
    ranges = [asked for path, asked in fake.requests if path == CDN]
    assert ranges == [None, "bytes=700000-"]
    assert fake.sent_bytes[CDN] == len(BIG)


def test_next_run_goes_on_where_the_last_one_gave_up(fake: FakeHub, tmp_path: Path):
    """What an interrupted run left is used by the next process."""
    fake.faults.append(Fault(path="/cdn/", cut_after_bytes=700_000))
    fake.faults.extend(Fault(path="/cdn/", status=503) for _ in range(2))
    with pytest.raises(HubUnreachableError, match="HTTP 503"):
        fetch(fake, tmp_path)
    assert not (tmp_path / "model.bin").exists()
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG
    assert fake.sent_bytes[CDN] == len(BIG)


def test_cuts_that_make_progress_never_exhaust_the_retries(fake: FakeHub, tmp_path: Path):
    """Only attempts that bring next to nothing count against the limit."""
    fake.faults.extend(Fault(path="/cdn/", cut_after_bytes=200_000) for _ in range(6))
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG


def test_server_that_ignores_ranges_sends_everything_again(fake: FakeHub, tmp_path: Path):
    """A whole answer to a range request replaces what was there."""
    fake.faults.append(Fault(path="/cdn/", cut_after_bytes=1000))
    fake.faults.append(Fault(path="/cdn/", ignores_range=True))
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG


def test_damaged_remains_of_an_earlier_run_are_replaced(fake: FakeHub, tmp_path: Path):
    """A part that does not lead to the right hash is fetched from its first byte."""
    fake.faults.append(Fault(path="/cdn/", cut_after_bytes=1000))
    fake.faults.extend(Fault(path="/cdn/", status=500) for _ in range(2))
    with pytest.raises(HubUnreachableError):
        fetch(fake, tmp_path)
    (part,) = tmp_path.glob("model.bin.*.part")
    part.write_bytes(b"x" * 1000)
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG


@pytest.mark.parametrize(("path", "name"), [("/cdn/", "model.bin"), ("cache", "config.json")])
def test_wrong_hash_is_refused(fake: FakeHub, tmp_path: Path, path: str, name: str):
    """Bytes that differ from what the hub declares never become a model."""
    wrong = b"!" * len(FILES[name])
    fake.faults.extend(Fault(path=path, body=wrong) for _ in range(2))
    with pytest.raises(CorruptFileError, match=name):
        fetch(fake, tmp_path)
    assert not list(tmp_path.glob(f"{name}*"))


def test_passing_corruption_is_healed(fake: FakeHub, tmp_path: Path):
    """One bad transfer is tried once more."""
    fake.faults.append(Fault(path="/cdn/", body=b"!" * len(BIG)))
    fetch(fake, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG


@pytest.mark.parametrize("status", [401, 404])
def test_absent_repository(fake: FakeHub, status: int):
    """The hub answers 401 or 404 for what it does not have; trying again is useless."""
    fake.faults.append(Fault(path="/tree/", status=status))
    with pytest.raises(NotOnHubError, match=str(status)):
        Hub(fake.url, patience=QUICK).list_files(REPOSITORY)


def test_server_error_is_worth_a_later_try(fake: FakeHub):
    """HTTP 500 is the hub's trouble, not a missing model."""
    fake.faults.extend(Fault(path="/tree/", status=500) for _ in range(2))
    with pytest.raises(HubUnreachableError, match="HTTP 500"):
        Hub(fake.url, patience=QUICK).list_files(REPOSITORY)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_server_error_is_tried_again(fake: FakeHub, status: int):
    """One hiccup of the hub costs a pause, not the model."""
    fake.faults.append(Fault(path="/tree/", status=status))
    names = [file.name for file in Hub(fake.url, patience=QUICK).list_files(REPOSITORY)]
    assert names == ["model.bin", "config.json"]


def test_fake_hub_is_one_to_the_hub_s_own_client(fake: FakeHub):
    """The listing that our tests rely on is what huggingface_hub reads, hashes included."""
    client = pytest.importorskip("huggingface_hub").HfApi(endpoint=fake.url)
    entries = {entry.path: entry for entry in client.list_repo_tree(REPOSITORY)}
    ours = {file.path: file for file in Hub(fake.url).list_files(REPOSITORY)}
    assert entries["model.bin"].lfs.sha256 == ours["model.bin"].digest
    assert entries["config.json"].lfs is None
    assert entries["config.json"].blob_id == ours["config.json"].digest
    assert entries["model.bin"].size == ours["model.bin"].size_bytes == len(BIG)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[1]",
        b'[{"type": "file"}]',
        b"\xff",
        b"{}x",
        _entry(oid="../../x"),
        _entry(oid=""),
    ],
)
def test_senseless_listing(fake: FakeHub, body: bytes):
    """A captive portal's page in place of a listing is named as such."""
    fake.faults.append(Fault(path="/tree/", body=body))
    with pytest.raises(HubError, match="makes no sense"):
        Hub(fake.url, patience=QUICK).list_files(REPOSITORY)


def test_stalled_transfer_is_dropped_and_resumed(fake: FakeHub, tmp_path: Path):
    """Silence in the middle of a file ends the attempt, not the fetch."""
    never = threading.Event()
    fake.faults.append(Fault(path="/cdn/", gate=never))
    fetch(fake, tmp_path, Patience(stall_s=0.5, pauses_s=(0.0,) * 4))
    never.set()
    assert (tmp_path / "model.bin").read_bytes() == BIG
    assert [path for path, _ in fake.requests].count(CDN) >= 2


def test_trickle_counts_as_a_stall(tmp_path: Path):
    """Bytes below the least speed for a whole window end the attempt."""
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            while True:
                link, _ = listener.accept()
                with link:
                    if stop.is_set():
                        return
                    link.recv(4096)
                    link.sendall(body)
                    while not stop.wait(0.01):
                        try:
                            link.sendall(b"x")
                        except OSError:
                            break

        thread = threading.Thread(target=trickle)
        thread.start()
        hub = Hub(
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            patience=Patience(stall_s=0.1, pauses_s=()),
        )
        file = HubFile(path="a.bin", size_bytes=100_000, digest="0" * 64, is_large=True)
        try:
            with pytest.raises(HubUnreachableError, match=r"too slow|timed out"):
                hub.fetch(REPOSITORY, [file], tmp_path)
        finally:
            stop.set()
            with socket.create_connection(listener.getsockname()[:2]):
                thread.join()


def test_silent_hub_is_given_up(tmp_path: Path):
    """A host that accepts and never answers does not hold the start."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hub = Hub(
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            patience=Patience(connect_s=0.2, stall_s=0.2),
        )
        with pytest.raises(HubUnreachableError, match="timed out"):
            hub.list_files(REPOSITORY)


def test_closed_port_is_named():
    """The error says which address did not answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(HubUnreachableError, match=rf"127\.0\.0\.1:{port}.*refused"):
        Hub(f"http://127.0.0.1:{port}", patience=QUICK).list_files(REPOSITORY)


def test_full_disk_is_noticed_before_the_first_byte(
    fake: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Files that do not fit are not begun."""
    usage = shutil.disk_usage(tmp_path)._replace(free=50 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError, match="50 MiB free"):
        fetch(fake, tmp_path)
    assert not list(tmp_path.iterdir())


def test_two_fetches_at_once_move_each_file_once(fake: FakeHub, tmp_path: Path):
    """The second of two servers waits for the first one's file."""
    fake.faults.append(Fault(path="/cdn/", stall_s=0.2))
    threads = [threading.Thread(target=fetch, args=(fake, tmp_path)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "model.bin").read_bytes() == BIG
    assert fake.sent_bytes[CDN] == len(BIG)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("url", ["file:///etc", "ftp://host", "huggingface.co"])
def test_only_http_addresses(url: str):
    """No other scheme is ever opened."""
    with pytest.raises(ValueError, match="https://"):
        Hub(url)


def test_progress_can_be_watched(fake: FakeHub, tmp_path: Path):
    """Another thread sees how far a fetch is, all of its files together; and that none runs."""
    gate = threading.Event()
    fake.faults.append(Fault(path="/cdn/", gate=gate, gate_after_bytes=len(BIG) // 2))
    hub = Hub(fake.url, patience=QUICK)
    assert hub.progress is None
    files = hub.list_files(REPOSITORY)
    fetching = threading.Thread(target=lambda: hub.fetch(REPOSITORY, files, tmp_path, name="tiny"))
    fetching.start()
    total_bytes = len(BIG) + len(SMALL)
    wanted = Progress(name="tiny", done_bytes=len(SMALL) + len(BIG) // 2, total_bytes=total_bytes)
    try:
        while hub.progress != wanted:
            assert fetching.is_alive()
            time.sleep(0.01)
    finally:
        gate.set()
        fetching.join()
    assert hub.progress is None


def test_disk_that_fills_up_meanwhile(
    fake: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What others have filled is noticed before the last byte is taken; the part is kept."""
    real = os.fstatvfs

    def full(number: int) -> os.statvfs_result:
        state = real(number)
        return os.statvfs_result((*state[:2], state[2], state[3], 0, *state[5:]))

    hub = Hub(fake.url, patience=QUICK)
    files = hub.list_files(REPOSITORY)
    monkeypatch.setattr(os, "fstatvfs", full)
    with pytest.raises(DiskSpaceError, match="no room"):
        hub.fetch(REPOSITORY, files, tmp_path)
    assert not (tmp_path / "model.bin").exists()
    monkeypatch.setattr(os, "fstatvfs", real)
    hub.fetch(REPOSITORY, files, tmp_path)
    assert (tmp_path / "model.bin").read_bytes() == BIG
