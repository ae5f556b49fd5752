"""Files are whole or not there, whoever else writes beside them."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from utils.files import opened_whole, write_whole


def test_many_write_into_one_folder_at_once(tmp_path):
    def write(number):
        for turn in range(20):
            write_whole(tmp_path / f"{number}.json", f"{number} {turn}".encode() * 5000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(os.listdir(tmp_path)) == [f"{n}.json" for n in range(8)]
    for n in range(8):
        assert (tmp_path / f"{n}.json").read_bytes() == f"{n} 19".encode() * 5000


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.json"]


def open_and_write(path, content):
    with opened_whole(path) as file:
        file.write(content.decode())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("write", [write_whole, open_and_write])
def test_a_pipe_or_a_device_is_written_to_and_stays_what_it_is(tmp_path, write):
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        came = pool.submit(pipe.read_bytes)
        write(pipe, b"one line")
        assert came.result(20) == b"one line" and pipe.is_fifo()
    device.symlink_to(os.devnull)
    write(device, b"lost")
    assert device.is_symlink() and device.is_char_device() and sorted(os.listdir(tmp_path)) == ["device", "pipe"]
