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


@pytest.mark.skipif(os.name == "nt", reason="this system has no such rights")
@pytest.mark.parametrize("write", [write_whole, open_and_write])
def test_what_others_may_not_read_they_may_not_when_it_was_written_anew(tmp_path, write):
    path, new = tmp_path / "grades.csv", tmp_path / "new.csv"
    path.write_text("old")
    path.chmod(0o600)
    write(path, b"mine")
    write(new, b"anybody's")
    assert path.read_bytes() == b"mine" and path.stat().st_mode & 0o777 == 0o600
    assert new.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    old = os.umask(0)
    os.umask(old)
    return old


@pytest.mark.parametrize("there", [True, False])
def test_where_a_link_leads_there_answers_are_written(tmp_path, there):
    (tmp_path / "answers").mkdir()
    target, link = tmp_path / "answers" / "may.jsonl", tmp_path / "latest.jsonl"
    if there:
        target.write_text("old")
    link.symlink_to(target)
    open_and_write(link, b"new")
    assert link.is_symlink() and target.read_text() == "new" and os.listdir(target.parent) == ["may.jsonl"]


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
